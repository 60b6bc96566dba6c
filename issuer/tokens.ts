import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { SigningKey } from './signing-key.js';

const LIFETIME_SECONDS = 300;

/** The claims of a token (RFC 7519, section 4.1). Times are seconds since 1970. */
export interface TokenClaims {
  /** Who the token is about. */
  readonly sub: string;
  /** Whom it is for. */
  readonly aud: string | readonly string[];
  /** Who signed it; default the issuer's URL. */
  readonly iss?: string;
  /** When it was issued; default now. */
  readonly iat?: number;
  /** From when on it counts; default absent. */
  readonly nbf?: number;
  /** Until when it counts; default 300 s after `iat`. */
  readonly exp?: number;
  /** What tells it from every other token; default a random UUID. */
  readonly jti?: string;
  /** Any other claim, as JSON. */
  readonly [claim: string]: unknown;
}

/**
 * Signs a JWT in the compact form (RFC 7515, section 7.1) with the header `alg`, `kid` and `typ: "JWT"`.
 * @throws TypeError for an empty `sub`, no `aud`, a time that is not a number, or an `exp` that is not after `iat`
 */
export async function signToken(key: SigningKey, issuer: string, claims: TokenClaims): Promise<string> {
  const { iss = issuer, iat = Math.floor(Date.now() / 1000), jti = randomUUID() } = claims;
  const { exp = iat + LIFETIME_SECONDS } = claims;
  const { sub, aud, nbf } = claims;
  if (typeof sub !== 'string' || sub === '') throw new TypeError('"sub" must be a string that is not empty');
  if (typeof aud !== 'string' && !Array.isArray(aud))
    throw new TypeError('"aud" must be a string or a list of strings');
  for (const [name, time] of Object.entries({ iat, nbf, exp })) {
    if (time !== undefined && !Number.isFinite(time)) throw new TypeError(`"${name}" must be a number of seconds`);
  }
  if (exp <= iat) throw new TypeError(`"exp" must be later than "iat", ${exp} is not later than ${iat}`);
  return new SignJWT({ ...claims, iss, sub, aud: typeof aud === 'string' ? aud : [...aud], iat, exp, jti })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' })
    .sign(key.privateKey);
}
