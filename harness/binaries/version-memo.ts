import { createHash, randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './make-folder.js';
import type { Identity } from './run-version.js';
import { products } from './versions.js';

const MONTH_MS = 30 * 24 * 3_600_000;

/** A file as it was when it was asked for its version. */
export interface FileStamp {
  readonly realPath: string;
  readonly stats: Pick<Stats, 'size' | 'mtimeMs' | 'ino'>;
}

/**
 * Who the file at `stamp` said it was the last time, or undefined when it has changed since or was never asked.
 * Asking takes more than 100 ms for a 360 MB executable, and this well under one.
 */
export async function recallVersion(cacheDir: string, stamp: FileStamp): Promise<Identity | undefined> {
  try {
    const memo: unknown = JSON.parse(await readFile(memoPath(cacheDir, stamp), 'utf8'));
    return isMemo(memo) && memo.key === keyOf(stamp) ? { product: memo.product, version: memo.version } : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps an answer for {@link recallVersion}. Where the cache cannot be written nothing is kept, and nothing fails. */
export async function rememberVersion(cacheDir: string, stamp: FileStamp, identity: Identity): Promise<void> {
  const path = memoPath(cacheDir, stamp);
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await makeFolder(join(cacheDir, 'checks'));
    await writeFile(unfinished, JSON.stringify({ key: keyOf(stamp), ...identity }));
    await rename(unfinished, path);
    await forgetOld(join(cacheDir, 'checks'));
  } catch {
    await rm(unfinished, { force: true }).catch(() => {});
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
