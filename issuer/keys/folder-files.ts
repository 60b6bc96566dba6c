import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WrongUse } from '../../errors/index.js';

/** A name of one file in the folder, and one that can't be taken for another key's public half. */
const ID = /^(?!\.)[^/\\\p{Cc}]+$/u;
const TAKEN = /\.pem$|\.[A-Za-z0-9_-]{43}$/i;
const MAX_ID_BYTES = 180;

const STALE_MS = 10_000;
const WAIT = { retries: 400, factor: 1, minTimeout: 25, maxTimeout: 75, randomize: true };

/**
 * The path of a key's private half.
 * @throws TypeError for an id that is no plain file name: empty, with a path in it, a hidden one, one that ends in .pem
 */
export function privatePath(folder: string, id: string): string {
  if (typeof id !== 'string' || !isId(id)) {
    throw new WrongUse(`${JSON.stringify(id)} can't be the id of a key: take a plain file name that ends not in .pem`);
  }
  return join(folder, id);
}

/** Whether a text can be the id of a key in a folder. */
export function isId(id: string): boolean {
  return ID.test(id) && !TAKEN.test(id) && Buffer.byteLength(id) <= MAX_ID_BYTES;
}

/** Makes a file appear whole, or replaces it as a whole, and has it on disk first. */
export async function writeWhole(folder: string, path: string, text: string, mode: number): Promise<void> {
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Runs `work` while no other process writes to the folder, which is made if need be, for its owner alone. */
export async function withFolderLock<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { lock } = await import('proper-lockfile');
  const release = await lock(folder, { lockfilePath: join(folder, '.lock'), stale: STALE_MS, retries: WAIT });
  try {
    return await work();
  } finally {
    // A lost lock belongs to somebody else by now.
    await release().catch(() => {});
  }
}
