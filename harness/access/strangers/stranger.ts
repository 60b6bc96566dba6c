import { type ErrorCode, UsageError } from '../../../errors/index.js';
import type { TokenClaims } from '../../../issuer/index.js';
import { withoutValue } from '../vault/constraints.js';
import type { Claims, LoginRefusal } from '../vault/login-role.js';

/** A token that must stay out, and why. */
export interface Stranger {
  /** In words: `another repository_id`, `no ref`. */
  readonly who: string;
  /** All claims of the token, to be signed; null for an `iss` or `aud` that it must not have. */
  readonly claims: TokenClaims;
  /** The check that must refuse it. */
  readonly code: ErrorCode;
  /** The claim that fails it; undefined where no claim is named. */
  readonly claim?: string | undefined;
}

/** How a token differs from a good one. */
export interface Change {
  readonly who: string;
  readonly claims: Claims;
}

/** A change leaves `sub` in, and puts nothing but strings into the registered claims, or null for none. */
export function stranger({ who, claims }: Change, { code, claim }: LoginRefusal): Stranger {
  return { who, claims: claims as TokenClaims, code, claim };
}

/** An issuer signs `iss` and `aud` of its own into a token without them; null leaves them out. */
export function leftOut(good: TokenClaims, location: readonly string[]): Claims {
  const [name = '', ...below] = location;
  const isOwn = below.length === 0 && (name === 'iss' || name === 'aud');
  return isOwn ? { ...good, [name]: null } : withoutValue(good, location);
}

/** The claims as they are signed. */
export function signed(claims: Claims): Claims {
  return Object.fromEntries(
    Object.entries(claims).filter(([name, value]) => value !== null || !/^(?:iss|aud)$/.test(name)),
  );
}

/** Of a good token that is refused. */
export function notGood({ code, claim }: LoginRefusal, notes: readonly string[] = []): UsageError {
  const about = claim === undefined ? '' : ` for "${claim}"`;
  const why = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return new UsageError(
    `the good token is refused with "${code}"${about}${why}: pass the claims of a token that gets in`,
  );
}
