import { readdir, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { UsageError } from '../errors/index.js';
import type { ConfigurationSource, NamedConfiguration } from '../harness/index.js';
import { type AppIssuer, appAt, runApp } from './cdktf-app.js';
import { readStackFile, readStacks, STACK_FILE } from './stack-files.js';
import { type GivenVariables, sayUnmatched } from './variables.js';

const TERRAFORM = /\.tf(?:\.json)?$/;

/** What an argument names. */
export interface Entry {
  /** An app, which is run, what one was synthesised to, or HCL and Terraform's JSON syntax. */
  readonly kind: 'app' | 'synthesised' | 'terraform';
  /** Whether it may declare something of Consul's; of an app that is not known before it runs. */
  readonly mayUseConsul: boolean;
  /**
   * Gives its configurations; an app is run each time.
   * @throws VaultproofError `synth_failed`
   * @throws VaultproofError what reading HCL throws, where values of variables are given
   */
  declare(issuer: AppIssuer, signal: AbortSignal): Promise<(NamedConfiguration | ConfigurationSource)[]>;
}

/**
 * Finds what an argument names: a cdktf app, a project by its `cdktf.json` or the folder with it, a synthesised
 * `cdk.tf.json`, a folder with one or, like `cdktf.out`, with several, or HCL: a root module's folder or one file of it. What
 * was synthesised is read at once.
 * @param variables for HCL, and for what was synthesised
 * @throws UsageError when there is none
 */
export async function readEntry(entry: string, variables: GivenVariables): Promise<Entry> {
  const stats = await stat(entry).catch(() => undefined);
  if (stats === undefined) throw new UsageError(`there is no "${entry}"`);
  const app = await appAt(entry);
  const hasVariables = variables.files.length > 0 || Object.keys(variables.texts).length > 0;
  if (app) {
    if (hasVariables)
      throw new UsageError(`"${entry}" is a cdktf app: leave --var and --var-file out, which are for HCL`);
    return { kind: 'app', mayUseConsul: true, declare: (issuer, signal) => runApp(app, issuer, signal) };
  }
  if (!stats.isDirectory() && extname(entry) !== '.json' && !TERRAFORM.test(entry))
    throw new UsageError(
      `"${entry}" is neither a cdktf app (.ts, .js), a cdktf.json, a ${STACK_FILE}, a *.tf nor a folder`,
    );
  const isHcl = stats.isDirectory()
    ? await isRootModule(entry)
    : TERRAFORM.test(entry) && basename(entry) !== STACK_FILE;
  if (isHcl || hasVariables) {
    return {
      kind: isHcl ? 'terraform' : 'synthesised',
      mayUseConsul: await usesConsul(entry),
      declare: async (issuer) => [await configurationSource(entry, variables, issuer)],
    };
  }
  const configurations = stats.isDirectory() ? await readStacks(entry) : [await readStackFile(entry)];
  const mayUseConsul = configurations.some(({ json }) => CONSUL.test(JSON.stringify(json)));
  return { kind: 'synthesised', mayUseConsul, declare: async () => configurations };
}

/** A type of Consul's provider, or of Vault's for Consul, in Terraform's JSON syntax. */
const CONSUL = /"(?:consul_\w+|vault_consul_\w+)":/;

/** Whether a configuration in HCL, or a module that it calls, declares something of Consul's. */
async function usesConsul(source: string): Promise<boolean> {
  const { declaredTypes } = await import('../harness/hcl/index.js');
  return (await declaredTypes(source)).some((type) => /^(?:vault_)?consul_/.test(type));
}

/** Whether a folder has Terraform that cdktf did not write. */
async function isRootModule(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  return names.some((name) => TERRAFORM.test(name)) && !names.includes(STACK_FILE);
}

/** A value that names one of these is the running issuer's, as a cdktf app finds it in its environment. */
async function configurationSource(
  source: string,
  { texts, files }: GivenVariables,
  { url, jwksUrl }: AppIssuer,
): Promise<ConfigurationSource> {
  const told: Readonly<Record<string, string>> = { JWKS_URL: jwksUrl, BOUND_ISSUER: url, ISSUER_URL: url };
  const named = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, told[text] ?? text]));
  const { variablesFromText } = await import('../harness/hcl/index.js');
  const { values, undeclared } = await variablesFromText(source, named);
  const [first] = undeclared;
  if (first !== undefined) throw new UsageError(`"${source}" declares no variable "${first}": correct --var`);
  return { source, variables: values, variableFiles: files };
}

/**
 * Says which patterns of --ignore match nothing of what an argument names.
 * @throws VaultproofError what reading HCL throws
 */
export async function sayUnmatchedIn(
  configurations: readonly (NamedConfiguration | ConfigurationSource)[],
  ignore: readonly string[],
): Promise<void> {
  if (ignore.length === 0) return;
  const { readSource } = await import('../harness/hcl/index.js');
  for (const configuration of configurations) {
    if (!('source' in configuration)) continue;
    const { source, ...variables } = configuration;
    for (const { unmatched } of await readSource(source, { ...variables, ignore })) sayUnmatched(unmatched);
  }
}
