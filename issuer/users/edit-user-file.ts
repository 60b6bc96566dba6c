import { realpath } from 'node:fs/promises';
import { removeUnfinished, writeFileAtomically } from '../../internal/atomic-file.js';
import { LockedError, withFileLock } from '../../internal/file-lock.js';
import { changeUserDocument, type UserChanges } from './change-user-document.js';
import { invalid, parseUserDocument, readUserText, type UserDocument } from './user-document.js';

const LIMIT_MS = 10_000;

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
  const target = await realpath(path).catch((cause: NodeJS.ErrnoException) => {
    throw invalid(path, `it can't be read (${cause.code})`, cause);
  });
  return withFileLock(target, { limitMs: LIMIT_MS }, async (signal) => {
    await removeUnfinished(target);
    const text = await readUserText(path);
    const changes = await decide(await parseUserDocument(text, path));
    const after = await changeUserDocument(text, path, changes);
    if (after !== text) await writeFileAtomically(target, after, { mode: 0o600, signal });
    return changes;
  }).catch((cause: unknown) => {
    if (!(cause instanceof LockedError)) throw cause;
    throw invalid(path, `another process holds "${path}.lock", wait for it or remove that folder`, cause);
  });
}
