import { randomUUID } from 'node:crypto';
import { UsageError } from '../../errors/index.js';
import type { SigningAlgorithm } from '../keys/algorithms.js';

/** The default lifetime of a token, in seconds. */
const LIFETIME_SECONDS = 300;

/** The claims of a token (RFC 7519, section 4.1). Times are seconds since 1970; null leaves a claim out. */
export interface TokenClaims {
  /** Who the token is about. */
  readonly sub: string;
  /** Whom it is for. */
  readonly aud: string | readonly string[] | null;
  /** Who signed it; default the issuer's URL. */
  readonly iss?: string | null;
  /** When it was issued; default now. */
  readonly iat?: number | null;
  /** From when on it counts; default absent. */
  readonly nbf?: number | null;
  /** Until when it counts; default 300 s after `iat`. */
  readonly exp?: number | null;
  /** What tells it from every other token; default a random UUID. */
  readonly jti?: string | null;
  /** Any other claim, as JSON. */
  readonly [claim: string]: unknown;
}

/** What claims are completed with. */
export interface ClaimDefaults {
  readonly issuer: string;
  /** The time, in seconds since 1970. */
  readonly now: number;
}

/**
 * Completes and checks the claims of a token that is meant to be accepted somewhere; hostile ones are made elsewhere.
 * @throws TypeError for an empty `sub`, no `aud`, a time that is not a number, an `exp` that is not after `iat`, or a
 * name that differs from a registered one only by case
 * @example
 * completeClaims({ sub: 'app', aud: 'vault' }, { issuer: 'https://issuer.example', now: 1_790_000_000 });
 */
export function completeClaims(claims: TokenClaims, { issuer, now }: ClaimDefaults): Record<string, unknown> {
  const { sub, aud, nbf, iss = issuer, iat = now, jti = randomUUID() } = claims;
  const { exp = (iat ?? now) + LIFETIME_SECONDS } = claims;
  if (typeof sub !== 'string' || sub === '') throw new UsageError('"sub" must be a string that is not empty');
  if (aud !== null && typeof aud !== 'string' && !Array.isArray(aud)) {
    throw new UsageError('"aud" must be a string or a list of strings, or null to have none');
  }
  for (const [name, time] of Object.entries({ iat, nbf, exp })) {
    if (time !== undefined && time !== null && !Number.isFinite(time)) {
      throw new UsageError(`"${name}" must be a number of seconds`);
    }
  }
  if (exp !== null && iat !== null && exp <= iat) {
    const way = claims.iat === undefined ? ': give "iat", too, or move issuer.clock' : '';
    throw new UsageError(`"exp" is ${exp}, and must be later than "iat", ${iat}${way}`);
  }
  refuseLookalikes(claims);
  const all = { ...claims, iat, exp };
  return Object.fromEntries(
    Object.entries({ ...all, iss, jti }).filter(([, value]) => value !== null && value !== undefined),
  );
}

const registered = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'];

/**
 * Verifiers that fold case would take `EXP` for `exp`.
 * @throws TypeError for such a claim
 */
export function refuseLookalikes(claims: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(claims)) {
    const folded = name.replaceAll('ſ', 's').toLowerCase();
    if (name !== folded && registered.includes(folded)) {
      throw new UsageError(`the claim "${name}" differs from "${folded}" only by case: write "${folded}"`);
    }
  }
}

/** What signs bytes under an algorithm: a key, a shared secret, or a server that has the key. */
export interface Signer {
  readonly alg: string;
  /** The header parameter `kid`; absent for a shared secret. */
  readonly kid?: string;
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Header parameters of a token, besides those that the signer gives. */
export type TokenHeader = Readonly<Record<string, unknown>>;

/** How a token is signed. */
export interface SignOptions {
  /** The algorithm whose active key signs; default the key that was activated last. */
  readonly alg?: SigningAlgorithm | undefined;
  /** What to sign with, for example a key that the issuer doesn't publish; default the issuer's active key. */
  readonly key?: Signer | undefined;
  /** Header parameters besides `alg`, `kid` and `typ`, or instead of them. */
  readonly header?: TokenHeader | undefined;
}

/**
 * A JWS in the compact form: three base64url parts without padding (RFC 7515, section 7.1). The header is
 * `{alg, kid, typ: "JWT"}`; what is given replaces these, and undefined takes them away.
 * @param payload the claims, or the string to sign verbatim
 * @example
 * const jwt = await signCompact(await generateSigningKey(), { sub: 'app' }, { typ: 'at+jwt' });
 */
export async function signCompact(signer: Signer, payload: object | string, header: TokenHeader = {}): Promise<string> {
  const { alg, kid } = signer;
  const input = `${encode({ alg, ...(kid === undefined ? {} : { kid }), typ: 'JWT', ...header })}.${encode(payload)}`;
  const signature = await signer.sign(Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

/** JSON, or a text as it is, in base64url. */
export function encode(part: object | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}
