import type { ErrorCode } from '../../errors/index.js';
import type { RegisteredClaim } from './token-claims.js';

/** Vault's words for one refused check, and where the two sides of the comparison are. */
export interface VaultRefusalPattern {
  /**
   * Matches the whole of Vault's message, so that a name in it is never taken for words of the server. A group named `claim`
   * holds the claim that it is about, `expected` and `found` what the message itself says of the two sides, all as Go
   * quotes them.
   */
  readonly words: RegExp;
  readonly code: ErrorCode;
  /** The registered claim that was looked at. */
  readonly claim?: RegisteredClaim;
  /** The field of the role that names the claim. */
  readonly claimField?: 'user_claim' | 'groups_claim';
  /** The field of the role, or of the auth method's config with `config:` before it, that it was held against. */
  readonly expected?: string;
}

const token = 'error validating token: ';
const signature = `${token}error verifying token signature: `;
const claims = 'error validating claims: ';

/** Matches a whole message. */
export const words = (text: string): RegExp => new RegExp(`^${text}$`, 's');

/**
 * What Vault 1.19 to 2.x and OpenBao 2.7 answer to a refused JWT login, in the order of their checks; the first match
 * counts.
 * @see https://github.com/hashicorp/vault-plugin-auth-jwt (path_login.go, claims.go),
 * https://github.com/openbao/openbao (builtin/credential/jwt) and https://github.com/hashicorp/cap (jwt/jwt.go)
 */
export const vaultRefusalPatterns: readonly VaultRefusalPattern[] = [
  { words: words('(?:[\\w ]+: )*http: request body too large'), code: 'token_too_large' },
  { words: words('JSON [\\w ]*exceeds [\\w ]*'), code: 'token_too_large' },
  { words: words('no handler for route .*'), code: 'method_not_found' },
  // OpenBao's word for a namespace that is not there.
  { words: words('namespace not found'), code: 'method_not_found' },
  { words: words('could not load configuration'), code: 'method_not_configured' },
  { words: words('missing role.*'), code: 'role_missing' },
  { words: words('role ".*" could not be found'), code: 'role_not_found' },
  { words: words('role with oidc role_type is not allowed'), code: 'role_type_mismatch' },
  { words: words('missing token'), code: 'token_missing' },
  { words: words('error configuring token validator: unsupported config type'), code: 'method_type_mismatch' },
  { words: words('error configuring token validator: .*'), code: 'key_set_unavailable' },
  {
    words: words(
      `${signature}oidc: malformed jwt: (?:go-jose/go-jose: )?unexpected signature algorithm ".*"; expected \\[(?<allowed>[^\\]]*)\\]`,
    ),
    code: 'algorithm_not_allowed',
  },
  { words: words(`${token}invalid algorithm \\(alg\\) header parameter: .*`), code: 'algorithm_not_allowed' },
  { words: words(`${signature}fetching keys .*`), code: 'key_set_unavailable' },
  {
    words: words(
      `${signature}(?:failed to verify id token signature|no known key successfully validated the token signature)`,
    ),
    code: 'signature_invalid',
  },
  // OpenBao takes no claim under a name that some parsers take for a registered claim's.
  {
    words: words(
      `${token}ambiguous claim: key "(?<found>.+)" collides with registered claim "(?<expected>.+)" under case folding`,
    ),
    code: 'token_malformed',
  },
  {
    words: words(`${token}invalid issuer \\(iss\\) claim`),
    code: 'issuer_mismatch',
    claim: 'iss',
    expected: 'config:bound_issuer',
  },
  {
    words: words(`${token}invalid subject \\(sub\\) claim`),
    code: 'subject_mismatch',
    claim: 'sub',
    expected: 'bound_subject',
  },
  {
    words: words('audience claim found in JWT but no audiences bound to the role'),
    code: 'audience_unbound',
    claim: 'aud',
    expected: 'bound_audiences',
  },
  {
    words: words(`${token}invalid audience \\(aud\\) claim: .*`),
    code: 'audience_mismatch',
    claim: 'aud',
    expected: 'bound_audiences',
  },
  {
    words: words(`${token}no issued at \\(iat\\), not before \\(nbf\\), or expiration time .*`),
    code: 'claim_missing',
    claim: 'exp',
  },
  { words: words(`${token}invalid not before \\(nbf\\) claim: token not yet valid`), code: 'token_not_yet_valid' },
  { words: words(`${token}invalid expiration time \\(exp\\) claim: token is expired`), code: 'token_expired' },
  {
    words: words(`${token}invalid issued at \\(iat\\) claim: token issued in the future`),
    code: 'token_issued_in_future',
  },
  { words: words('claim "(?<claim>.*)" could not be converted to string'), code: 'claim_type_mismatch' },
  { words: words('"(?<claim>.*)" claim could not be converted to string list'), code: 'claim_type_mismatch' },
  {
    words: words('value .* in groups claim could not be parsed as string'),
    code: 'claim_type_mismatch',
    claimField: 'groups_claim',
  },
  { words: words(`${claims}received claim is not a .*`), code: 'claim_type_mismatch' },
  { words: words("error converting claim '(?<rawClaim>.*)' to string"), code: 'claim_type_mismatch' },
  { words: words('claim "(?<claim>.*)" not found in token'), code: 'claim_missing' },
  { words: words('failed to fetch groups: "(?<claim>.*)" claim not found in token'), code: 'claim_missing' },
  { words: words(`${claims}claim "(?<claim>.*)" is missing`), code: 'claim_missing' },
  {
    words: words(`${claims}claim "(?<claim>.*)" does not match any associated bound claim values`),
    code: 'claim_mismatch',
  },
  { words: words('missing name in alias'), code: 'claim_missing', claimField: 'user_claim' },
  {
    words: words(`(?:${signature}|${token}(?:json: |go-jose/|invalid character |exceeded max depth)).*`),
    code: 'token_malformed',
  },
];
