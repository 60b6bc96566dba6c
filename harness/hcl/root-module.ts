import { realpath } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import type { SensitiveValues } from '../../internal/sensitive-values.js';
import type { Json } from '../terraform-json/document.js';
import type { NamespacesOfProviders } from '../terraform-json/provider-namespaces.js';
import type { ModuleConfiguration } from './configuration.js';
import { documentOf, namespacesIn } from './document.js';
import { EvaluationContext } from './evaluation-context.js';
import { type LoadedModule, loadModules } from './load.js';
import { ModuleInstance } from './module-instance.js';
import { byLocalName, bySource, inCalledModule, providerName, type RootProvider } from './providers.js';
import { readRoot } from './read-terraform.js';
import { sensitiveVariables } from './sensitive.js';
import { rootsOf, variablesOf } from './source.js';
import { declaredEnvironment, givenVariables, missingVariables, type VariableSources } from './variables.js';

/** A root module as it is written, for Terraform to context. */
export interface RootModule {
  /** A stack's name, or the path of the folder or the file. */
  readonly name: string;
  /** Its real path. */
  readonly folder: string;
  /** The one file of it that counts; undefined for all. */
  readonly file: string | undefined;
  /** The real paths of the folder and those of the local modules, wherever they are. */
  readonly folders: readonly string[];
  /** The blocks of all files in Terraform's JSON syntax, with their expressions. */
  readonly json: Json;
  /** Those of its Vault providers. */
  readonly namespaces: NamespacesOfProviders;
  /**
   * The arguments of resources in local modules, by address without instance keys: `module.login.vault_policy.reader`. Their
   * providers have the root module's names.
   */
  readonly moduleResources: Readonly<Record<string, Json>>;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The values of its sensitive variables, and what functions and called modules make of them as far as it is known. */
  readonly sensitive: SensitiveValues;
  /** Absolute paths. */
  readonly variableFiles: readonly string[];
  /** `TF_VAR_*` by name. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Reads what has to be known of root modules before Terraform runs them. Only the namespaces of providers are evaluated, and
 * modules from a registry are left to Terraform.
 * @param source what readSource accepts
 * @throws VaultproofError `configuration_not_found`, `syntax_invalid`, `variable_missing`, `variable_invalid`, `file_not_found`,
 * `dependency_cycle`
 */
export async function readRootModules(source: string, options: VariableSources): Promise<readonly RootModule[]> {
  const modules: RootModule[] = [];
  const roots = await rootsOf(source);
  for (const root of roots) {
    const own = { ...options, variables: await variablesOf(root, roots, options.variables) };
    modules.push(await readRootModule(root.name, root.path, own));
  }
  return modules;
}

/**
 * The types of all resources and data sources of the root modules and the local modules that they call.
 * @param source what readSource accepts
 */
export async function declaredTypes(source: string): Promise<readonly string[]> {
  const typesOf = ({ configuration, modules }: LoadedModule): string[] => [
    ...configuration.resources.map(({ type }) => type),
    ...[...modules.values()].flatMap(({ module }) => typesOf(module)),
  ];
  const types: string[] = [];
  for (const { path } of await rootsOf(source)) {
    types.push(...typesOf(await loadModules(await readRoot(path), { isIgnored: () => false, isLenient: true })));
  }
  return types;
}

async function readRootModule(name: string, path: string, options: VariableSources): Promise<RootModule> {
  const configuration = await readRoot(path);
  const given = await givenVariables(configuration, options);
  const missing = missingVariables(configuration, given);
  if (missing) throw missing;
  const context = new EvaluationContext(() => false, true);
  context.sensitive.addAll([...sensitiveVariables(configuration, given).values()]);
  const loaded = await loadModules(configuration, context);
  const provider = bySource(configuration);
  const call = { prefix: '', names: [], given: (one: string) => given.get(one), provider, dependsOn: () => [] };
  const { folder } = configuration;
  const root = new ModuleInstance(loaded, call, context);
  noteDerived(root, context);
  return {
    name,
    folder: await realpath(folder),
    file: folder === dirname(resolve(path)) ? basename(path) : undefined,
    folders: [...new Set(await Promise.all(foldersOf(loaded).map((one) => realpath(one))))],
    json: blocksOf(configuration),
    namespaces: byLocalName(configuration, namespacesIn(root)),
    moduleResources: Object.fromEntries(moduleResources(loaded, '', provider)),
    variables: options.variables ?? {},
    sensitive: context.sensitive,
    variableFiles: (options.variableFiles ?? []).map((file) => resolve(folder, file)),
    environment: options.variablesFromEnvironment === true ? declaredEnvironment(configuration) : {},
  };
}

/** Notes what functions and called modules make of what is sensitive, up to what can't be evaluated here: Terraform says what is wrong. */
function noteDerived(root: ModuleInstance, context: EvaluationContext): void {
  try {
    documentOf(root, context);
  } catch (error) {
    if (!(error instanceof VaultproofError)) throw error;
  }
}

function foldersOf({ configuration, modules }: LoadedModule): string[] {
  return [configuration.folder, ...[...modules.values()].flatMap(({ module }) => foldersOf(module))];
}

function moduleResources(
  { modules }: LoadedModule,
  prefix: string,
  outer: RootProvider,
): [address: string, body: Json][] {
  return [...modules].flatMap(([name, { block, module }]) => {
    const inner = `${prefix}module.${name}.`;
    const rootProvider = inCalledModule(block.body, module.configuration, outer);
    const managed = module.configuration.resources.filter(({ mode }) => mode === 'managed');
    return [
      ...managed.map((one): [string, Json] => {
        const provider = rootProvider(providerName(one));
        return [`${inner}${one.type}.${one.name}`, { ...one.body, provider }];
      }),
      ...moduleResources(module, inner, rootProvider),
    ];
  });
}

/** All files as one document: overrides of resources are merged, other blocks stand side by side. */
function blocksOf({ files, resources }: ModuleConfiguration): Json {
  const document: Record<string, unknown[]> = {};
  for (const { json } of files) {
    for (const [kind, value] of Object.entries(json)) {
      if (kind === 'resource' || kind === 'data' || kind === '//') continue;
      document[kind] = [...(document[kind] ?? []), ...(Array.isArray(value) ? value : [value])];
    }
  }
  const ofMode = (mode: 'managed' | 'data'): Json[] =>
    resources.filter((one) => one.mode === mode).map(({ type, name, body }) => ({ [type]: { [name]: body } }));
  const [resource, data] = [ofMode('managed'), ofMode('data')];
  return { ...document, ...(resource.length > 0 && { resource }), ...(data.length > 0 && { data }) };
}
