import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { guard } from './guardian.js';

/** A folder that only this user can read. */
export interface TemporaryFolder extends AsyncDisposable {
  /** Absolute path. */
  readonly path: string;
  /** Removes it; idempotent. */
  remove(): Promise<void>;
}

/**
 * Makes a folder in the system's temporary folder (TMPDIR), for this user alone. It is also removed when this process is
 * killed.
 * @param purpose what it is for, in its name: `vault` makes `vaultproof-vault-1f0c2a9b44de`
 * @throws VaultproofError `temporary_folder_unwritable`
 */
export async function makeTemporaryFolder(purpose: string): Promise<TemporaryFolder> {
  // Short, since sockets lie in it: their paths have 103 bytes at most on macOS, whose TMPDIR takes 49 of them.
  const path = resolve(tmpdir(), `vaultproof-${purpose}-${randomBytes(6).toString('hex')}`);
  const removed = guard('folder', path);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    removed();
    throw temporaryFolderError(error);
  }
  const remove = async (): Promise<void> => {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
    removed();
  };
  return { path, remove, [Symbol.asyncDispose]: remove };
}

const REFUSALS = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR']);

/** What to throw for `error`, met while something was written there: what the file system refused, and anything else unchanged. */
export function temporaryFolderError(error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!REFUSALS.has(code)) return error;
  const path = tmpdir();
  return new VaultproofError(
    'temporary_folder_unwritable',
    `"${path}" can't be written to (${code}): make room there, or set TMPDIR to a folder that can`,
    { details: { path, code }, cause: error },
  );
}
