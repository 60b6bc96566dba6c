import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { WrongUse } from '../errors/index.js';
import type { NamedConfiguration } from '../harness/index.js';

const FILE = 'cdk.tf.json';

/** How an app is run, by how its file ends: as `cdktf synth` does with the `app` of cdktf.json. */
const RUNNERS: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  '.ts': ['npx', 'tsx'],
  '.mts': ['npx', 'tsx'],
  '.js': [process.execPath],
  '.mjs': [process.execPath],
  '.cjs': [process.execPath],
};

/** Whether an argument names an app, which is run, and not what one was synthesised to. */
export function isApp(entry: string): boolean {
  return RUNNERS[extname(entry)] !== undefined;
}

/** What an app is told in JWKS_URL, BOUND_ISSUER and ISSUER_URL. */
interface EntryIssuer {
  readonly url: string;
  readonly jwksUrl: string;
}

/** Gives an entry's configurations; an app is run each time. */
export type DeclareEntry = (issuer: EntryIssuer, signal: AbortSignal) => Promise<NamedConfiguration[]>;

/**
 * Finds what an argument names: a cdktf app, a synthesised `cdk.tf.json`, or a folder with one or, like `cdktf.out`, with
 * several. All but an app is read at once.
 * @throws WrongUse when there is none; the function that is returned throws it when the app fails
 */
export async function readEntry(entry: string): Promise<DeclareEntry> {
  const stats = await stat(entry).catch(() => undefined);
  if (stats === undefined) throw new WrongUse(`there is no "${entry}"`);
  if (stats.isDirectory() || extname(entry) === '.json') {
    const configurations = stats.isDirectory() ? await inFolder(entry) : [await inFile(entry)];
    return async () => configurations;
  }
  const runner = RUNNERS[extname(entry)];
  if (!runner) throw new WrongUse(`"${entry}" is neither a cdktf app (.ts, .js), a ${FILE} nor a folder`);
  return (issuer, signal) => runApp(runner, entry, issuer, signal);
}

async function runApp(
  [command, ...args]: (typeof RUNNERS)[string],
  entry: string,
  issuer: EntryIssuer,
  signal: AbortSignal,
): Promise<NamedConfiguration[]> {
  const outdir = await mkdtemp(join(tmpdir(), 'vaultproof-synth-'));
  try {
    const { execa } = await import('execa');
    const { failed, stderr, shortMessage } = await execa(command, [...args, entry], {
      env: {
        CDKTF_OUTDIR: outdir,
        JWKS_URL: issuer.jwksUrl,
        BOUND_ISSUER: issuer.url,
        ISSUER_URL: issuer.url,
      },
      cancelSignal: signal,
      reject: false,
    });
    signal.throwIfAborted();
    if (failed) throw new WrongUse(`"${entry}" could not be synthesised: ${withoutTrace(stderr) || shortMessage}`);
    if ((await namesIn(outdir)).length === 0)
      throw new WrongUse(`"${entry}" wrote no stack: does it call app.synth()?`);
    return await inFolder(outdir);
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

async function inFolder(folder: string): Promise<NamedConfiguration[]> {
  const own = await stat(join(folder, FILE)).catch(() => undefined);
  if (own) return [await inFile(join(folder, FILE))];
  const names = await namesIn(folder);
  if (names.length === 0) throw new WrongUse(`there is no ${FILE} in "${folder}", nor in a folder of its "stacks"`);
  return Promise.all(names.map((name) => inFile(join(folder, 'stacks', name, FILE))));
}

/** The stacks that were synthesised into a folder. */
async function namesIn(folder: string): Promise<string[]> {
  const stacks = join(folder, 'stacks');
  const names = (await readdir(stacks).catch((): string[] => [])).sort();
  const written = await Promise.all(names.map((name) => stat(join(stacks, name, FILE)).catch(() => undefined)));
  return names.filter((_, index) => written[index] !== undefined);
}

/** The last lines that an app wrote before it failed, but for where in the code it was. */
function withoutTrace(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => !/^\s+at /.test(line));
  return lines.join('\n').trim().split('\n').slice(-20).join('\n');
}

async function inFile(path: string): Promise<NamedConfiguration> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new WrongUse(`there is no "${path}"`);
  });
  try {
    const name = basename(path) === FILE ? basename(dirname(path)) : basename(path, '.json');
    return { name, json: JSON.parse(text) as unknown };
  } catch {
    throw new WrongUse(`"${path}" is not JSON`);
  }
}
