import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
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
  /** The same at once. */
  removeNow(): void;
}

/**
 * Makes a folder in the system's temporary folder (TMPDIR), for this user alone. It is also removed when this process is
 * killed.
 * @param purpose what it is for, in its name: `vault` makes `vaultproof-vault-1f0c2a9b44de`
 * @throws VaultproofError `temporary_folder_unusable`
 */
export async function makeTemporaryFolder(purpose: string): Promise<TemporaryFolder> {
  // Short, since sockets lie in it: their paths have 103 bytes at most on macOS, whose TMPDIR takes 49 of them.
  const path = resolve(tmpdir(), `vaultproof-${purpose}-${randomBytes(6).toString('hex')}`);
  const removed = guard('folder', path);
  try {
    // At once, so that who calls first has it first.
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    removed();
    throw temporaryFolderError(error);
  }
  const remove = async (): Promise<void> => {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
    removed();
  };
  const removeNow = (): void => {
    rmSync(path, { recursive: true, force: true });
    removed();
  };
  return { path, remove, removeNow, [Symbol.asyncDispose]: remove };
}

/**
 * What to throw for an error that was met while temporary files were written: `temporary_folder_unusable` where the file
 * system has no room or refused a path there, and anything else unchanged.
 */
export function temporaryFolderError(error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  const code = String(error.code);
  const folder = resolve(tmpdir());
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  if (!isFull && !('path' in error && String(error.path).startsWith(folder))) return error;
  const fix = isFull ? 'make room there' : 'make it, and let this user write there';
  return new VaultproofError(
    'temporary_folder_unusable',
    `the folder for temporary files, "${folder}", can't be used (${code}): ${fix}, or set TMPDIR to another one`,
    { details: { folder, code }, cause: error },
  );
}
