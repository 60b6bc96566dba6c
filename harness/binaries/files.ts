import { access, constants, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VaultproofError } from '../../errors/index.js';

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
