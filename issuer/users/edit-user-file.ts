import { randomUUID } from 'node:crypto';
import { open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { changeUserDocument, type UserChanges } from './change-user-document.js';
import { invalid, parseUserDocument, type UserDocument } from './user-document.js';

/**
 * Changes users in their file: under a lock, so that of two writers none loses anything, and by one rename, so that a
 * reader sees the file before or after. Comments stay. The file is its owner's alone afterwards (0600).
 * @param decide says what to change, given what the file has under the lock
 * @throws VaultproofError `users_invalid` when the file can't be used, before or after, or is locked for 10 s
 */
export async function editUserFile(
  path: string,
  decide: (document: UserDocument) => UserChanges | Promise<UserChanges>,
): Promise<UserChanges> {
  const { lock } = await import('proper-lockfile');
  const target = await realpath(path).catch((cause: NodeJS.ErrnoException) => {
    throw invalid(path, `it can't be read (${cause.code})`, cause);
  });
  const release = await lock(target, {
    retries: { retries: 200, factor: 1, minTimeout: 40, maxTimeout: 60, randomize: true },
  }).catch((cause: unknown) => {
    throw invalid(path, `another process holds "${path}.lock", wait for it or remove that folder`, cause);
  });
  try {
    const text = await readFile(target, 'utf8');
    const changes = await decide(await parseUserDocument(text, path));
    const after = await changeUserDocument(text, path, changes);
    if (after !== text) await replace(target, after);
    return changes;
  } finally {
    await release();
  }
}

async function replace(target: string, text: string): Promise<void> {
  const fresh = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, target);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
