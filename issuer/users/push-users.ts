import { VaultproofError } from '../../errors/index.js';
import { type ConsulAccess, consulKv } from '../consul/consul-kv.js';
import { changeUserDocument } from './change-user-document.js';
import { CONSUL_USERS_KEY, changeEntry, nameOf } from './consul-users.js';
import { hashPassword } from './password.js';
import { parseUserDocument } from './user-document.js';

/** Where the users are put. */
export interface PushUsersOptions extends ConsulAccess {
  /** Default `appmesh/security`. */
  readonly key?: string;
  /** Takes the place of what is there; default no, what is there stays. */
  readonly replace?: boolean;
}

/**
 * Puts a document of users into a key of Consul's, unchanged except for plain-text passwords, which are hashed first.
 * @param document JSON or YAML in App Mesh's shape
 * @param path what to call it in an error
 * @returns the names of the users whose password was hashed
 * @throws VaultproofError `users_invalid`, `users_exist`, and what Consul refuses, for example `value_too_large`
 */
export async function pushUsers(document: string, path: string, options: PushUsersOptions): Promise<readonly string[]> {
  const { key = CONSUL_USERS_KEY, replace = false, ...access } = options;
  const { users, plaintext } = await parseUserDocument(document, path);
  const hashed = new Map<string, { readonly key: string }>();
  for (const name of plaintext) hashed.set(name, { key: await hashPassword(users.get(name)?.key ?? '') });
  const text = await changeUserDocument(document, path, hashed);
  const kv = consulKv(access);
  try {
    await changeEntry(kv, key, async (entry) => {
      if (!entry || replace) return text;
      const message = `there are users in "${nameOf(key)}": add --replace to replace them`;
      throw new VaultproofError('users_exist', message, { details: { key } });
    });
  } finally {
    kv.close();
  }
  return plaintext;
}
