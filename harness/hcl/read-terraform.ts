import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import type { NamespacesOfProviders } from '../terraform-json/provider-namespaces.js';
import { type Block, isFolder, type ModuleConfiguration, readFolder, readOneFile } from './configuration.js';
import { namespacesIn } from './document.js';
import { evaluated, keptDocument, type ReadDocument } from './document-cache.js';
import { placeOf } from './error-location.js';
import { EvaluationContext } from './evaluation-context.js';
import { ignoring, unmatchedIn } from './ignoring.js';
import { type LoadedModule, loadModules } from './load.js';
import { ModuleInstance } from './module-instance.js';
import { byLocalName, bySource } from './providers.js';
import { sensitiveVariables } from './sensitive.js';
import { importsOf } from './state-blocks.js';
import { refuseEphemeralOutputs } from './validate.js';
import { Unknown, type Value } from './values.js';
import { givenVariables, missingVariables, type VariableSources } from './variables.js';

/** How a configuration is read. */
export interface ReadOptions extends VariableSources {
  /**
   * What to pass over: types or addresses, `*` standing for anything: `vault_pki_*`, `data.aws_*`, `module.legacy`. What needs
   * something of it is passed over, too.
   */
  readonly ignore?: readonly string[];
}

/**
 * Evaluates a Terraform configuration with its local modules, without Terraform: what is left are resources, data sources
 * and outputs in the JSON syntax, with references to what is known only after an apply.
 * @param source a root module's folder, or one file of it
 * @throws VaultproofError `configuration_not_found`, `syntax_invalid`, `variable_missing`, `variable_invalid`, `value_unknown`,
 * `expression_invalid`, `function_unknown`, `file_not_found`, `file_outside_folder`, `module_not_local`, `dependency_cycle`,
 * `too_many_instances`
 */
export async function readTerraform(source: string, options: ReadOptions = {}): Promise<ReadDocument> {
  const { ignore = [] } = options;
  const matched = new Set<string>();
  const context = new EvaluationContext(ignoring(ignore, matched));
  const configuration = await readRoot(source);
  const module = await loadModules(configuration, context);
  const given = await givenVariables(configuration, options);
  return keptDocument(module, { given, ignore: [...ignore] }, context, () => {
    const missing = missingVariables(configuration, given);
    if (missing) throw missing;
    refuseEphemeralOutputs(configuration);
    const root = new ModuleInstance(
      module,
      {
        prefix: '',
        names: [],
        given: (name) => given.get(name),
        provider: bySource(configuration),
        dependsOn: () => [],
      },
      context,
    );
    const document = evaluated(root, context);
    const passedOver = [...document.passedOver, ...importsOf(configuration)];
    return { ...document, passedOver, unmatched: unmatchedIn(module, ignore, context, matched) };
  });
}

/** A configuration as far as it is known without values for its variables, and the folders that belong to it. */
export interface UnappliedDocument extends ReadDocument {
  /** The file of the root module that declares an address, by itself or in a module that it calls. */
  readonly declaredIn: (address: string) => string | undefined;
  /** Those of its Vault providers. */
  readonly namespaces: NamespacesOfProviders;
  /** The arguments of remote modules, which are not read, by their addresses. */
  readonly remoteModules: Readonly<Record<string, unknown>>;
  /** What expressions of blocks lead to, as it is written: locals, variables, `for_each` and the arguments of modules. */
  readonly expressions: unknown;
  /** The variables whose values are hidden. */
  readonly hiddenVariables: readonly string[];
  /** A digest of the values that are hidden, to tell whether they have changed; undefined where none is. */
  readonly hiddenValues?: string | undefined;
}

/** How a configuration is looked at. */
export interface UnappliedOptions extends ReadOptions {
  /** Whether variables with `sensitive = true` are taken for ones without a value; default false. */
  readonly hidesSensitive?: boolean | undefined;
}

/**
 * The same for what only looks at a configuration: variables without a value, remote modules and files outside the modules' folders
 * are unknown, and one instance stands for those of a `for_each` over what is unknown. Provider blocks are kept.
 * @param source a root module's folder, or one file of it
 */
export async function readUnapplied(source: string, options: UnappliedOptions = {}): Promise<UnappliedDocument> {
  return evaluateUnapplied(await loadUnapplied(source, options), options);
}

/** A root module with the local modules that it calls, of which nothing is evaluated. */
export type UnappliedRoot = LoadedModule;

/** Reads the files that {@link readUnapplied} evaluates. */
export async function loadUnapplied(source: string, { ignore = [] }: ReadOptions = {}): Promise<UnappliedRoot> {
  return loadModules(await readRoot(source), { isIgnored: ignoring(ignore), isLenient: true });
}

