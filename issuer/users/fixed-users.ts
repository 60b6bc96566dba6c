import { Mutex } from '../../internal/mutex.js';
import { changesOf, changeUserDocument } from './change-user-document.js';
import { parseUserDocument } from './user-document.js';
import type { UserStore } from './user-store.js';

const NAME = 'document';

/**
 * A store of users in memory, which change by {@link UserStore.update} alone.
 * @param document in App Mesh's shape: `{Roles, Users}`, or that under `Security`; it stays as it is
 * @throws VaultproofError `users_invalid`
 */
export async function fixedUsers(document: object): Promise<UserStore> {
  let text = JSON.stringify(document);
  let current = await parseUserDocument(text, NAME);
  const listeners = new Set<() => void>();
  const writing = new Mutex();
  const update: UserStore['update'] = async (name, decide) => {
    const changes = await changesOf(current, name, decide);
    const after = await changeUserDocument(text, NAME, changes);
    if (after !== text) {
      current = await parseUserDocument(after, NAME);
      text = after;
      for (const listener of listeners) listener();
    }
    return current.users.get(name);
  };
  const close = async (): Promise<void> => listeners.clear();
  return {
    find: async (name) => current.users.get(name),
    list: async () => byName(current.users.values()),
    status: () => ({ stale: false }),
    update: (name, decide) => writing.run(() => update(name, decide)),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Users sorted by name, by code units. */
export function byName<Named extends { readonly name: string }>(users: Iterable<Named>): readonly Named[] {
  return [...users].sort((a, b) => (a.name < b.name ? -1 : 1));
}
