import type { JWK } from 'jose';
import { isRecord } from '../../internal/json.js';

const types: Readonly<Record<string, Pick<JWK, 'kty' | 'crv'>>> = {
  RS: { kty: 'RSA' },
  PS: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
};

/** Whether a key is of the type that an algorithm takes (RFC 7518, section 3.1; RFC 8037, section 3.1). */
export function hasTypeFor(alg: string, { kty, crv }: Readonly<JWK>): boolean {
  const type = types[alg] ?? types[alg.slice(0, 2)];
  return type !== undefined && type.kty === kty && (type.crv === undefined || type.crv === crv);
}

/** What a key says against verifying with an algorithm. */
export interface Objection {
  readonly reason: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/** What a key says against verifying with an algorithm (RFC 7517, section 4); undefined where it says nothing. */
export function objectionOf(key: Readonly<JWK>, alg: string): Objection | undefined {
  // A set comes from elsewhere: what should be a list may be anything.
  const { alg: own = alg, use = 'sig', key_ops: operations = ['verify'] as unknown } = key;
  if (own !== alg) return { reason: 'the key is for another algorithm', expected: own, found: alg };
  if (use !== 'sig') return { reason: 'the key is not for signatures, by its "use"', expected: 'sig', found: use };
  return Array.isArray(operations) && operations.includes('verify')
    ? undefined
    : { reason: 'the key is not for verifying, by its "key_ops"', expected: 'verify', found: operations };
}

/** Whether a key says nothing against verifying with an algorithm. */
export function isMeantFor(alg: string, key: Readonly<JWK>): boolean {
  return objectionOf(key, alg) === undefined;
}

/**
 * The keys that a token may be signed with, as the servers try them: those with its kid, and all for a token without one
 * or with an empty one. Where no key has the kid, those without a kid that fit the algorithm, since a kid is optional in
 * a set (RFC 7517, section 4.5).
 */
export function candidateKeys(keys: readonly Readonly<JWK>[], alg: string, kid: unknown): readonly Readonly<JWK>[] {
  const objects = keys.filter((key): key is Readonly<JWK> => isRecord(key));
  if (kid === undefined || kid === '') return objects;
  const named = objects.filter((key) => key.kid === kid);
  if (named.length > 0) return named;
  return objects.filter((key) => key.kid === undefined && hasTypeFor(alg, key) && isMeantFor(alg, key));
}
