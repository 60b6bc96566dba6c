import { createPublicKey, type JsonWebKeyInput } from 'node:crypto';
import type { JWK } from 'jose';
import { JOSEError, JWSSignatureVerificationFailed } from 'jose/errors';
import { compactVerify } from 'jose/jws/compact/verify';
import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { type KnownOptions, refuseUnknownOptions } from '../../internal/known-options.js';
import type { Expectations, Refusal, Verdict } from './check-claims.js';
import { checkClaims } from './check-claims.js';
import { decodeToken } from './decode.js';
import { candidateKeys, hasTypeFor, objectionOf } from './find-key.js';

const MAX_TOKEN_BYTES = 64 * 1024;

const expectations: KnownOptions<Expectations> = {
  algorithms: true,
  keys: true,
  issuer: true,
  audience: true,
  subject: true,
  typ: true,
  requiredClaims: true,
  leewaySeconds: true,
  now: true,
};

/**
 * Verifies a token as RFC 8725 asks: the caller names the algorithms, a key fits its algorithm, `none`, `jku`, `x5u` and
 * an embedded `jwk` count for nothing, every claim is compared exactly. Checks run in this order: form, algorithm, key,
 * signature, typ, types of the registered claims, issuer, subject, audience, times.
 * @throws TypeError for an unknown option, which would leave a check out
 *
 * @example
 * const verdict = await verifyToken(jwt, { algorithms: ['ES256'], keys: [key.publicJwk], audience: 'vault' });
 * if (!verdict.valid) console.log(verdict.code);
 */
export async function verifyToken(jwt: string, expected: Expectations): Promise<Verdict> {
  refuseUnknownOptions('verifyToken', expected, expectations);
  try {
    if (Buffer.byteLength(jwt) > MAX_TOKEN_BYTES)
      return refuse({ code: 'token_too_large', reason: 'the token is over 64 KiB' });
    if (jwt.trim() === '') return refuse({ code: 'token_missing', reason: 'the token is empty' });
    const { header, claims } = decodeToken(jwt);
    if (header['b64'] === false && Array.isArray(header['crit']) && header['crit'].includes('b64')) {
      const reason = 'its header has "b64": false, which a JWT must not have (RFC 7797, section 7)';
      return refuse({ code: 'token_malformed', reason });
    }
    const refusal = (await checkSignature(jwt, header, expected)) ?? checkClaims(header, claims, expected);
    return refusal ? refuse(refusal) : { valid: true, header, claims };
  } catch (error) {
    if (error instanceof VaultproofError) return refuse({ code: error.code, reason: error.message });
    throw error;
  }
}

function refuse(refusal: Refusal): Verdict {
  return { valid: false, ...refusal };
}

async function checkSignature(
  jwt: string,
  header: Readonly<Record<string, unknown>>,
  { algorithms, keys }: Expectations,
): Promise<Refusal | undefined> {
  const { alg, kid } = header;
  if (!('secret' in keys) && !keys.some(isRecord)) {
    return { code: 'unknown_key', reason: 'the key set is empty', expected: [], found: kid ?? null };
  }
  if (typeof alg !== 'string' || alg === 'none' || !algorithms.includes(alg)) {
    const reason = 'the algorithm is not allowed';
    return { code: 'algorithm_not_allowed', reason, expected: algorithms, found: alg ?? null };
  }
  if ('secret' in keys) {
    if (!alg.startsWith('HS')) {
      return { code: 'algorithm_not_allowed', reason: 'a secret verifies HS* only', expected: algorithms, found: alg };
    }
    return verifiesWith(jwt, alg, keys.secret);
  }
  if (alg.startsWith('HS')) {
    return {
      code: 'algorithm_not_allowed',
      reason: 'a public key is not a shared secret',
      expected: algorithms,
      found: alg,
    };
  }
  return checkCandidates(jwt, alg, keys, kid);
}

/** Tries the keys that the token may be signed with; of several refusals the signature's says most. */
async function checkCandidates(
  jwt: string,
  alg: string,
  keys: readonly Readonly<JWK>[],
  kid: unknown,
): Promise<Refusal | undefined> {
  const refusals: Refusal[] = [];
  for (const key of candidateKeys(keys, alg, kid)) {
    const refusal = await checkKey(jwt, alg, key);
    if (!refusal) return undefined;
    refusals.push(refusal);
  }
  const [first] = refusals;
  if (!first) {
    const kids = keys.filter(isRecord).map((known) => known['kid'] ?? null);
    return { code: 'unknown_key', reason: 'no key has this kid', expected: kids, found: kid ?? null };
  }
  const tried = refusals.filter(({ code }) => code !== 'algorithm_not_allowed');
  if (tried.length > 1) return { code: 'signature_invalid', reason: `the signature fits none of ${tried.length} keys` };
  if (tried[0] || refusals.length === 1) return tried[0] ?? first;
  return { code: 'algorithm_not_allowed', reason: `none of ${refusals.length} keys is for this algorithm`, found: alg };
}

async function checkKey(jwt: string, alg: string, key: Readonly<JWK>): Promise<Refusal | undefined> {
  const objection = objectionOf(key, alg);
  if (objection) return { code: 'algorithm_not_allowed', ...objection };
  if (key.d !== undefined) {
    return { code: 'signature_invalid', reason: 'the key is private, and no server verifies with a private key' };
  }
  const cannotVerify: Refusal = {
    code: 'algorithm_not_allowed',
    reason: `a key of type ${key.kty} can't verify ${alg}`,
    expected: key.kty,
    found: alg,
  };
  if (!hasTypeFor(alg, key)) return cannotVerify;
  try {
    return await verifiesWith(jwt, alg, createPublicKey({ key, format: 'jwk' } as JsonWebKeyInput));
  } catch (error) {
    if (error instanceof TypeError) return cannotVerify;
    throw error;
  }
}

async function verifiesWith(
  jwt: string,
  alg: string,
  key: Parameters<typeof compactVerify>[1],
): Promise<Refusal | undefined> {
  try {
    await compactVerify(jwt, key as never, { algorithms: [alg] });
    return undefined;
  } catch (error) {
    if (error instanceof JWSSignatureVerificationFailed) {
      return { code: 'signature_invalid', reason: 'the signature does not fit the key' };
    }
    if (error instanceof JOSEError) return { code: 'token_malformed', reason: error.message };
    throw error;
  }
}
