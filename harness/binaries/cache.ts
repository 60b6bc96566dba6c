import { access, constants, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { commands, hostPlatform, type Product, products } from './products.js';

/** Name of the file that stands beside a cached executable and says what it is. */
export const recordName = 'executable.json';

/** How an executable in the cache was had. */
export type CachedSource = 'release' | 'wheel' | 'go-module';

/** What is written beside a cached executable. */
export interface CacheRecord {
  readonly product: Product;
  readonly version: string;
  /** Length of the executable in bytes. */
  readonly size: number;
  /** Its SHA-256, hexadecimal. */
  readonly sha256: string;
  /** Where it was had. */
  readonly source: CachedSource;
  /** Whether it was built with Vault's build tag `minimal`, and so lacks plugins; absent where it was not. */
  readonly minimal?: boolean;
}

/** What the cache has for one product, version and platform. */
type CacheEntry =
  | { readonly status: 'found'; readonly path: string; readonly record: CacheRecord }
  | { readonly status: 'absent' | 'unusable'; readonly path: string; readonly reason: string };

/** Folder of one cached executable on this platform: `<cache>/<product>/<version>/<os>-<arch>`. */
export function cacheFolder(cacheDir: string, product: Product, version: string): string {
  const { os, arch } = hostPlatform();
  return join(cacheDir, product, version, `${os}-${arch}`);
}

/** Which executable is looked up, and where. */
interface CacheQuery {
  readonly cacheDir: string;
  readonly product: Product;
  readonly version: string;
  /** Whether one that lacks plugins won't do. */
  readonly full: boolean;
}

/**
 * Looks an executable up in the cache. It counts only if its record fits: same product, version and length, and it
 * may be executed. Its sum is not computed again, as that would take longer than starting the server.
 */
export async function readCache({ cacheDir, product, version, full }: CacheQuery): Promise<CacheEntry> {
  const folder = cacheFolder(cacheDir, product, version);
  const path = join(folder, commands[product]);
  const unusable = (reason: string): CacheEntry => ({ status: 'unusable', path, reason });
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) return { status: 'absent', path, reason: `no "${path}"` };
  const record = await readRecord(join(folder, recordName));
  if (record === undefined) return unusable(`no valid ${recordName} beside "${path}"`);
  if (record.product !== product || record.version !== version) {
    return unusable(`"${path}" is recorded as ${record.product} ${record.version}`);
  }
  if (!stats.isFile() || stats.size === 0 || stats.size !== record.size) {
    return unusable(`"${path}" has ${stats.size} bytes, and ${record.size} were installed`);
  }
  if (!(await isRunnable(path))) return unusable(`"${path}" may not be executed`);
  if (full && record.minimal === true) return unusable(`"${path}" is a minimal build`);
  return { status: 'found', path, record };
}

async function readRecord(path: string): Promise<CacheRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is CacheRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { product, version, size, sha256, source, minimal = false } = value as Record<string, unknown>;
  return (
    products.some((name) => name === product) &&
    typeof version === 'string' &&
    typeof size === 'number' &&
    typeof sha256 === 'string' &&
    (source === 'release' || source === 'wheel' || source === 'go-module') &&
    typeof minimal === 'boolean'
  );
}

/** Whether this user may execute the file at `path`. False when it does not exist. */
export async function isRunnable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * Makes a folder and those above it that are missing. (Node's own `recursive` never ends where a folder can't be made
 * for want of itself, as in /proc, and on a read-only file system it reports the wrong error.)
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path).catch((again: NodeJS.ErrnoException) => {
      if (again.code !== 'EEXIST') throw again;
    });
  }
}

const full = new Set(['ENOSPC', 'EDQUOT']);
const unwritable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ELOOP', 'EXDEV']);

/**
 * What to throw for `error`, met while the cache was written: `cache_full` or `cache_unwritable` for what the file
 * system refused, and anything else unchanged.
 */
export function cacheError(error: unknown, cacheDir: string): unknown {
  const code = error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : '';
  const context = { details: { cacheDir, code }, cause: error };
  if (full.has(code)) {
    return new VaultproofError(
      'cache_full',
      `no space is left for the cache "${cacheDir}" (${code}): make room, or set VAULTPROOF_CACHE_DIR to another disk`,
      context,
    );
  }
  if (unwritable.has(code)) {
    return new VaultproofError(
      'cache_unwritable',
      `the cache "${cacheDir}" cannot be written (${code}): correct its permissions, or set VAULTPROOF_CACHE_DIR to a folder of yours`,
      context,
    );
  }
  return error;
}
