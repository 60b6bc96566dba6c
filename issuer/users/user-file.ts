import { type FSWatcher, watch } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { removeUnfinished, writeFileAtomically } from '../../internal/atomic-file.js';
import { LockedError, withFileLock } from '../../internal/file-lock.js';
import { changesOf, changeUserDocument, type UserChanges } from './change-user-document.js';
import { documentUsers } from './document-users.js';
import { invalid, parseUserDocument, readUserText, type UserDocument } from './user-document.js';
import type { UserStore } from './user-store.js';

/** How a user file is kept an eye on. */
export interface UserFileOptions {
  /** Called with one-line warnings about the file, which never contain values. Default: ignored. */
  readonly warn?: ((message: string) => void) | undefined;
  /** Looks at the file this often instead of waiting for the system to tell; by default only where it can't. */
  readonly pollMs?: number | undefined;
}

/** A user file that is open. */
export interface UserFile extends UserStore {
  /** Reads the file now, instead of when a change is noticed. A bad one keeps the last good state. */
  reload(): Promise<void>;
}

/** Editors truncate before they write: what is seen in between is not judged. */
const SETTLE_MS = 50;
const POLL_MS = 1000;
const LOCK_LIMIT_MS = 10_000;

/**
 * Opens a file of users, JSON or YAML in App Mesh's own shape, and follows its changes. A change that can't be used is
 * warned of, and the last good state stays.
 * @throws VaultproofError `users_invalid` when the file can't be used to begin with
 * @example
 * await using users = await openUserFile('users.yml', { warn: console.warn });
 */
export async function openUserFile(path: string, { warn = () => {}, pollMs }: UserFileOptions = {}): Promise<UserFile> {
  let seen = await readUserText(path);
  const users = documentUsers(await parseUserDocument(seen, path), {
    name: path,
    plaintextRemedy: `run "vaultproof users hash ${path}"`,
    warn,
  });
  const load = async (): Promise<void> => {
    let document: UserDocument;
    try {
      const text = await readUserText(path);
      if (text === seen) return users.confirm();
      document = await parseUserDocument(text, path);
      seen = text;
    } catch (error) {
      return users.complain((error as Error).message);
    }
    users.replace(document);
  };
  let closed = false;
  let loading = Promise.resolve();
  const reload = (): Promise<void> => {
    loading = loading.then(() => (closed ? undefined : load()));
    return loading;
  };
  const eye = watchFile(path, pollMs, () => void reload());
  // What changed while nobody watched.
  await reload();
  const close = async (): Promise<void> => {
    closed = true;
    eye.close();
    users.close();
    await loading;
  };
  return {
    find: users.find,
    list: users.list,
    status: users.status,
    subscribe: users.subscribe,
    update: async (name, decide) => {
      await editUserFile(path, (document) => changesOf(document, name, decide));
      await reload();
      return users.find(name);
    },
    reload,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Watches the folder: a file that is replaced by a rename is another file, and a link may lead to one. */
function watchFile(path: string, pollMs: number | undefined, changed: () => void): { close(): void } {
  let settling: NodeJS.Timeout | undefined;
  let polling: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  const poll = (every: number): void => {
    watcher?.close();
    polling ??= setInterval(changed, every).unref();
  };
  const noticed = (): void => {
    clearTimeout(settling);
    settling = setTimeout(changed, SETTLE_MS).unref();
  };
  if (pollMs !== undefined) poll(pollMs);
  else {
    try {
      watcher = watch(dirname(path), { persistent: false }, noticed);
      watcher.on('error', () => poll(POLL_MS));
    } catch {
      // The system has no watches left, or none for this file system.
      poll(POLL_MS);
    }
  }
  return {
    close: () => {
      watcher?.close();
      clearTimeout(settling);
      clearInterval(polling);
    },
  };
}

/**
 * Changes users in their file: under a lock, so that of two writers none loses anything, and by one rename, so that a
 * reader sees the file before or after. Comments stay. The file is its owner's alone afterwards (0600).
 * @param decide says what to change, given what the file has under the lock
 * @throws VaultproofError `users_invalid` when the file can't be used, before or after, or is locked for 10 s
 * @example
 * await editUserFile('users.yml', async () => new Map([['alice', { key: await hashPassword('correct horse') }]]));
 */
export async function editUserFile(
  path: string,
  decide: (document: UserDocument) => UserChanges | Promise<UserChanges>,
): Promise<UserChanges> {
  const target = await realpath(path).catch((cause: NodeJS.ErrnoException) => {
    throw invalid(path, `it can't be read (${cause.code})`, cause);
  });
  return withFileLock(target, { limitMs: LOCK_LIMIT_MS }, async (signal) => {
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
