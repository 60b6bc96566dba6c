import { type VaultRefusalPattern, words } from './vault-refusals.js';

/** What both say before what is wrong with someone's ID token or claims; OpenBao before the latter, too. */
const FAILED =
  /^(?:Vault|OpenBao) login failed\. (?:Error exchanging oidc code: "Provider\.Exchange: id_token failed verification: Provider\.VerifyIDToken: (?<verifying>.*)"\.|(?<other>.*))$/s;

/** A message of the OIDC flow without what is said before each; any other message is unchanged. */
export function withoutOidcPrefix(serverMessage: string): string {
  const { verifying, other } = FAILED.exec(serverMessage)?.groups ?? {};
  return verifying ?? other ?? serverMessage;
}

const token = 'invalid id_token: ';

/**
 * What Vault 1.21 and OpenBao 2.7 answer to a refused login by the OIDC flow, {@link withoutOidcPrefix}, besides what they answer to
 * JWTs as well.
 * @see https://github.com/hashicorp/vault-plugin-auth-jwt (path_oidc.go) and https://github.com/hashicorp/cap (oidc/provider.go)
 */
export const oidcRefusalPatterns: readonly VaultRefusalPattern[] = [
  { words: words('OIDC login is not configured for this mount'), code: 'method_type_mismatch' },
  { words: words('error getting provider for login operation: .*'), code: 'key_set_unavailable' },
  {
    words: words('sub claim does not match bound subject'),
    code: 'subject_mismatch',
    claim: 'sub',
    expected: 'bound_subject',
  },
  {
    words: words(`${token}oidc: id token issued by a different provider, expected .*`),
    code: 'issuer_mismatch',
    claim: 'iss',
    expected: 'config:oidc_discovery_url',
  },
  {
    words: words('invalid id_token audiences: .*'),
    code: 'audience_mismatch',
    claim: 'aud',
    expected: 'bound_audiences',
  },
  {
    words: words(`${token}multiple audiences \\(.*\\) and one of them is not equal client_id .*`),
    code: 'audience_mismatch',
    claim: 'aud',
    expected: 'config:oidc_client_id',
  },
  {
    words: words(`${token}.*authorized party \\(%!s\\(<nil>\\)\\).*: invalid authorized party \\((?<rawClaim>azp)\\)`),
    code: 'claim_missing',
  },
  { words: words(`${token}.*: invalid authorized party \\((?<rawClaim>azp)\\)`), code: 'claim_mismatch' },
  { words: words(`${token}(?<rawClaim>aud|sub): missing required claim`), code: 'claim_missing' },
  { words: words('missing (?<rawClaim>auth_time) claim when max age was requested: .*'), code: 'claim_missing' },
  { words: words('(?<rawClaim>auth_time) .* is beyond max age .*'), code: 'sign_in_too_old' },
  { words: words('invalid id_token nonce: .*'), code: 'nonce_mismatch', claim: 'nonce' },
  { words: words(`${token}oidc: token is expired .*`), code: 'token_expired', claim: 'exp' },
  { words: words(`${token}oidc: current time .* before the nbf .*`), code: 'token_not_yet_valid', claim: 'nbf' },
  { words: words('invalid id_token current time .* before the iat .*'), code: 'token_issued_in_future', claim: 'iat' },
  {
    words: words(
      `${token}oidc: malformed jwt: unexpected signature algorithm \\\\"(?<found>[^"]*)\\\\"; expected \\[(?<allowed>[^\\]]*)\\].*`,
    ),
    code: 'algorithm_not_allowed',
  },
  { words: words(`${token}failed to verify signature: .*`), code: 'signature_invalid' },
];
