import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { UsageError } from '../errors/index.js';
import { makeTemporaryFolder, runGuarded } from '../harness/guardian/index.js';
import type { ConfigurationSource, NamedConfiguration } from '../harness/index.js';
import type { GivenVariables } from './variables.js';

/** An app that takes longer waits for something that does not come. */
const LIMIT_MS = 5 * 60_000;

const FILE = 'cdk.tf.json';
const PROJECT = 'cdktf.json';
const TERRAFORM = /\.tf(?:\.json)?$/;

/** How an app is run, by how its file ends. */
const RUNNERS: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  '.ts': ['npx', 'tsx'],
  '.mts': ['npx', 'tsx'],
  '.js': [process.execPath],
  '.mjs': [process.execPath],
  '.cjs': [process.execPath],
};

/** What an app is told in JWKS_URL, BOUND_ISSUER and ISSUER_URL, and what stands for these as values of variables. */
interface EntryIssuer {
  readonly url: string;
  readonly jwksUrl: string;
}

/** What an argument names. */
export interface Entry {
  /** An app, which is run, what one was synthesised to, or HCL and Terraform's JSON syntax. */
  readonly kind: 'app' | 'synthesised' | 'terraform';
  /**
   * Gives its configurations; an app is run each time.
   * @throws UsageError when the app fails
   * @throws VaultproofError what reading HCL throws, where values of variables are given
   */
  declare(issuer: EntryIssuer, signal: AbortSignal): Promise<(NamedConfiguration | ConfigurationSource)[]>;
}

/** A command that runs an app. */
interface AppCommand {
  readonly entry: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The project's own values for the app. */
  readonly context?: unknown;
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
  const app = await appOf(entry, stats.isDirectory());
  const hasVariables = variables.files.length > 0 || Object.keys(variables.texts).length > 0;
  if (app) {
    if (hasVariables)
      throw new UsageError(`"${entry}" is a cdktf app: leave --var and --var-file out, which are for HCL`);
    return { kind: 'app', declare: (issuer, signal) => runApp(app, issuer, signal) };
  }
  const isHcl = stats.isDirectory() ? await isRootModule(entry) : TERRAFORM.test(entry) && basename(entry) !== FILE;
  if (isHcl || hasVariables) {
    return {
      kind: isHcl ? 'terraform' : 'synthesised',
      declare: async (issuer) => [await configurationSource(entry, variables, issuer)],
    };
  }
  const configurations = stats.isDirectory() ? await inFolder(entry) : [await inFile(entry)];
  return { kind: 'synthesised', declare: async () => configurations };
}

/** Whether a folder has Terraform that cdktf did not write. */
async function isRootModule(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  return names.some((name) => TERRAFORM.test(name)) && !names.includes(FILE);
}

/** A value that names one of these is the running issuer's, as a cdktf app finds it in its environment. */
async function configurationSource(
  source: string,
  { texts, files }: GivenVariables,
  { url, jwksUrl }: EntryIssuer,
): Promise<ConfigurationSource> {
  const told: Readonly<Record<string, string>> = { JWKS_URL: jwksUrl, BOUND_ISSUER: url, ISSUER_URL: url };
  const named = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, told[text] ?? text]));
  const { variablesFromText } = await import('../harness/hcl/index.js');
  const { values, undeclared } = await variablesFromText(source, named);
  const [first] = undeclared;
  if (first !== undefined) throw new UsageError(`"${source}" declares no variable "${first}": correct --var`);
  return { source, variables: values, variableFiles: files };
}

async function appOf(entry: string, isFolder: boolean): Promise<AppCommand | undefined> {
  if (basename(entry) === PROJECT && !isFolder) return appOfProject(entry);
  if (isFolder) {
    const [project, synthesised] = await Promise.all([
      stat(join(entry, PROJECT)).catch(() => undefined),
      stat(join(entry, FILE)).catch(() => undefined),
    ]);
    return project && !synthesised ? appOfProject(join(entry, PROJECT)) : undefined;
  }
  if (extname(entry) === '.json' || TERRAFORM.test(entry)) return undefined;
  const [command, ...args] = RUNNERS[extname(entry)] ?? [];
  if (command !== undefined) return { entry, command, args: [...args, entry], cwd: process.cwd() };
  throw new UsageError(`"${entry}" is neither a cdktf app (.ts, .js), a ${PROJECT}, a ${FILE}, a *.tf nor a folder`);
}

/** As `cdktf synth` runs it. @see https://developer.hashicorp.com/terraform/cdktf/create-and-deploy/configuration-file */
async function appOfProject(file: string): Promise<AppCommand> {
  const { json } = await inFile(file);
  const { app, context } = Object(json) as { readonly app?: unknown; readonly context?: unknown };
  if (typeof app !== 'string') throw new UsageError(`"${file}" has no "app" to run: give the app itself`);
  return { entry: file, command: '/bin/sh', args: ['-c', app], cwd: dirname(file), context };
}

async function runApp(
  { entry, command, args, cwd, context }: AppCommand,
  issuer: EntryIssuer,
  signal: AbortSignal,
): Promise<NamedConfiguration[]> {
  await using folder = await makeTemporaryFolder('synth');
  const outdir = folder.path;
  const { exitCode, trouble, stderr } = await runGuarded({
    path: command,
    args,
    cwd,
    env: {
      ...process.env,
      CDKTF_OUTDIR: outdir,
      ...(context !== undefined && { CDKTF_CONTEXT_JSON: JSON.stringify(context) }),
      JWKS_URL: issuer.jwksUrl,
      BOUND_ISSUER: issuer.url,
      ISSUER_URL: issuer.url,
    },
    limitMs: LIMIT_MS,
    signal,
  });
  if (exitCode !== 0) {
    const reason = trouble ?? (withoutTrace(stderr) || `exit code ${exitCode}`);
    throw new UsageError(`"${entry}" could not be synthesised: ${reason}`);
  }
  if ((await namesIn(outdir)).length === 0)
    throw new UsageError(`"${entry}" wrote no stack: does it call app.synth()?`);
  return inFolder(outdir);
}

async function inFolder(folder: string): Promise<NamedConfiguration[]> {
  const own = await stat(join(folder, FILE)).catch(() => undefined);
  if (own) return [await inFile(join(folder, FILE))];
  const names = await namesIn(folder);
  if (names.length === 0)
    throw new UsageError(`there is no *.tf or ${FILE} in "${folder}", nor a ${FILE} in a folder of its "stacks"`);
  return Promise.all(names.map((name) => inFile(join(folder, 'stacks', name, FILE))));
}

/** The stacks that were synthesised into a folder. */
async function namesIn(folder: string): Promise<string[]> {
  const stacks = join(folder, 'stacks');
  const names = (await readdir(stacks).catch((): string[] => [])).sort();
  const written = await Promise.all(names.map((name) => stat(join(stacks, name, FILE)).catch(() => undefined)));
  return names.filter((_, index) => written[index] !== undefined);
}

/** The last lines that an app wrote before it failed, without the stack trace. */
function withoutTrace(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => !/^\s+at /.test(line));
  return lines.join('\n').trim().split('\n').slice(-20).join('\n');
}

async function inFile(path: string): Promise<NamedConfiguration> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`there is no "${path}"`);
  });
  try {
    const name = basename(path) === FILE ? basename(dirname(path)) : basename(path, '.json');
    return { name, json: JSON.parse(text) as unknown };
  } catch {
    throw new UsageError(`"${path}" is not JSON`);
  }
}
