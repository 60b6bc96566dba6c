import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { changesOf } from './change-user-document.js';
import { editUserFile } from './edit-user-file.js';
import { byName } from './fixed-users.js';
import { parseUserDocument, readUserText, type UserDocument } from './user-document.js';
import type { UserStore } from './user-store.js';

/** How a user file is kept an eye on. */
export interface UserFileOptions {
  /** Called with one-line warnings about the file, which never contain values. Default: ignored. */
  readonly warn?: (message: string) => void;
  /** Looks at the file this often instead of waiting for the system to tell; by default only where it can't. */
  readonly pollMs?: number;
}

/** A user file that is open. */
export interface UserFile extends UserStore {
  /** Reads the file now, instead of when a change is noticed. A bad one keeps the last good state. */
  reload(): Promise<void>;
}

/** Editors truncate before they write: what is seen in between is not judged. */
const SETTLE_MS = 50;
const POLL_MS = 1000;

/**
 * Opens a file of users, JSON or YAML in App Mesh's own shape, and follows its changes. A change that can't be used is
 * warned of, and the last good state stays.
 * @throws VaultproofError `users_invalid` when the file can't be used to begin with
 */
export async function openUserFile(path: string, { warn = () => {}, pollMs }: UserFileOptions = {}): Promise<UserFile> {
  let seen = await readUserText(path);
  let current = await parseUserDocument(seen, path);
  const listeners = new Set<() => void>();
  const warnOfPlaintext = ({ plaintext }: UserDocument): void => {
    if (plaintext.length === 0) return;
    const whose = plaintext.map((name) => `"${name}"`).join(', ');
    warn(`passwords in plain text in "${path}", of ${whose}: run "vaultproof users hash ${path}"`);
  };
  warnOfPlaintext(current);

  let complaint = '';
  const load = async (): Promise<void> => {
    try {
      const text = await readUserText(path);
      if (text === seen) {
        complaint = '';
        return;
      }
      current = await parseUserDocument(text, path);
      seen = text;
    } catch (error) {
      const { message } = error as Error;
      if (message !== complaint) warn(`${message}; the users last read stay in use`);
      complaint = message;
      return;
    }
    complaint = '';
    warnOfPlaintext(current);
    for (const listener of listeners) listener();
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
    listeners.clear();
    await loading;
  };
  return {
    find: async (name) => current.users.get(name),
    list: async () => byName(current.users.values()),
    status: () => (complaint === '' ? { stale: false } : { stale: true, reason: complaint }),
    update: async (name, decide) => {
      await editUserFile(path, (document) => changesOf(document, name, decide));
      await reload();
      return current.users.get(name);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
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
