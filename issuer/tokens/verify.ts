import { createPublicKey, type JsonWebKeyInput } from 'node:crypto';
import { compactVerify, type JWK, errors as joseErrors } from 'jose';
import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import { decodeToken } from './decode.js';
import { findKey, hasTypeFor, isMeantFor } from './find-key.js';

const MAX_TOKEN_BYTES = 64 * 1024;
const CLOCK_LEEWAY_SECONDS = 0;

/** What a token is held against. */
export interface Expectations {
  /** The algorithms that may sign it; a token's own header never decides. */
  readonly algorithms: readonly string[];
  /**
   * The public keys (RFC 7517), or the secret that HS* algorithms share. They are all that there is: nothing is fetched,
   * whatever a token names. A key is found by its kid, or is the only one without a kid that fits the algorithm.
   */
  readonly keys: readonly Readonly<JWK>[] | { readonly secret: Uint8Array };
  readonly issuer?: string;
  /** Of these audiences the token must be for one. */
  readonly audience?: string | readonly string[];
  readonly subject?: string;
  /** The header parameter `typ`, without `application/`. */
  readonly typ?: string;
  /** The claims that must be there; default `exp`. */
  readonly requiredClaims?: readonly string[];
  /** How many seconds a clock may be off, for exp, nbf and iat; default 0. */
  readonly leewaySeconds?: number;
  /** The time, in seconds since 1970; default now. */
  readonly now?: number;
}

/** What became of a token: it holds, or the check that it failed. */
export type Verdict =
  | {
      readonly valid: true;
      readonly header: Readonly<Record<string, unknown>>;
      readonly claims: Readonly<Record<string, unknown>>;
    }
  | {
      readonly valid: false;
      readonly code: ErrorCode;
      readonly reason: string;
      readonly expected?: unknown;
      readonly found?: unknown;
    };

type Refusal = Omit<Extract<Verdict, { valid: false }>, 'valid'>;

/**
 * Verifies a token as RFC 8725 asks: the caller names the algorithms, a key fits its algorithm, `none`, `jku`, `x5u` and
 * an embedded `jwk` count for nothing, every claim is compared exactly. Checks run in this order: form, algorithm, key,
 * signature, typ, issuer, subject, audience, times.
 */
export async function verifyToken(jwt: string, expected: Expectations): Promise<Verdict> {
  try {
    if (Buffer.byteLength(jwt) > MAX_TOKEN_BYTES)
      return refuse({ code: 'token_too_large', reason: 'the token is over 64 KiB' });
    const { header, claims } = decodeToken(jwt);
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
  if (typeof alg !== 'string' || alg === 'none' || !algorithms.includes(alg)) {
    return {
      code: 'algorithm_not_allowed',
      reason: `the algorithm is not allowed`,
      expected: algorithms,
      found: alg ?? null,
    };
  }
  if ('secret' in keys) {
    if (!alg.startsWith('HS')) {
      return { code: 'algorithm_not_allowed', reason: 'a secret verifies HS* only', expected: algorithms, found: alg };
    }
    return verifiesWith(jwt, alg, keys.secret);
  }
  if (alg.startsWith('HS')) {
    return { code: 'algorithm_not_allowed', reason: 'a public key is no secret', expected: algorithms, found: alg };
  }
  const key = findKey(keys, alg, kid);
  if (!key) {
    return {
      code: 'unknown_key',
      reason: 'no key has this kid',
      expected: keys.map((known) => known?.kid ?? null),
      found: kid ?? null,
    };
  }
  if (!isMeantFor(alg, key)) {
    return {
      code: 'algorithm_not_allowed',
      reason: 'the key is for something else',
      expected: key.alg ?? key.use,
      found: alg,
    };
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
    if (error instanceof joseErrors.JWSSignatureVerificationFailed) {
      return { code: 'signature_invalid', reason: 'the signature does not fit the key' };
    }
    if (error instanceof joseErrors.JOSEError) return { code: 'token_malformed', reason: error.message };
    throw error;
  }
}

function checkClaims(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  expected: Expectations,
): Refusal | undefined {
  const { issuer, audience, subject, typ, requiredClaims = ['exp'] } = expected;
  const compare = (code: ErrorCode, name: string, wanted: unknown, found: unknown): Refusal | undefined =>
    wanted === undefined || wanted === found
      ? undefined
      : { code, reason: `"${name}" is another`, expected: wanted, found: found ?? null };
  const missing = requiredClaims.find((name) => claims[name] === undefined);
  const audiences =
    typeof claims['aud'] === 'string' ? [claims['aud']] : Array.isArray(claims['aud']) ? claims['aud'] : [];
  const wanted = audience === undefined ? undefined : typeof audience === 'string' ? [audience] : audience;
  return (
    compare('claim_mismatch', 'typ', typ?.toLowerCase(), mediaType(header['typ'])) ??
    (missing === undefined
      ? undefined
      : { code: 'claim_missing', reason: `"${missing}" is missing`, expected: missing }) ??
    compare('issuer_mismatch', 'iss', issuer, claims['iss']) ??
    compare('subject_mismatch', 'sub', subject, claims['sub']) ??
    (wanted === undefined || wanted.some((one) => audiences.includes(one))
      ? undefined
      : { code: 'audience_mismatch', reason: '"aud" is another', expected: wanted, found: claims['aud'] ?? null }) ??
    checkTimes(claims, expected)
  );
}

/** A media type without its case and without `application/` (RFC 7515, section 4.1.9). */
function mediaType(typ: unknown): unknown {
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
}

/** `now >= exp + leeway` is expired (RFC 7519, section 4.1.4); nbf and iat the other way round. */
function checkTimes(
  claims: Readonly<Record<string, unknown>>,
  { leewaySeconds = CLOCK_LEEWAY_SECONDS, now = Math.floor(Date.now() / 1000) }: Expectations,
): Refusal | undefined {
  for (const name of ['exp', 'nbf', 'iat']) {
    const time = claims[name];
    if (time !== undefined && typeof time !== 'number') {
      return { code: 'claim_type_mismatch', reason: `"${name}" must be a number`, found: typeof time };
    }
  }
  const { exp, nbf, iat } = claims as { exp?: number; nbf?: number; iat?: number };
  if (exp !== undefined && now >= exp + leewaySeconds) {
    return {
      code: 'token_expired',
      reason: 'the token is expired',
      expected: { after: now - leewaySeconds },
      found: exp,
    };
  }
  const latest = now + leewaySeconds;
  if (nbf !== undefined && nbf > latest) {
    return {
      code: 'token_not_yet_valid',
      reason: 'the token is not yet valid',
      expected: { before: latest },
      found: nbf,
    };
  }
  if (iat !== undefined && iat > latest) {
    return {
      code: 'token_issued_in_future',
      reason: 'the token was issued in the future',
      expected: { before: latest },
      found: iat,
    };
  }
  return undefined;
}
