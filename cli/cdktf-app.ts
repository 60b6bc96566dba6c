import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { UsageError, VaultproofError } from '../errors/index.js';
import { makeTemporaryFolder, runGuarded } from '../harness/guardian/index.js';
import type { NamedConfiguration } from '../harness/index.js';
import { membersOf } from '../internal/json.js';
import { readStacks, STACK_FILE, stackNames } from './stack-files.js';

/** An app that takes longer waits for something that does not come. */
const LIMIT_MS = 5 * 60_000;
const MOST_LINES = 20;

export const PROJECT_FILE = 'cdktf.json';

/** How an app is run, by how its file ends. */
const RUNNERS: Readonly<Record<string, readonly string[]>> = {
  '.ts': ['npx', 'tsx'],
  '.mts': ['npx', 'tsx'],
  '.js': ['node'],
  '.mjs': ['node'],
  '.cjs': ['node'],
};

/** What an app is told in JWKS_URL, BOUND_ISSUER and ISSUER_URL, and what stands for these as values of variables. */
export interface AppIssuer {
  readonly url: string;
  readonly jwksUrl: string;
}

/** A cdktf app, and how it is run. */
export interface CdktfApp {
  /** As messages name it: with quotes, and the revision. */
  readonly shown: string;
  /** The command as it is shown. */
  readonly line: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The project's own values for the app. */
  readonly context?: unknown;
}

/**
 * The app that a path names: a file of one, a `cdktf.json`, or a folder with one that is not synthesised. A file that the
 * `cdktf.json` beside it runs is run as that says.
 * @param cwd where any other file is run; default the working directory
 * @returns undefined for anything else
 * @throws UsageError for a `cdktf.json` that has no app
 */
export async function appAt(path: string, cwd = process.cwd()): Promise<CdktfApp | undefined> {
  const isThere = (file: string): Promise<boolean> =>
    stat(file).then(
      (stats) => stats.isFile(),
      () => false,
    );
  if (basename(path) === PROJECT_FILE && (await isThere(path))) return appOfProject(path, path);
  const [project, synthesised] = await Promise.all([PROJECT_FILE, STACK_FILE].map((name) => isThere(join(path, name))));
  if (project) return synthesised ? undefined : appOfProject(join(path, PROJECT_FILE), path);
  const [command, ...args] = RUNNERS[extname(path)] ?? [];
  if (command === undefined || !(await isThere(path))) return undefined;
  const beside = join(dirname(path), PROJECT_FILE);
  if ((await isThere(beside)) && (await runs(beside, basename(path)))) return appOfProject(beside, path);
  const run = [...args, resolve(path)];
  const own = command === 'node' ? process.execPath : command;
  return { shown: `"${path}"`, line: [command, ...args, path].join(' '), command: own, args: run, cwd };
}

/** As `cdktf synth` runs it. @see https://developer.hashicorp.com/terraform/cdktf/create-and-deploy/configuration-file */
async function appOfProject(file: string, shown: string): Promise<CdktfApp> {
  const { app, context } = await projectIn(file);
  if (typeof app !== 'string') throw new UsageError(`"${file}" has no "app" to run: give the app itself`);
  return { shown: `"${shown}"`, line: app, command: '/bin/sh', args: ['-c', app], cwd: dirname(file), context };
}

async function runs(project: string, file: string): Promise<boolean> {
  const { app } = await projectIn(project);
  return typeof app === 'string' && app.split(/\s+/).includes(file);
}

async function projectIn(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const project: unknown = JSON.parse(await readFile(file, 'utf8'));
    return membersOf(project);
  } catch (cause) {
    throw new UsageError(`"${file}" is not JSON`, { cause });
  }
}

/**
 * What an app synthesises for what starts no issuer: it is told the one that the environment names, or one that does not exist.
 * @param advice what to do about an app that fails; default to correct it
 * @throws VaultproofError `synth_failed`
 */
export function synthesised(app: CdktfApp, signal: AbortSignal, advice?: string): Promise<NamedConfiguration[]> {
  const { BOUND_ISSUER, ISSUER_URL, JWKS_URL } = process.env;
  const url = BOUND_ISSUER || ISSUER_URL || 'https://issuer.invalid';
  return runApp(app, { url, jwksUrl: JWKS_URL || `${url}/.well-known/jwks.json` }, signal, advice);
}

/**
 * Runs an app, and reads the stacks that it writes.
 * @param advice what to do about an app that fails; default to correct it
 * @throws VaultproofError `synth_failed`
 */
export async function runApp(
  { shown, line, command, args, cwd, context }: CdktfApp,
  { url, jwksUrl }: AppIssuer,
  signal: AbortSignal,
  advice = 'correct the app',
): Promise<NamedConfiguration[]> {
  await using folder = await makeTemporaryFolder('synth');
  const told = { JWKS_URL: jwksUrl, BOUND_ISSUER: url, ISSUER_URL: url };
  const given = context === undefined ? {} : { CDKTF_CONTEXT_JSON: JSON.stringify(context) };
  const { exitCode, trouble, stdout, stderr } = await runGuarded({
    path: command,
    args,
    cwd,
    env: { ...process.env, CDKTF_OUTDIR: folder.path, ...given, ...told },
    limitMs: LIMIT_MS,
    signal,
  });
  const failed = (reason: string, what: string, output = ''): VaultproofError =>
    new VaultproofError('synth_failed', `${shown} could not be synthesised: "${line}" ${reason}; ${what}${output}`, {
      details: { command: line },
    });
  const missing = missingRunner(line, stderr);
  if (exitCode !== 0 && missing !== undefined) {
    throw failed(`needs "${missing}", which is not installed here`, `run: npm install --save-dev ${missing}`);
  }
  if (exitCode !== 0) {
    const end = lastLines(stderr) || lastLines(stdout);
    throw failed(
      trouble ?? `ended with exit code ${exitCode}`,
      advice,
      end === '' ? '' : `. The last that it wrote:\n${end}`,
    );
  }
  if ((await stackNames(folder.path)).length === 0) throw failed('wrote no stack', 'call app.synth() in the app');
  return readStacks(folder.path);
}

/** The package that npx was to run and did not find: then all that was written is npm's. */
function missingRunner(line: string, stderr: string): string | undefined {
  const written = stderr.split('\n').filter((one) => one !== '');
  const isNpms = written.length > 0 && written.every((one) => /^npm (?:error|ERR!|warn|WARN|notice)/.test(one));
  return isNpms ? /\bnpx (?:-\S+ )*([^\s-]\S*)/.exec(line)?.[1] : undefined;
}

/** The last lines that an app wrote, without the stack trace. */
function lastLines(output: string): string {
  const lines = output.split('\n').filter((line) => !/^\s+at /.test(line));
  return lines.join('\n').trim().split('\n').slice(-MOST_LINES).join('\n');
}
