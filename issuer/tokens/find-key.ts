import type { JWK } from 'jose';
import { isRecord } from '../is-record.js';

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

/** Whether a key says nothing against verifying with an algorithm (RFC 7517, section 4). */
export function isMeantFor(alg: string, key: Readonly<JWK>): boolean {
  // A set is somebody else's: what should be a list may be anything.
  const operations: unknown = key.key_ops ?? ['verify'];
  const verifies = Array.isArray(operations) && operations.includes('verify');
  return (key.alg ?? alg) === alg && (key.use ?? 'sig') === 'sig' && verifies;
}

/**
 * The key that a token names: the one with its kid. Where none has it, that is the only key without a kid that fits the
 * algorithm, since a kid is optional in a set (RFC 7517, section 4.5). A token without a kid takes a set of one key.
 */
export function findKey(keys: readonly Readonly<JWK>[], alg: string, kid: unknown): Readonly<JWK> | undefined {
  const objects = keys.filter((key): key is Readonly<JWK> => isRecord(key));
  if (kid === undefined) return only(objects);
  const named = objects.filter((key) => key.kid === kid);
  if (named.length > 0) return only(named);
  return only(objects.filter((key) => key.kid === undefined && hasTypeFor(alg, key) && isMeantFor(alg, key)));
}

function only<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}
