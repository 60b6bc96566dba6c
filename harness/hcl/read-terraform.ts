import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { isFolder, type ModuleConfiguration, readFolder, readOneFile } from './configuration.js';
import { documentOf, type TerraformDocument } from './document.js';
import { loadModules } from './load.js';
import { ModuleInstance } from './module-instance.js';
import { Run } from './run.js';
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
export async function readTerraform(source: string, options: ReadOptions = {}): Promise<TerraformDocument> {
  const path = resolve(source);
  const run = new Run(ignoring(options.ignore ?? []));
  const configuration = await readRoot(path);
  const module = await loadModules(configuration, run);
  const given = await givenVariables(configuration, options);
  const missing = missingVariables(configuration, given);
  if (missing) throw missing;
  const root = new ModuleInstance(
    module,
    { prefix: '', names: [], given: (name) => given.get(name), provider: (name) => name, dependsOn: () => [] },
    run,
  );
  return documentOf(root, run);
}

/** A configuration as far as it is known without values for its variables, and the folders that belong to it. */
export interface UnappliedDocument extends TerraformDocument {
  /** The root module's folder and those of the modules that it calls. */
  readonly folders: readonly string[];
}

/**
 * The same for what only looks at a configuration: variables without a value, remote modules and files that are not there
 * are unknown, and one instance stands for those of a `for_each` over what is unknown. Provider blocks are kept.
 * @param folder a root module's
 */
export async function readUnapplied(folder: string, options: VariableSources = {}): Promise<UnappliedDocument> {
  const path = resolve(folder);
  const run = new Run(() => false, true);
  const configuration = await readFolder(path, path);
  const module = await loadModules(configuration, run);
  const given = await givenVariables(configuration, options);
  const valueFor = (name: string): Value =>
    given.get(name) ?? new Unknown(`\${var.${name}}`, `var.${name}`, { isReference: true });
  const hasDefault = (name: string): boolean => 'default' in (configuration.variables.get(name)?.body ?? {});
  const root = new ModuleInstance(
    module,
    {
      prefix: '',
      names: [],
      given: (name) => (hasDefault(name) ? given.get(name) : valueFor(name)),
      provider: (name) => name,
      dependsOn: () => [],
    },
    run,
  );
  return { ...documentOf(root, run), folders: [...run.folders] };
}

/**
 * Reads a root module without those that it calls.
 * @param path its folder, or one file of it
 * @throws VaultproofError what readFolder throws
 */
export async function readRoot(path: string): Promise<ModuleConfiguration> {
  return isFolder(path) ? readFolder(path, path) : readNamedFile(path);
}

async function readNamedFile(path: string): Promise<ModuleConfiguration> {
  if (/\.tf(?:\.json)?$/.test(path)) {
    try {
      return await readOneFile(path, dirname(path));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
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

function ignoring(patterns: readonly string[]): (...names: readonly string[]) => boolean {
  const expressions = patterns.map((pattern) => {
    const source = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^${source}$`);
  });
  return (...names) => expressions.some((expression) => names.some((name) => expression.test(name)));
}
