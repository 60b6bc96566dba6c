import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import type { Issuer } from '../issuer.js';
import type { SigningAlgorithm } from '../keys/algorithms.js';
import type { SigningKey } from '../keys/signing-key.js';
import { completeClaims, type Signer, signCompact, type TokenClaims, type TokenHeader } from '../tokens/claims.js';

/** A token that differs from a good one in one thing, and what verifiers make of it. docs/hostile-tokens.md has all of them. */
export interface HostileToken {
  readonly name: string;
  /** The one thing, as a sentence about the token. */
  readonly breaks: string;
  /** What it offends against, or for one that is legal what allows it. */
  readonly rfc: string;
  /** What Vault 1.21 answers, in JWKS mode. */
  readonly vault: ErrorCode | 'accepted';
  /** What OpenBao 2.7 answers where that differs from Vault's. */
  readonly openbao?: ErrorCode | 'accepted';
  /** Matches what Consul 1.22 answers, in JWKS mode. */
  readonly consul: RegExp | 'accepted';
  /** What `verifyToken` answers, or why it lets the token pass. */
  readonly verify: ErrorCode | { readonly passes: string };
  /** The algorithms of the keys that it can be made with; default any. */
  readonly algorithms?: readonly SigningAlgorithm[];
  /**
   * Makes one that differs from a good token in nothing else.
   * @param claims those of a token that the verifier lets in, completed as `sign()` does and with `nbf`
   * @throws VaultproofError `no_active_key`, `key_invalid` for an issuer whose key has none of its `algorithms`
   * @throws TypeError where it takes a private key and the issuer's is not at hand
   */
  make(issuer: Issuer, claims: TokenClaims): Promise<string>;
}

/** The good token that is to be broken. */
export interface Good {
  readonly issuer: Issuer;
  readonly key: SigningKey;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The issuer's time, in seconds since 1970. */
  readonly now: number;
  /** Signs without a check; default the good claims, the good header and the good key. */
  sign(payload?: object | string, header?: TokenHeader, signer?: Signer): Promise<string>;
}

/** A hostile token before it is in the catalogue. */
export interface Break extends Omit<HostileToken, 'make'> {
  build(good: Good): string | Promise<string>;
}

/** Makes a catalogue's entry of how to break a token. */
export function hostileToken({ build, ...described }: Break): HostileToken {
  return {
    ...described,
    make: async (issuer, told) => {
      const now = issuer.clock.now();
      const key = issuer.keys.active();
      const { name, algorithms = [key.alg] } = described;
      if (!algorithms.includes(key.alg)) {
        throw new VaultproofError(
          'key_invalid',
          `the hostile token "${name}" can't be made with a key for ${key.alg}: give an issuer that signs with ${algorithms.join(', ')}, or leave it out`,
          { details: { hostile: name, alg: key.alg, algorithms } },
        );
      }
      const claims = completeClaims({ nbf: now, ...told }, { issuer: issuer.url, now });
      const sign: Good['sign'] = (payload = claims, header = {}, signer = key) => signCompact(signer, payload, header);
      return build({ issuer, key, claims, now, sign });
    },
  };
}

/** Claims without one. */
export function without(claims: Good['claims'], ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));
}

/** A JSON object's text with a member added at its end, also where it is there already. */
export function appended(object: object, name: string, value: unknown): string {
  return `${JSON.stringify(object).slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}`;
}

/** A token with one of its three parts changed, and the others as they were. */
export function changePart(jwt: string, index: 0 | 1 | 2, change: (part: string) => string): string {
  return jwt
    .split('.')
    .map((part, at) => (at === index ? change(part) : part))
    .join('.');
}

/** A token with bytes of its signature changed. */
export function changeSignature(jwt: string, change: (signature: Buffer) => Buffer): string {
  return changePart(jwt, 2, (part) => change(Buffer.from(part, 'base64url')).toString('base64url'));
}