/** The same as {@link readUnapplied} for files that are read. */
export async function evaluateUnapplied(
  module: UnappliedRoot,
  options: UnappliedOptions = {},
): Promise<UnappliedDocument> {
  const { ignore = [] } = options;
  const matched = new Set<string>();
  const context = new EvaluationContext(ignoring(ignore, matched), true);
  const { configuration } = module;
  const given = await givenVariables(configuration, options);
  const valueFor = (name: string): Value => given.get(name) ?? unknownVariable(name);
  const hasDefault = (name: string): boolean => 'default' in (configuration.variables.get(name)?.body ?? {});
  const hidden =
    options.hidesSensitive === true ? sensitiveVariables(configuration, given) : new Map<string, unknown>();
  const root = new ModuleInstance(
    module,
    {
      prefix: '',
      names: [],
      given: (name) => {
        if (hidden.has(name)) return unknownVariable(name);
        return hasDefault(name) ? given.get(name) : valueFor(name);
      },
      provider: bySource(configuration),
      dependsOn: () => [],
    },
    context,
  );
  const document = evaluated(root, context);
  return {
    ...document,
    placeOf: (address) => document.placeOf(address) ?? placeInRoot(configuration, address),
    declaredIn: (address) => declaration(configuration, address)?.file.file,
    namespaces: byLocalName(configuration, namespacesIn(root)),
    remoteModules: Object.fromEntries(remoteModulesIn(module)),
    expressions: expressionsIn(module),
    unmatched: unmatchedIn(module, ignore, context, matched),
    hiddenVariables: [...hidden].flatMap(([name, value]) => (value === undefined ? [] : [name])),
    ...(hidden.size > 0 && { hiddenValues: digestOf([...hidden]) }),
  };
}

function unknownVariable(name: string): Unknown {
  return new Unknown(`\${var.${name}}`, `var.${name}`, { isReference: true });
}

function digestOf(values: unknown): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex');
}

/** The block of a root module that declares an address, a module call for what is in that module. */
function declaration(
  { modules, outputs, providers, resources }: ModuleConfiguration,
  address: string,
): Block | undefined {
  const [first = '', second = '', third = ''] = address.split(/[.[]/);
  if (first === 'module') return modules.get(second);
  if (first === 'output') return outputs.get(second);
  if (first === 'provider') return providers.find(([name]) => name === second)?.[1];
  const [type, name] = first === 'data' ? [second, third] : [first, second];
  return resources.find(
    (one) => one.type === type && one.name === name && (one.mode === 'data') === (first === 'data'),
  );
}

/** The place of an output or a provider. */
function placeInRoot(configuration: ModuleConfiguration, address: string): string | undefined {
  const block = declaration(configuration, address);
  const [kind = '', name = ''] = address.split('.');
  return block && placeOf({ file: block.file, address, header: `${kind} "${name}"` });
}

/** The real paths of the folders of the modules that a root module, or one file of it, calls. */
export function calledFolders({ modules }: UnappliedRoot, file?: string): readonly string[] {
  const called = [...modules.values()].filter(({ block }) => file === undefined || block.file.file === file);
  return called.flatMap(({ module }) => [module.configuration.folder, ...calledFolders(module)]);
}

function remoteModulesIn({ configuration, ignored, modules }: LoadedModule, prefix = ''): [string, unknown][] {
  const own = ignored.map((name): [string, unknown] => [
    `${prefix}module.${name}`,
    configuration.modules.get(name)?.body,
  ]);
  const below = [...modules].flatMap(([name, { module }]) => remoteModulesIn(module, `${prefix}module.${name}.`));
  return [...own, ...below];
}

function expressionsIn({ configuration, modules }: LoadedModule): unknown {
  const { locals, variables, outputs, resources } = configuration;
  const bodies = (blocks: ReadonlyMap<string, { readonly body: unknown }>): unknown =>
    [...blocks].map(([name, { body }]) => [name, body]);
  return {
    locals: [...locals].map(([name, { value }]) => [name, value]),
    variables: bodies(variables),
    outputs: bodies(outputs),
    modules: bodies(configuration.modules),
    instances: resources.map(({ type, name, body }) => [type, name, body['count'], body['for_each']]),
    called: [...modules].map(([name, { module }]) => [name, expressionsIn(module)]),
  };
}

/**
 * Reads a root module without those that it calls. In messages its files are named as seen from the current directory, or
 * from the root module where its path is absolute.
 * @param source its folder, or one file of it
 * @throws VaultproofError what readFolder throws
 */
export async function readRoot(source: string): Promise<ModuleConfiguration> {
  const path = resolve(source);
  const isWhole = isFolder(path);
  const base = isAbsolute(source) ? (isWhole ? path : dirname(path)) : process.cwd();
  return isWhole ? readFolder(path, base) : readNamedFile(source, base);
}

async function readNamedFile(source: string, base: string): Promise<ModuleConfiguration> {
  const path = resolve(source);
  if (!existsSync(path)) {
    throw new VaultproofError(
      'configuration_not_found',
      `"${source}" does not exist: name a root module's folder or file`,
      { details: { path } },
    );
  }
  if (/\.tf(?:\.json)?$/.test(path)) return readOneFile(path, base);
  if (await isPlan(path)) {
    throw new VaultproofError(
      'configuration_not_found',
      `"${basename(path)}" is a plan, which does not have the expressions that an apply evaluates: name the folder that it was made from, with the same variables`,
      { details: { path } },
    );
  }
  throw new VaultproofError(
    'configuration_not_found',
    `"${basename(path)}" is neither a folder nor a *.tf or *.tf.json: name a root module's folder or file`,
    { details: { path } },
  );
}

/** Whether a file is what `terraform show -json` prints of a plan, or a saved plan, which is a zip archive. */
async function isPlan(path: string): Promise<boolean> {
  const text = await readFile(path, 'latin1').catch(() => '');
  if (text.startsWith('PK')) return true;
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) && typeof json['format_version'] === 'string' && 'planned_values' in json;
  } catch {
    return false;
  }
}
