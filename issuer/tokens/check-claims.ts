import type { JWK } from 'jose';
import type { ErrorCode } from '../../errors/index.js';

const CLOCK_LEEWAY_SECONDS = 0;

/** The checks of `verifyToken` after the signature: typ, what must be there, types, issuer, subject, audience, times. */
export function checkClaims(
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
    checkTypes(claims) ??
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

const types: Readonly<Record<string, readonly [what: string, fits: (value: unknown) => boolean]>> = {
  iss: ['a string', isString],
  sub: ['a string', isString],
  aud: ['a string or a list of strings', (value) => isString(value) || (Array.isArray(value) && value.every(isString))],
  jti: ['a string', isString],
  exp: ['a number', isNumber],
  nbf: ['a number', isNumber],
  iat: ['a number', isNumber],
};

/** The types of the registered claims (RFC 7519, section 4.1), whether or not anything compares them. */
function checkTypes(claims: Readonly<Record<string, unknown>>): Refusal | undefined {
  for (const [name, [what, fits]] of Object.entries(types)) {
    const value = claims[name];
    if (value === undefined || fits(value)) continue;
    return { code: 'claim_type_mismatch', reason: `"${name}" must be ${what}`, expected: what, found: value };
  }
  return undefined;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

/**
 * `now >= exp + leeway` is expired (RFC 7519, section 4.1.4); nbf and iat the other way round. A `now` in whole seconds is
 * all of its second: a time with a fraction that begins in it is not in the future.
 */
function checkTimes(
  claims: Readonly<Record<string, unknown>>,
  { leewaySeconds = CLOCK_LEEWAY_SECONDS, now = Date.now() / 1000 }: Expectations,
): Refusal | undefined {
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
  const isLater = (time: number): boolean => (Number.isInteger(latest) ? Math.floor(time) : time) > latest;
  if (nbf !== undefined && isLater(nbf)) {
    return {
      code: 'token_not_yet_valid',
      reason: 'the token is not yet valid',
      expected: { before: latest },
      found: nbf,
    };
  }
  if (iat !== undefined && isLater(iat)) {
    return {
      code: 'token_issued_in_future',
      reason: 'the token was issued in the future',
      expected: { before: latest },
      found: iat,
    };
  }
  return undefined;
}

/** What a token is checked against. */
export interface Expectations {
  /** The algorithms that may sign it; a token's own header never decides. */
  readonly algorithms: readonly string[];
  /**
   * The public keys (RFC 7517), or the secret that HS* algorithms share. They are all that there is: nothing is fetched,
   * whatever a token names. Every key with the token's kid is tried, every key for a token without one, and where no key
   * has the kid, those without a kid that fit the algorithm.
   */
  readonly keys: readonly Readonly<JWK>[] | { readonly secret: Uint8Array };
  readonly issuer?: string | undefined;
  /** Of these audiences the token must be for one. */
  readonly audience?: string | readonly string[] | undefined;
  readonly subject?: string | undefined;
  /** The header parameter `typ`, without `application/`. */
  readonly typ?: string | undefined;
  /** The claims that must be there; default `exp`. */
  readonly requiredClaims?: readonly string[] | undefined;
  /** How many seconds a clock may be off, for exp, nbf and iat; default 0. */
  readonly leewaySeconds?: number | undefined;
  /** The time, in seconds since 1970, which may have a fraction; default now. */
  readonly now?: number | undefined;
}

/** The result of a verification: the token is valid, or the check that it failed. */
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

/** A check that a token failed. */
export type Refusal = Omit<Extract<Verdict, { valid: false }>, 'valid'>;
