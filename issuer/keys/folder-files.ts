import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WrongUse } from '../../errors/index.js';
import { removeUnfinished, writeFileAtomically } from '../../internal/atomic-file.js';
import { withFileLock } from '../../internal/file-lock.js';

/** A name of one file in the folder, and one that can't be taken for another key's public half. */
const ID = /^(?!\.)[^/\\\p{Cc}]+$/u;
const TAKEN = /\.pem$|\.[A-Za-z0-9_-]{43}$/i;
const MAX_ID_BYTES = 180;

const LIMIT_MS = 20_000;

/**
 * The path of a key's private half.
 * @throws TypeError for an id that is no plain file name: empty, with a path in it, a hidden one, one that ends in .pem
 */
export function privatePath(folder: string, id: string): string {
  if (typeof id !== 'string' || !isId(id)) {
    throw new WrongUse(
      `${JSON.stringify(id)} can't be the id of a key: use a plain file name that does not end in .pem`,
    );
  }
  return join(folder, id);
}

/** Whether a text can be the id of a key in a folder. */
export function isId(id: string): boolean {
  return ID.test(id) && !TAKEN.test(id) && Buffer.byteLength(id) <= MAX_ID_BYTES;
}

/** Writes a file of the folder whole, or not at all. */
export type WriteWhole = (path: string, text: string, mode: number) => Promise<void>;

/**
 * Runs `work` while no other process writes to the folder, which is made if need be, for its owner alone. It begins again
 * when the lock is lost, as in a process that was stopped.
 * @param work writes with what it is given
 */
export async function withFolderLock<Result>(
  folder: string,
  work: (write: WriteWhole) => Promise<Result>,
): Promise<Result> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return withFileLock(folder, { lockPath: join(folder, '.lock'), limitMs: LIMIT_MS }, async (signal) =>
    work(async (path, text, mode) => {
      await removeUnfinished(path);
      await writeFileAtomically(path, text, { mode, signal });
    }),
  );
}
