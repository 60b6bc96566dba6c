import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { VaultproofError } from '../../errors/index.js';
import { withFileLock } from '../../internal/file-lock.js';
import { guard } from '../guardian/index.js';
import {
  type CachedSource,
  type CacheRecord,
  cacheError,
  cacheFolder,
  makeFolder,
  readCache,
  recordName,
} from './cache.js';
import { runVersion } from './check-executable.js';
import type { Executable } from './find.js';
import { commands } from './products.js';
import type { Settings } from './settings.js';

/** Where an executable is to be put, and room to work in; both vanish when it fails. */
export interface Workplace {
  /** Path at which the finished executable must stand. */
  readonly target: string;
  /** An empty folder on the same file system, for whatever is needed on the way. */
  readonly scratch: string;
  /** Aborts with the caller's signal, and when the lock is lost. */
  readonly signal: AbortSignal;
}

/** Produces an executable at `workplace.target`, and says where it was had. */
export type Producer = (workplace: Workplace) => Promise<{ readonly source: CachedSource; readonly minimal?: boolean }>;

/**
 * The cached executable; made by `produce` first where there is none, by one process however many ask. It is asked for
 * its version before it counts, and appears in the cache by one rename. What an interrupted installation left behind
 * is removed.
 *
 * @throws VaultproofError `cache_unwritable`, `cache_full`; `executable_wrong_product` or `executable_not_runnable`
 *   when the product of `produce` is not what it should be; and whatever `produce` throws. Nothing is left behind.
 */
export async function installIntoCache(settings: Settings, produce: Producer): Promise<Executable> {
  const { product, version, cacheDir, reportWait: report, signal } = settings;
  const folder = cacheFolder(cacheDir, product, version);
  try {
    await makeFolder(dirname(folder));
    return await withInstallLock(folder, { what: `installing ${product} ${version}`, report, signal }, async (held) => {
      const entry = await readCache(settings);
      if (entry.status === 'found') return { product, version, path: entry.path, source: 'cache' };
      await removeLeftovers(folder);
      return await install(settings, folder, produce, held);
    });
  } catch (error) {
    // What was aborted says so in many ways.
    signal?.throwIfAborted();
    throw cacheError(error, cacheDir);
  }
}

async function install(
  settings: Settings,
  folder: string,
  produce: Producer,
  signal: AbortSignal,
): Promise<Executable> {
  const { product, version } = settings;
  const unfinished = join(dirname(folder), `${leftoverPrefix(folder)}${randomUUID()}`);
  const removed = guard('folder', unfinished);
  const finished = join(unfinished, 'finished');
  const scratch = join(unfinished, 'scratch');
  const target = join(finished, commands[product]);
  try {
    await mkdir(finished, { recursive: true });
    await mkdir(scratch);
    const origin = await produce({ target, scratch, signal });
    await chmod(target, 0o755);
    await confirm(settings, target, signal);
    const { size } = await stat(target);
    const record: CacheRecord = { product, version, size, sha256: await sha256Of(target), ...origin };
    await writeFile(join(finished, recordName), `${JSON.stringify(record, undefined, 2)}\n`);
    signal.throwIfAborted();
    // A folder can replace an empty one only, and an unusable entry may stand there.
    await rename(folder, join(unfinished, 'replaced')).catch(() => {});
    await rename(finished, folder);
    return { product, version, path: join(folder, commands[product]), source: origin.source };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    removed();
  }
}

async function confirm({ product, version }: Settings, target: string, signal: AbortSignal): Promise<void> {
  const identity = await runVersion(target, product, signal);
  if (identity.product === product && identity.version === version) return;
  throw new VaultproofError(
    'executable_wrong_product',
    `the executable obtained as ${product} ${version} reports ${identity.product} ${identity.version}: check its source`,
    { details: { expected: { product, version }, found: identity } },
  );
}

/** The SHA-256 of a file, hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function removeLeftovers(folder: string): Promise<void> {
  const parent = dirname(folder);
  for (const name of await readdir(parent)) {
    if (name.startsWith(leftoverPrefix(folder))) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function leftoverPrefix(folder: string): string {
  return `.${basename(folder)}.`;
}

const REMIND_MS = 30_000;
const WRITTEN_MS = 1_000;

/** For whom an installation is done. */
export interface InstallLock {
  /** What is done meanwhile, for people: "installing vault 1.21.1". */
  readonly what: string;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs `work` while no other process on this cache runs one for the same `path`, see {@link withFileLock}. Anyone who
 * waits says for which process, and what that is doing. `work` looks at the cache first.
 */
export function withInstallLock<T>(
  path: string,
  { what, report, signal }: InstallLock,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const holder = `${path}.lock.json`;
  const startedAt = performance.now();
  let saidAt = Number.NEGATIVE_INFINITY;
  const onWait = (): void => {
    const now = performance.now();
    if (now - saidAt < REMIND_MS) return;
    const holding = describeHolder(holder);
    // It writes down who it is a moment after it has the lock.
    if (holding === undefined && now - startedAt < WRITTEN_MS) return;
    const seconds = Math.round((now - startedAt) / 1_000);
    const soFar = saidAt === Number.NEGATIVE_INFINITY ? '' : `, ${seconds} s so far`;
    saidAt = now;
    report(`waiting for ${holding ?? `another process that is ${what}`}${soFar}`);
  };
  const onLost = (): void => report(`the lock for ${what} was lost; starting again`);
  return withFileLock(path, { signal, onWait, onLost }, async (held) => {
    const removed = guard('folder', holder);
    // Beside the lock, which is a folder that has to be empty. Without room for it the others say less.
    await writeFile(holder, JSON.stringify({ pid: process.pid, since: new Date(), what })).catch(() => {});
    try {
      return await work(held);
    } finally {
      if (!held.aborted || signal?.aborted) await rm(holder, { force: true }).catch(() => {});
      removed();
    }
  });
}

/** The process that holds a lock, by what it wrote down; undefined where that can't be read. */
function describeHolder(path: string): string | undefined {
  try {
    const { pid, since, what } = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, string>>;
    const time = new Date(String(since)).toTimeString().slice(0, 5);
    return `another process (pid ${pid}, since ${time}) that is ${what}`;
  } catch {
    return undefined;
  }
}
