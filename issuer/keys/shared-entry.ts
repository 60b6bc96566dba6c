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
