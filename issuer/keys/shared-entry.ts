import { createPublicKey, type JsonWebKeyInput } from 'node:crypto';
import type { JWK } from 'jose';
import { isRecord } from '../../internal/json.js';
import { hasTypeFor, isMeantFor } from '../tokens/find-key.js';

/** What an issuer says to the others. */
export interface SharedEntry {
  /** The `iss` of the tokens that its keys are for. */
  readonly iss: string;
  /** Which process wrote it, by a random name. */
  readonly instance: string;
  /** Until when it counts, in seconds since 1970. */
  readonly expires: number;
  /** Public keys for {@link SHARED_ALGORITHM}, each with a kid. */
  readonly keys: readonly Readonly<JWK>[];
}

/** What issuers sign with whose tokens are good at each other's. */
export const SHARED_ALGORITHM = 'ES256';
/** The longest that an entry may say that it counts for, in seconds. */
export const LONGEST_LEASE_SECONDS = 3_600;
/** How much later than by our clock an entry's end may be. */
const CLOCK_SKEW_SECONDS = 300;
const MOST_BYTES = 64 * 1024;
const MOST_KEYS = 16;
const MOST_PEERS = 64;
const MOST_CHARACTERS = 256;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * Reads an entry, which anybody may have written who may write there. Keys of other algorithms are left out.
 * @param now in seconds since 1970
 * @returns the entry, or what is wrong with it, without any value of it
 */
export function parseSharedEntry(text: string, now: number): SharedEntry | { readonly wrong: string } {
  if (Buffer.byteLength(text) > MOST_BYTES) return { wrong: 'it is over 64 KiB' };
  const entry = parsed(text);
  if (!isRecord(entry)) return { wrong: 'it is not a JSON object' };
  const { iss, instance, expires, keys } = entry;
  if (!isName(iss) || !isName(instance)) return { wrong: 'its "iss" or "instance" is not a string' };
  if (typeof expires !== 'number' || !Number.isSafeInteger(expires)) return { wrong: 'its "expires" is not a time' };
  if (expires > now + LONGEST_LEASE_SECONDS + CLOCK_SKEW_SECONDS) return { wrong: 'it expires later than allowed' };
  if (!Array.isArray(keys) || keys.length > MOST_KEYS)
    return { wrong: `its "keys" must be a list of at most ${MOST_KEYS}` };
  const good: Readonly<JWK>[] = [];
  for (const key of keys as readonly unknown[]) {
    const wrong = wrongWith(key);
    if (wrong !== undefined) return { wrong };
    const jwk = key as Readonly<JWK>;
    if (!hasTypeFor(SHARED_ALGORITHM, jwk) || !isMeantFor(SHARED_ALGORITHM, jwk)) continue;
    if (!isPublicKey(jwk)) return { wrong: 'one of its keys is invalid' };
    good.push(jwk);
  }
  return { iss, instance, expires, keys: good };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MOST_CHARACTERS;
}

function wrongWith(key: unknown): string | undefined {
  if (!isRecord(key)) return 'one of its keys is not a JWK';
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(key, member))) {
    return 'it contains a private key or a secret, which anyone who can read this key in Consul now has: generate another';
  }
  return isName(key['kid']) && isName(key['kty']) ? undefined : 'one of its keys has no "kid" or no "kty"';
}

function isPublicKey(key: object): boolean {
  try {
    return createPublicKey({ key, format: 'jwk' } as JsonWebKeyInput).asymmetricKeyType === 'ec';
  } catch {
    return false;
  }
}

/** The other issuers, as their entries have them. */
export interface SharedPeers {
  /** Takes all entries that there are now, by name; one that can't be used is none. */
  take(entries: ReadonlyMap<string, string>): void;
  /** From now until the next {@link SharedPeers.take} what is known counts, however old. */
  lost(): void;
  /** The keys for tokens with this `iss`: a set for each issuer that has a key of this kid. */
  setsWith(iss: string, kid: unknown): readonly (readonly Readonly<JWK>[])[];
}

interface Peer extends Pick<SharedEntry, 'iss' | 'keys'> {
  readonly until: number;
}

/**
 * A table of other issuers, empty. After an outage they may be later than we are to say that they are still there: those
 * that were known count for one lease more.
 * @param now seconds since 1970
 * @param complain is told what is wrong with an entry
 */
export function sharedPeers(
  leaseSeconds: number,
  now: () => number,
  complain: (name: string, wrong: string) => void,
): SharedPeers {
  let peers = new Map<string, Peer>();
  let isLost = false;
  let graceUntil = 0;
  return {
    take: (entries) => {
      if (isLost) graceUntil = now() + leaseSeconds;
      isLost = false;
      const next = new Map<string, Peer>();
      for (const [name, text] of entries) {
        const entry =
          next.size < MOST_PEERS ? parseSharedEntry(text, now()) : { wrong: `there are ${MOST_PEERS} others` };
        if ('wrong' in entry) complain(name, entry.wrong);
        else next.set(name, { ...entry, until: Math.max(entry.expires, graceUntil) });
      }
      if (now() < graceUntil) {
        for (const [name, peer] of peers) if (!entries.has(name)) next.set(name, { ...peer, until: graceUntil });
      }
      peers = next;
    },
    lost: () => {
      isLost = true;
    },
    setsWith: (iss, kid) =>
      [...peers.values()].flatMap((peer) =>
        peer.iss === iss && (isLost || now() < peer.until) && peer.keys.some((key) => key.kid === kid)
          ? [peer.keys]
          : [],
      ),
  };
}
