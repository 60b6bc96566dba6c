import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { UsageError, type VaultproofError } from '../../errors/index.js';
import { Mutex } from '../../internal/mutex.js';
import { type ConsulAccess, consulKv, type KvAnswer } from '../consul/consul-kv.js';
import { watchKv } from '../consul/watch-kv.js';
import type { KeyRing } from './key-ring.js';
import {
  LONGEST_LEASE_SECONDS,
  parseSharedEntry,
  SHARED_ALGORITHM,
  type SharedEntry,
  type SharedPeers,
  sharedPeers,
} from './shared-entry.js';
import { isUnauthenticated } from './signing-key.js';

/** Where issuers share their public keys. */
export interface SharedKeysOptions extends ConsulAccess {
  /** This issuer's own key in Consul, for example `appmesh/keys/a`; those beside it are the others'. */
  readonly key: string;
  /** How long the others accept its tokens after it was last heard of, in seconds, 3 to 3600; default 60. */
  readonly leaseSeconds?: number | undefined;
  /** Called with one-line warnings, which never contain values. Default: ignored. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** The public keys of issuers that accept each other's tokens. */
export interface SharedKeys extends Pick<SharedPeers, 'setsWith'>, AsyncDisposable {
  /** Has the others know the public keys of a ring, as they come and go, for tokens with this `iss`; within 1 s. */
  share(iss: string, keys: KeyRing): void;
  /**
   * Waits until the others can have what is shared now.
   * @throws VaultproofError what writing to Consul throws
   */
  shared(): Promise<void>;
  /** Takes the own keys away from the others; idempotent. */
  close(): Promise<void>;
}

const LEASE_SECONDS = 60;
const WAIT_SECONDS = 60;
const TICK_MS = 1_000;
const FAREWELL_MS = 2_000;

/**
 * Shares public keys in Consul's key-value store, an entry for each issuer: its keys, its `iss`, and until when it counts.
 * An entry is renewed while its issuer lives and removed when it ends. One that is not renewed counts no longer; while
 * Consul is away, and for one lease after that, what was known before counts.
 * @throws VaultproofError what {@link ConsulKv.read} throws
 * @throws TypeError for a key without a folder, and an invalid lease
 * @example
 * await using shared = await openSharedKeys({ address: 'http://127.0.0.1:8500', token, key: 'issuer/keys' });
 */
export async function openSharedKeys(options: SharedKeysOptions): Promise<SharedKeys> {
  const { key, leaseSeconds = LEASE_SECONDS, warn = () => {}, ...access } = options;
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  if (folder === '' || !/^[\w.-]{1,64}$/.test(key.slice(folder.length))) {
    throw new UsageError(`invalid Consul key "${key}" for an issuer's keys; expected for example "appmesh/keys/a"`);
  }
  if (!(leaseSeconds >= 3 && leaseSeconds <= LONGEST_LEASE_SECONDS)) {
    throw new UsageError(`"leaseSeconds" must be 3 to ${LONGEST_LEASE_SECONDS}, not ${leaseSeconds}`);
  }
  const instance = randomUUID();
  const calls = consulKv(access);
  const watching = consulKv(access);
  const told = new Map<string, string>();
  const complain = (about: string, message: string): void => {
    if (told.get(about) !== message) warn(message);
    told.set(about, message);
  };

  const rings = new Set<KeyRing>();
  let iss = '';
  let written: { readonly keys: string; readonly at: number } | undefined;
  const writing = new Mutex();
  let isWriting = false;
  const ownKeys = (): string =>
    JSON.stringify(
      [...rings].flatMap((ring) =>
        ring
          .published()
          .flatMap((own) => (own.alg === SHARED_ALGORITHM && !isUnauthenticated(own) ? [own.publicJwk] : [])),
      ),
    );
  const write = async (): Promise<void> => {
    const keys = ownKeys();
    if (written?.keys === keys && now() - written.at < leaseSeconds / 3) return;
    const entry: SharedEntry = { iss, instance, expires: Math.ceil(now()) + leaseSeconds, keys: JSON.parse(keys) };
    isWriting = true;
    try {
      await calls.write(key, JSON.stringify(entry));
    } finally {
      isWriting = false;
    }
    written = { keys, at: now() };
    told.delete('writing');
  };
  // What is on its way may be without the newest key.
  const publish = (): Promise<void> => writing.run(write);
  const publishSoon = (): void => {
    publish().catch(({ message }: VaultproofError) => {
      complain('writing', `${message}; the other issuers won't accept this one's tokens for long`);
    });
  };

  const peers = sharedPeers(leaseSeconds, now, (name, wrong) =>
    complain(name, `the keys in "consul:${name}" are ignored: ${wrong}`),
  );
  const take = ({ entries }: KvAnswer): void => {
    isAway = false;
    const others = new Map(entries.map((entry) => [entry.key, entry.value]));
    const own = others.get(key);
    others.delete(key);
    peers.take(others);
    const { instance: whose, expires = 0 } = own === undefined ? {} : fieldsOf(own);
    if (!written || whose === instance) return;
    if (expires > now())
      complain('another', `another issuer also writes to "consul:${key}": give each issuer its own key`);
    else {
      written = undefined;
      publishSoon();
    }
  };
  let isAway = false;
  const first = await watching.read(folder, { recurse: true }).catch((error: unknown) => {
    watching.close();
    calls.close();
    throw error;
  });
  take(first);
  const watch = watchKv(watching, {
    key: folder,
    recurse: true,
    from: first,
    waitSeconds: WAIT_SECONDS,
    onAnswer: take,
    onFailure: ({ message }) => {
      peers.lost();
      if (!isAway) warn(`${message}; the keys last read from other issuers stay in use`);
      isAway = true;
    },
  });
  const tick = setInterval(() => rings.size > 0 && !isWriting && publishSoon(), TICK_MS).unref();

  const leave = async (): Promise<void> => {
    await writing.idle();
    const [entry] = (await calls.read(key)).entries;
    if (entry && fieldsOf(entry.value).instance === instance) await calls.remove(key, entry.modifyIndex);
  };
  const end = async (): Promise<void> => {
    clearInterval(tick);
    watch.close();
    watching.close();
    // Where Consul does not answer the entry ends by itself.
    if (rings.size > 0) await Promise.race([leave().catch(() => {}), after(FAREWELL_MS, undefined, { ref: false })]);
    calls.close();
  };
  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  return {
    share: (name, keys) => {
      if (rings.size > 0 && name !== iss)
        throw new UsageError(`keys for "${iss}" are shared here, not for "${name}": use one issuer name`);
      iss = name;
      rings.add(keys);
    },
    shared: async () => {
      if (written?.keys !== ownKeys()) await publish();
    },
    setsWith: peers.setsWith,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** By the clock of this host: an issuer's own may be moved, and what others write is not by it. */
function now(): number {
  return Date.now() / 1000;
}

function fieldsOf(text: string): Partial<SharedEntry> {
  const entry = parseSharedEntry(text, now());
  return 'wrong' in entry ? {} : entry;
}
