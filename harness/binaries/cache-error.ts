import { VaultproofError } from '../../errors/index.js';

const full = new Set(['ENOSPC', 'EDQUOT']);
const unwritable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ELOOP', 'EXDEV']);

/**
 * What to throw for `error`, met while the cache was written: `cache_full` or `cache_unwritable` for what the file
 * system refused, and anything else as it is.
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
