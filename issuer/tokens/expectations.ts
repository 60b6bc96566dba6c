import type { JWK } from 'jose';
import type { ErrorCode } from '../../errors/index.js';

/** What a token is held against. */
export interface Expectations {
  /** The algorithms that may sign it; a token's own header never decides. */
  readonly algorithms: readonly string[];
  /**
   * The public keys (RFC 7517), or the secret that HS* algorithms share. They are all that there is: nothing is fetched,
   * whatever a token names. Every key with the token's kid is tried, every key for a token without one, and where no key
   * has the kid, those without a kid that fit the algorithm.
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
  /** The time, in seconds since 1970, which may have a fraction; default now. */
  readonly now?: number;
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
