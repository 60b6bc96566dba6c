import { setTimeout as after } from 'node:timers/promises';
import { VaultproofError } from '../../errors/index.js';
import { Mutex } from '../../internal/mutex.js';
import { type ConsulAccess, type ConsulKv, consulKv, type KvEntry } from '../consul/consul-kv.js';
import { watchKv } from '../consul/watch-kv.js';
import { changesOf, changeUserDocument } from './change-user-document.js';
import { documentUsers } from './document-users.js';
import { hashPassword } from './password.js';
import { invalid, parseUserDocument } from './user-document.js';
import type { UserStore } from './user-store.js';

/** Which key of which Consul has the users. */
export interface ConsulUsersOptions extends ConsulAccess {
  /** Default App Mesh's own, `appmesh/security`. */
  readonly key?: string | undefined;
  /** Called with one-line warnings about the users, which never contain values. Default: ignored. */
  readonly warn?: ((message: string) => void) | undefined;
  /**
   * How long one query waits for a change, in seconds; default 60. Consul looks at the token when a query begins: one that
   * was revoked goes unnoticed for so long, and sees one more change.
   */
  readonly waitSeconds?: number | undefined;
}

/** Where App Mesh has its users in Consul. */
const CONSUL_USERS_KEY = 'appmesh/security';
const WAIT_SECONDS = 60;
const WRITE_MS = 10_000;
const LONGEST_PAUSE_MS = 200;

/**
 * Opens the users in a key of Consul's, the whole document in App Mesh's shape, JSON or YAML, and follows its changes by a
 * blocking query. Writes compare and set: of writers anywhere none loses anything. What can't be used, a key that is
 * removed and a Consul that is away are warned of, and the last good state serves until there is another.
 * @throws VaultproofError `users_not_found` without such a key, `users_invalid` when it can't be used to begin with, and
 * what {@link ConsulKv} throws
 * @throws TypeError for an invalid address, token or key
 * @see https://developer.hashicorp.com/consul/api-docs/kv
 * @example
 * const users = await openConsulUsers({ address: 'http://127.0.0.1:8500', token, key: 'issuer/users' });
 */
export async function openConsulUsers(options: ConsulUsersOptions): Promise<UserStore> {
  const { key = CONSUL_USERS_KEY, warn = () => {}, waitSeconds = WAIT_SECONDS, ...access } = options;
  const name = nameOf(key);
  const calls = consulKv(access);
  const watching = consulKv(access);
  const stopBoth = (): void => {
    watching.close();
    calls.close();
  };
  const begin = async () => {
    const first = await watching.read(key);
    const entry = found(first.entries[0], key);
    return { first, entry, document: await parseUserDocument(entry.value, name) };
  };
  const begun = await begin().catch((error: unknown) => {
    stopBoth();
    throw error;
  });
  const users = documentUsers(begun.document, {
    name,
    plaintextRemedy: '"vaultproof users push" hashes them',
    warn,
  });
  let { value: seen, modifyIndex: latest } = begun.entry;

  const complain = (error: unknown): void => {
    const { message, code } = error as VaultproofError;
    // A Consul that is away is so in many words.
    users.complain(message, code === 'users_invalid' ? message : code);
  };
  const load = async (entry: KvEntry | undefined, isFresh: boolean): Promise<void> => {
    const { modifyIndex = 0 } = entry ?? {};
    // Of a watch and a write side by side the later one counts, unless it may be another server that answers now.
    if (entry && modifyIndex < latest && !isFresh) return;
    if (entry || isFresh) latest = modifyIndex;
    try {
      const { value } = found(entry, key);
      if (value === seen) return users.confirm();
      const document = await parseUserDocument(value, name);
      seen = value;
      users.replace(document);
    } catch (error) {
      complain(error);
    }
  };
  let loading = Promise.resolve();
  const take = (entry: KvEntry | undefined, isFresh: boolean): Promise<void> => {
    loading = loading.then(() => load(entry, isFresh));
    return loading;
  };
  const watch = watchKv(watching, {
    key,
    from: begun.first,
    waitSeconds,
    onAnswer: ({ entries: [entry] }, isFresh) => take(entry, isFresh),
    onFailure: complain,
  });

  const update: UserStore['update'] = async (user, decide) => {
    await changeEntry(calls, key, async (entry) => {
      const { value } = found(entry, key);
      return changeUserDocument(value, name, await changesOf(await parseUserDocument(value, name), user, decide));
    });
    await take((await calls.read(key)).entries[0], false);
    return users.find(user);
  };
  // They would only be in each other's way.
  const writing = new Mutex();
  const close = async (): Promise<void> => {
    watch.close();
    watching.close();
    users.close();
    await writing.idle();
    calls.close();
    await loading;
  };
  return {
    find: users.find,
    list: users.list,
    status: users.status,
    subscribe: users.subscribe,
    update: (user, decide) => writing.run(() => update(user, decide)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Where the users are put. */
export interface PushUsersOptions extends ConsulAccess {
  /** Default `appmesh/security`. */
  readonly key?: string | undefined;
  /** Takes the place of what is there; default no, what is there stays. */
  readonly replace?: boolean | undefined;
}

/**
 * Puts a document of users into a key of Consul's, unchanged except for plain-text passwords, which are hashed first.
 * @param document JSON or YAML in App Mesh's shape
 * @param path what to call it in an error
 * @returns the names of the users whose password was hashed
 * @throws VaultproofError `users_invalid`, `users_exist`, and what Consul refuses, for example `value_too_large`
 * @example
 * const text = await readUserText('users.yml');
 * await pushUsers(text, 'users.yml', { address: 'http://127.0.0.1:8500', token, key: 'issuer/users' });
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

/** What to call the users of a key in an error. */
function nameOf(key: string): string {
  return `consul:${key}`;
}

/**
 * Changes what a key holds by compare-and-set: what is changed is what is there at the moment of writing.
 * @param change is asked again whenever another writer came first; what it throws leaves everything as it is
 * @throws VaultproofError `users_invalid` when others came first for 10 s, and what {@link ConsulKv} throws
 */
async function changeEntry(
  kv: ConsulKv,
  key: string,
  change: (entry: KvEntry | undefined) => Promise<string>,
): Promise<void> {
  const until = performance.now() + WRITE_MS;
  for (let times = 0; ; times += 1) {
    const { entries } = await kv.read(key);
    const [entry] = entries;
    const value = await change(entry);
    if (value === entry?.value || (await kv.write(key, value, entry?.modifyIndex ?? 0))) return;
    if (performance.now() > until) throw invalid(nameOf(key), 'other writers keep changing it: try again');
    await after(Math.random() * Math.min(5 * 2 ** times, LONGEST_PAUSE_MS));
  }
}

function found(entry: KvEntry | undefined, key: string): KvEntry {
  if (entry) return entry;
  const message = `consul has no key "${key}": put the users there with "vaultproof users push FILE --consul ${key}"`;
  throw new VaultproofError('users_not_found', message, { details: { key } });
}
