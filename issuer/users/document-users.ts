import { Mutex } from '../../internal/mutex.js';
import { changesOf, changeUserDocument } from './change-user-document.js';
import { parseUserDocument, type UserDocument } from './user-document.js';
import type { UserStore } from './user-store.js';

/** Where a document of users comes from, and what to do about its passwords in plain text. */
export interface DocumentSource {
  /** What to call it in a warning. */
  readonly name: string;
  /** How a warning about passwords in plain text ends. */
  readonly plaintextRemedy: string;
  /** Called with one-line warnings, which never contain values. */
  readonly warn: (message: string) => void;
}

/** The last good document of a store: what a {@link UserStore} reads from, and how its source keeps it up to date. */
export interface DocumentUsers extends Pick<UserStore, 'find' | 'list' | 'status' | 'subscribe'> {
  /** Puts a newer document in place and tells the subscribers. */
  replace(document: UserDocument): void;
  /** The source still has this document, and can be used. */
  confirm(): void;
  /**
   * The source can't be had or can't be used: warns, unless the same is known, and keeps the document.
   * @param cause what tells one complaint from another; default the message
   */
  complain(message: string, cause?: string): void;
  /** Forgets the subscribers. */
  close(): void;
}

/** Holds a document of users, and warns of passwords in plain text in it and in those that replace it. */
export function documentUsers(first: UserDocument, source?: DocumentSource): DocumentUsers {
  let current = first;
  let complaint: { readonly cause: string; readonly reason: string } | undefined;
  const listeners = new Set<() => void>();
  const warnOfPlaintext = ({ plaintext }: UserDocument): void => {
    if (!source || plaintext.length === 0) return;
    const whose = plaintext.map((name) => `"${name}"`).join(', ');
    source.warn(`passwords in plain text in "${source.name}", of ${whose}: ${source.plaintextRemedy}`);
  };
  warnOfPlaintext(first);
  return {
    find: async (name) => current.users.get(name),
    list: async () => [...current.users.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    status: () => (complaint ? { stale: true, reason: complaint.reason } : { stale: false }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    replace: (document) => {
      current = document;
      complaint = undefined;
      warnOfPlaintext(document);
      for (const listener of listeners) listener();
    },
    confirm: () => {
      complaint = undefined;
    },
    complain: (reason, cause = reason) => {
      if (cause !== complaint?.cause) source?.warn(`${reason}; the users last read stay in use`);
      complaint = { cause, reason };
    },
    close: () => listeners.clear(),
  };
}

const NAME = 'document';

/**
 * A store of users in memory, which change by {@link UserStore.update} alone.
 * @param document in App Mesh's shape: `{Roles, Users}`, or that under `Security`; it is not modified
 * @throws VaultproofError `users_invalid`
 * @example
 * const users = await fixedUsers({ Roles: { admin: ['app-view'] }, Users: { ada: { key: 'secret', roles: ['admin'] } } });
 * (await users.find('ada'))?.permissions; // ['app-view']
 */
export async function fixedUsers(document: object): Promise<UserStore> {
  let text = JSON.stringify(document);
  let current = await parseUserDocument(text, NAME);
  const { find, list, status, subscribe, replace, close: forget } = documentUsers(current);
  const writing = new Mutex();
  const update: UserStore['update'] = async (name, decide) => {
    const after = await changeUserDocument(text, NAME, await changesOf(current, name, decide));
    if (after !== text) {
      current = await parseUserDocument(after, NAME);
      text = after;
      replace(current);
    }
    return find(name);
  };
  const close = async (): Promise<void> => forget();
  return {
    find,
    list,
    status,
    subscribe,
    update: (name, decide) => writing.run(() => update(name, decide)),
    close,
    [Symbol.asyncDispose]: close,
  };
}
