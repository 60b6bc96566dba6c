import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { writeFileAtomically } from '../../internal/atomic-file.js';
import { makeTemporaryFolder, runGuarded } from '../guardian/index.js';
import { isRunnable, makeFolder } from './cache.js';
import { floorVersions, isOlder, type Product, products } from './products.js';
import { checkEnvironment } from './settings.js';

/** Who an executable says it is. */
export interface Identity {
  readonly product: Product;
  readonly version: string;
}

/** What a check needs to know besides the path. */
export interface CheckContext {
  /** Where answers are remembered. */
  readonly cacheDir: string;
  /** Who named the path, for messages: "PATH", "VAULTPROOF_VAULT_PATH", ... */
  readonly from: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Who the executable at `path` is, once it is known to be runnable, one of `expected`, and no older than that product's
 * floor. The answer is remembered in the cache until the file changes: asking takes more than 100 ms for a 360 MB
 * executable, remembering well under one.
 *
 * @throws VaultproofError `executable_not_found`, `executable_not_runnable`, `executable_wrong_product` or
 *   `executable_too_old`
 */
export async function checkExecutable(
  expected: readonly [Product, ...Product[]],
  path: string,
  context: CheckContext,
): Promise<Identity> {
  const [product] = expected;
  const stamp = {
    realPath: await realPathOf(product, path, context),
    stats: await statsOf(product, path, context),
  };
  const remembered = await recall(context.cacheDir, stamp);
  const identity = remembered ?? (await runVersion(path, product, context.signal));
  if (remembered === undefined) await remember(context.cacheDir, stamp, identity);

  const { product: found, version } = identity;
  if (!expected.includes(found)) {
    throw new VaultproofError(
      'executable_wrong_product',
      `"${path}" (from ${context.from}) is ${found} ${version}: point to a ${product} executable`,
      { details: { path, expected: product, found, version } },
    );
  }
  if (isOlder(version, floorVersions[found])) {
    throw new VaultproofError(
      'executable_too_old',
      `"${path}" (from ${context.from}) is ${found} ${version}: use ${floorVersions[found]} or newer`,
      { details: { path, version, floor: floorVersions[found] } },
    );
  }
  return identity;
}

const LIMIT_MS = 10_000;
const banners: Record<string, Product> = { Vault: 'vault', OpenBao: 'openbao', Consul: 'consul' };

/**
 * Runs `<path> version`, for 10 s at most, and returns who it says it is: the first line is "Vault v1.21.1 (...)",
 * "OpenBao v2.7.2 (...)" or "Consul v1.22.7". It sees PATH and a HOME of its own, which is removed afterwards, and none of
 * the servers' own variables.
 *
 * @param expected what it ought to be, for the message alone
 * @throws VaultproofError `executable_not_runnable` if it can't be started, fails, or gives no answer in time;
 *   `executable_wrong_product` if it answers something else
 */
export async function runVersion(path: string, expected: Product, signal?: AbortSignal): Promise<Identity> {
  await using home = await makeTemporaryFolder('check');
  const { exitCode, trouble, stdout } = await runGuarded({
    path,
    args: ['version'],
    cwd: home.path,
    env: checkEnvironment(home.path),
    limitMs: LIMIT_MS,
    signal,
  });

  const [, name = '', version = ''] = /^(Vault|OpenBao|Consul) v(\d+\.\d+\.\d+[^\s,]*)/m.exec(stdout) ?? [];
  const product = banners[name];
  if (product !== undefined) return { product, version };
  if (exitCode !== 0) {
    const reason = trouble ?? (exitCode === undefined ? 'was killed' : `failed with exit code ${exitCode}`);
    throw new VaultproofError(
      'executable_not_runnable',
      `"${path} version" ${reason}: check that it is a ${expected} for this machine (${process.platform} ${process.arch})`,
      { details: { path, exitCode } },
    );
  }
  const answer = (stdout.split('\n')[0] ?? '').slice(0, 80);
  throw new VaultproofError(
    'executable_wrong_product',
    `"${path}" is not ${expected}: it answered "${answer}" to "version"; point to a ${expected} executable`,
    { details: { path, expected, answer } },
  );
}

async function realPathOf(product: Product, path: string, { from }: CheckContext): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw new VaultproofError(
      'executable_not_found',
      `there is no ${product} executable at "${path}" (from ${from}): correct the path, or leave it out`,
      { details: { path, from }, cause },
    );
  }
}

async function statsOf(product: Product, path: string, { from }: CheckContext): Promise<Stats> {
  const stats = await stat(path);
  if (stats.isFile() && (await isRunnable(path))) return stats;
  const problem = stats.isFile() ? 'may not be executed' : 'is not a file';
  throw new VaultproofError(
    'executable_not_runnable',
    `"${path}" (from ${from}) ${problem}: point to a ${product} executable, or run chmod +x on it`,
    { details: { path, from } },
  );
}

const MONTH_MS = 30 * 24 * 3_600_000;

/** A file as it was when it was asked for its version. */
interface FileStamp {
  readonly realPath: string;
  readonly stats: Pick<Stats, 'size' | 'mtimeMs' | 'ino'>;
}

/** What the file at `stamp` said the last time; undefined when it has changed since, or was never asked. */
async function recall(cacheDir: string, stamp: FileStamp): Promise<Identity | undefined> {
  try {
    const memo: unknown = JSON.parse(await readFile(memoPath(cacheDir, stamp), 'utf8'));
    return isMemo(memo) && memo.key === keyOf(stamp) ? { product: memo.product, version: memo.version } : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps an answer for {@link recall}. Where the cache cannot be written nothing is kept, and nothing fails. */
async function remember(cacheDir: string, stamp: FileStamp, identity: Identity): Promise<void> {
  try {
    await makeFolder(join(cacheDir, 'checks'));
    const memo = JSON.stringify({ key: keyOf(stamp), ...identity });
    await writeFileAtomically(memoPath(cacheDir, stamp), memo, { mode: 0o644 });
    await forgetOld(join(cacheDir, 'checks'));
  } catch {
    // It is asked again.
  }
}

/** Forgets what was not written for a month: executables come and go. */
async function forgetOld(folder: string): Promise<void> {
  const oldest = Date.now() - MONTH_MS;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if ((await stat(path)).mtimeMs < oldest) await rm(path, { force: true });
  }
}

function memoPath(cacheDir: string, stamp: FileStamp): string {
  return join(cacheDir, 'checks', `${createHash('sha256').update(stamp.realPath).digest('hex').slice(0, 32)}.json`);
}

function keyOf({ realPath, stats }: FileStamp): string {
  return [realPath, stats.size, stats.mtimeMs, stats.ino].join('|');
}

function isMemo(value: unknown): value is Identity & { readonly key: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { key, product, version } = value as Record<string, unknown>;
  return typeof key === 'string' && products.some((name) => name === product) && typeof version === 'string';
}
