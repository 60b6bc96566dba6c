import type { ErrorCode } from '../../errors/index.js';

/** Vault's words for one refused check, and where the two sides of the comparison are. */
export interface VaultRefusalPattern {
  /**
   * Matches Vault's message. A group named `claim` holds the claim that it is about, `expected` and `found` what the
   * message itself says of the two sides.
   */
  readonly words: RegExp;
  readonly code: ErrorCode;
  /**
   * The claims, or the header parameters with `header:` before them, that were looked at: the first that is there
   * counts, as Vault derives a missing time from the others.
   */
  readonly found?: readonly string[];
  /** The field of the role, or of the backend's config with `config:` before it, that it was held against. */
  readonly expected?: string;
}

/**
 * What Vault 1.19 to 2.x and OpenBao 2.7 answer to a refused JWT login, in the order of their checks; the first match
 * counts.
 * @see https://github.com/hashicorp/vault-plugin-auth-jwt (path_login.go, claims.go),
 * https://github.com/openbao/openbao (builtin/credential/jwt) and https://github.com/hashicorp/cap (jwt/jwt.go)
 */
export const vaultRefusalPatterns: readonly VaultRefusalPattern[] = [
  { words: /request body too large|exceeds/i, code: 'token_too_large' },
  { words: /no handler for route/i, code: 'method_not_found' },
  { words: /could not load configuration/i, code: 'method_not_configured' },
  { words: /^missing role/i, code: 'role_missing' },
  { words: /role ".*" could not be found/i, code: 'role_not_found' },
  { words: /role with oidc role_type is not allowed/i, code: 'role_type_mismatch' },
  { words: /missing token/i, code: 'token_missing' },
  { words: /error configuring token validator/i, code: 'key_set_unavailable' },
  {
    words: /unexpected signature algorithm|invalid algorithm \(alg\)|signed with unexpected algorithm/i,
    code: 'algorithm_not_allowed',
    found: ['header:alg'],
    expected: 'config:jwt_supported_algs',
  },
  { words: /fetching keys/i, code: 'key_set_unavailable' },
  {
    words: /failed to verify id token signature|no known key successfully validated/i,
    code: 'signature_invalid',
    found: ['header:kid'],
  },
  // OpenBao takes no claim under a name that some parsers take for a registered claim's.
  {
    words: /ambiguous claim: key "(?<found>.+)" collides with registered claim "(?<expected>.+)" under case folding/i,
    code: 'token_malformed',
  },
  { words: /invalid issuer \(iss\)/i, code: 'issuer_mismatch', found: ['iss'], expected: 'config:bound_issuer' },
  { words: /invalid subject \(sub\)/i, code: 'subject_mismatch', found: ['sub'], expected: 'bound_subject' },
  {
    words: /audience claim found in JWT but no audiences bound/i,
    code: 'audience_unbound',
    found: ['aud'],
    expected: 'bound_audiences',
  },
  { words: /invalid audience \(aud\)/i, code: 'audience_mismatch', found: ['aud'], expected: 'bound_audiences' },
  { words: /no issued at \(iat\), not before \(nbf\), or expiration time \(exp\)/i, code: 'claim_missing' },
  { words: /token not yet valid/i, code: 'token_not_yet_valid', found: ['nbf', 'iat', 'exp'] },
  { words: /token is expired/i, code: 'token_expired', found: ['exp', 'iat', 'nbf'] },
  { words: /token issued in the future/i, code: 'token_issued_in_future', found: ['iat'] },
  { words: /claim "(?<claim>.+)" could not be converted to string/i, code: 'claim_type_mismatch' },
  { words: /"(?<claim>.+)" claim could not be converted to string list/i, code: 'claim_type_mismatch' },
  {
    words: /(?:could not be parsed as string|received claim is not a|error converting claim '(?<claim>.+)')/i,
    code: 'claim_type_mismatch',
  },
  { words: /claim "(?<claim>.+)" (?:not found in token|is missing)/i, code: 'claim_missing' },
  { words: /"(?<claim>.+)" claim not found in token/i, code: 'claim_missing' },
  { words: /claim "(?<claim>.+)" does not match/i, code: 'claim_mismatch' },
  { words: /error verifying token signature|malformed jwt|unmarshal|exceeded max depth/i, code: 'token_malformed' },
];
