import type { ErrorCode } from 'vaultproof';
import type { FaultName } from 'vaultproof/issuer';
import type { DocumentName } from 'vaultproof/issuer/faults';

/** What a server answered: `ok`, the code of Vault's or OpenBao's refusal, or words of its message. */
export type Outcome = 'ok' | ErrorCode | RegExp;

/**
 * The write of the configuration, the first login after it, a login with a key that the server knows, and one with a key
 * that was published since.
 */
export type Outcomes = readonly [write: Outcome, cold: Outcome, known: Outcome, unknown: Outcome];

/** What the servers do under a fault. */
export interface FaultOutcome {
  readonly document: DocumentName;
  readonly fault: FaultName | 'none';
  readonly vault: Outcomes;
  /** Where it differs from Vault's. */
  readonly openbao?: Outcomes;
  readonly consul: Outcomes;
}

/** Measured on Vault 1.21.1, OpenBao 2.7.2 and Consul 1.22.7. */
export const faultOutcomes: readonly FaultOutcome[] = [
  { document: 'jwks', fault: 'none', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  {
    document: 'jwks',
    fault: 'server-error',
    vault: [/error checking jwks URL/, 'key_set_unavailable', 'ok', 'key_set_unavailable'],
    consul: [
      /get keys failed: 500 Internal Server Error/,
      /get keys failed: 500 Internal Server Error/,
      'ok',
      /get keys failed: 500 Internal Server Error/,
    ],
  },
  {
    document: 'jwks',
    fault: 'not-found',
    vault: [/error checking jwks URL/, 'key_set_unavailable', 'ok', 'key_set_unavailable'],
    consul: [
      /get keys failed: 404 Not Found/,
      /get keys failed: 404 Not Found/,
      'ok',
      /get keys failed: 404 Not Found/,
    ],
  },
  { document: 'jwks', fault: 'redirect', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  { document: 'jwks', fault: 'wrong-content-type', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  {
    document: 'jwks',
    fault: 'not-json',
    vault: [/error checking jwks URL/, 'key_set_unavailable', 'ok', 'key_set_unavailable'],
    consul: [/failed to decode keys/, /failed to decode keys/, 'ok', /failed to decode keys/],
  },
  {
    document: 'jwks',
    fault: 'cut-at-once',
    vault: [/error checking jwks URL/, 'key_set_unavailable', 'ok', 'key_set_unavailable'],
    consul: [/: EOF/, /: EOF/, 'ok', /: EOF/],
  },
  {
    document: 'jwks',
    fault: 'cut-half-way',
    vault: [/error checking jwks URL/, 'key_set_unavailable', 'ok', 'key_set_unavailable'],
    consul: [
      /fetching keys unable to read response body: unexpected EOF/,
      /fetching keys unable to read response body: unexpected EOF/,
      'ok',
      /fetching keys unable to read response body: unexpected EOF/,
    ],
  },
  { document: 'jwks', fault: 'slow', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  { document: 'jwks', fault: 'slow-drip', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  { document: 'jwks', fault: 'huge', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  {
    document: 'jwks',
    fault: 'empty-object',
    vault: ['ok', 'signature_invalid', 'ok', 'signature_invalid'],
    consul: ['ok', /failed to verify id token signature/, 'ok', /failed to verify id token signature/],
  },
  {
    document: 'jwks',
    fault: 'empty-key-set',
    vault: ['ok', 'unknown_key', 'ok', 'unknown_key'],
    consul: ['ok', /failed to verify id token signature/, 'ok', /failed to verify id token signature/],
  },
  {
    document: 'jwks',
    fault: 'poisoned-key-set',
    vault: [/error checking jwks URL/, 'key_set_unavailable', 'ok', 'key_set_unavailable'],
    consul: [
      /invalid EC public key, wrong length for x/,
      /invalid EC public key, wrong length for x/,
      'ok',
      /invalid EC public key, wrong length for x/,
    ],
  },
  {
    document: 'jwks',
    fault: 'unknown-key-type',
    vault: [/error checking jwks URL/, 'key_set_unavailable', 'ok', 'key_set_unavailable'],
    consul: [/unsupported key type/, /unsupported key type\/format/, 'ok', /unsupported key type\/format/],
  },
  { document: 'jwks', fault: 'secret-in-key-set', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  { document: 'discovery', fault: 'none', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  {
    document: 'discovery',
    fault: 'server-error',
    vault: [/error checking oidc discovery URL/, 'key_set_unavailable', 'ok', 'ok'],
    openbao: [/error checking oidc discovery URL: 500 Internal Server Error/, 'key_set_unavailable', 'ok', 'ok'],
    consul: [/OIDCDiscoveryURL: 500 Internal Server Error/, 'ok', 'ok', 'ok'],
  },
  {
    document: 'discovery',
    fault: 'not-found',
    vault: [/error checking oidc discovery URL/, 'key_set_unavailable', 'ok', 'ok'],
    openbao: [/error checking oidc discovery URL: 404 Not Found/, 'key_set_unavailable', 'ok', 'ok'],
    consul: [/OIDCDiscoveryURL: 404 Not Found/, 'ok', 'ok', 'ok'],
  },
  { document: 'discovery', fault: 'redirect', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  {
    document: 'discovery',
    fault: 'wrong-content-type',
    vault: ['ok', 'ok', 'ok', 'ok'],
    consul: ['ok', 'ok', 'ok', 'ok'],
  },
  {
    document: 'discovery',
    fault: 'not-json',
    vault: [/error checking oidc discovery URL/, 'key_set_unavailable', 'ok', 'ok'],
    openbao: [
      /error checking oidc discovery URL: failed to decode OIDC discovery document/,
      'key_set_unavailable',
      'ok',
      'ok',
    ],
    consul: [/failed to decode provider discovery object/, 'ok', 'ok', 'ok'],
  },
  {
    document: 'discovery',
    fault: 'cut-at-once',
    vault: [/error checking oidc discovery URL/, 'key_set_unavailable', 'ok', 'ok'],
    openbao: [/error checking oidc discovery URL: .*: EOF/, 'key_set_unavailable', 'ok', 'ok'],
    consul: [/: EOF/, 'ok', 'ok', 'ok'],
  },
  {
    document: 'discovery',
    fault: 'cut-half-way',
    vault: [/error checking oidc discovery URL/, 'key_set_unavailable', 'ok', 'ok'],
    openbao: [
      /error checking oidc discovery URL: unable to read response body: unexpected EOF/,
      'key_set_unavailable',
      'ok',
      'ok',
    ],
    consul: [/unable to read response body: unexpected EOF/, 'ok', 'ok', 'ok'],
  },
  { document: 'discovery', fault: 'slow', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  { document: 'discovery', fault: 'slow-drip', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  { document: 'discovery', fault: 'huge', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  {
    document: 'discovery',
    fault: 'empty-object',
    vault: [/error checking oidc discovery URL/, 'key_set_unavailable', 'ok', 'ok'],
    openbao: [
      /error checking oidc discovery URL: issuer did not match the returned issuer/,
      'key_set_unavailable',
      'ok',
      'ok',
    ],
    consul: [/issuer did not match the issuer returned by provider/, 'ok', 'ok', 'ok'],
  },
  {
    document: 'discovery',
    fault: 'other-issuer',
    vault: [/error checking oidc discovery URL/, 'key_set_unavailable', 'ok', 'ok'],
    openbao: [
      /error checking oidc discovery URL: issuer did not match the returned issuer/,
      'key_set_unavailable',
      'ok',
      'ok',
    ],
    consul: [/issuer did not match the issuer returned by provider/, 'ok', 'ok', 'ok'],
  },
];
