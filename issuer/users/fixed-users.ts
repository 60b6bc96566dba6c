import { parseUserDocument } from './user-document.js';
import type { UserStore } from './user-store.js';

/**
 * A store of users that never change.
 * @param document in App Mesh's shape: `{Roles, Users}`, or that under `Security`
 * @throws VaultproofError `users_invalid`
 */
export async function fixedUsers(document: object): Promise<UserStore> {
  const { users } = await parseUserDocument(JSON.stringify(document), 'document');
  const close = async (): Promise<void> => {};
  return {
    find: async (name) => users.get(name),
    list: async () => byName(users.values()),
    subscribe: () => () => {},
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Users sorted by name, by code units. */
export function byName<Named extends { readonly name: string }>(users: Iterable<Named>): readonly Named[] {
  return [...users].sort((a, b) => (a.name < b.name ? -1 : 1));
}
