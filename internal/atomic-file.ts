import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What a writer leaves behind that was killed: `.<file>.<UUID>.tmp`. */
const UNFINISHED = /^\.(.+)\.[0-9a-f]{8}-[0-9a-f-]{27}\.tmp$/;

/** No write takes as long. */
const ABANDONED_MS = 60_000;

/** How a file is written. */
export interface AtomicWrite {
  /** Permissions, such as 0o600. */
  readonly mode: number;
  /** Aborts before the file appears, such as when a lock is lost. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a file appear whole, or replaces it as a whole, and has it on disk first. What an earlier writer of the same file
 * left behind when it was killed is removed after a minute.
 * @param path the file itself, not a link to it
 */
export async function writeFileAtomically(path: string, text: string, { mode, signal }: AtomicWrite): Promise<void> {
  await removeUnfinished(path, ABANDONED_MS);
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    signal?.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Removes what writers of a file left behind that were killed.
 * @param olderThanMs by the time of the last write, in milliseconds. Default 0, for a caller that holds the lock
 *   that all writers take
 */
export async function removeUnfinished(path: string, olderThanMs = 0): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder).catch((): string[] => [])) {
    if (UNFINISHED.exec(name)?.[1] !== basename(path)) continue;
    const age = Date.now() - ((await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age >= olderThanMs) await rm(join(folder, name), { force: true });
  }
}
