import type { ErrorCode } from '../../errors/index.js';
import type { RegisteredClaim } from './token-claims.js';

/** Consul's words for one refused check, and where the two sides of the comparison are. */
export interface ConsulRefusalPattern {
  /**
   * Matches the whole of Consul's message, so that a name in it is never taken for words of the server. A group named
   * `claim` holds the claim that it is about, `found` and `allowed` what the message itself says of the two sides, all as
   * Go quotes them.
   */
  readonly words: RegExp;
  readonly code: ErrorCode;
  /** The registered claim that was looked at. */
  readonly claim?: RegisteredClaim;
  /** The field of the auth method's `Config` that it was held against. */
  readonly expected?: string;
}

const signature = '(?:error verifying token: |error validating signature: (?:failed to verify signature: )?)';
const claims = 'error validating claims: ';
const jose = `${claims}go-jose/go-jose/jwt: validation (?:failed|field), `;
const oidc = 'error validating signature: oidc: ';

/** A server passes a login on to the leader, whose words come after its own. */
const words = (text: string): RegExp => new RegExp(`^(?:rpc error making call: )*${text}$`, 's');

/**
 * What Consul 1.20 to 1.22 answers to a refused JWT login, in the order of its checks; the first match counts. A key set
 * and static keys share their words for claims; discovery has those of OpenID Connect for some.
 * @see https://github.com/hashicorp/consul (internal/go-sso/oidcauth) and https://github.com/coreos/go-oidc (verify.go)
 */
export const consulRefusalPatterns: readonly ConsulRefusalPattern[] = [
  { words: words('(?:ACL not found: )?auth method ".*" not found'), code: 'method_not_found' },
  // Consul sets the method up anew for a login when another one was written, and needs the documents again.
  {
    words: words(
      '(?:auth method validator for ".*" could not be initialized: )?(?:error checking|error creating provider|error parsing \\w+CACert).*',
    ),
    code: 'key_set_unavailable',
  },
  { words: words('missing jwt'), code: 'token_missing' },
  {
    words: words(
      `${signature}oidc: malformed jwt: unexpected signature algorithm "(?<found>.*)"; expected \\[(?<allowed>[^\\]]*)\\]`,
    ),
    code: 'algorithm_not_allowed',
  },
  { words: words(`${signature}fetching keys .*`), code: 'key_set_unavailable' },
  {
    words: words(
      `(?:${signature}failed to verify id token signature|no known key successfully validated the token signature)`,
    ),
    code: 'signature_invalid',
  },
  {
    words: words(`(?:${jose}invalid issuer claim \\(iss\\)|${oidc}id token issued by a different provider, .*)`),
    code: 'issuer_mismatch',
    claim: 'iss',
    expected: 'BoundIssuer',
  },
  {
    words: words(`${claims}.*no audiences are bound`),
    code: 'audience_unbound',
    claim: 'aud',
    expected: 'BoundAudiences',
  },
  {
    words: words(`${claims}aud claim does not match any bound audience`),
    code: 'audience_mismatch',
    claim: 'aud',
    expected: 'BoundAudiences',
  },
  {
    words: words('no issue time, notbefore, or expiration time encoded in token'),
    code: 'claim_missing',
    claim: 'exp',
  },
  // The year of a token without the claim.
  { words: words(`${oidc}token is expired \\(Token Expiry: 0001-.*`), code: 'claim_missing', claim: 'exp' },
  {
    words: words(`(?:${jose}token not valid yet \\(nbf\\)|${oidc}current time .* before the nbf .*)`),
    code: 'token_not_yet_valid',
  },
  { words: words(`(?:${jose}token is expired \\(exp\\)|${oidc}token is expired .*)`), code: 'token_expired' },
  { words: words(`${jose}token issued in the future \\(iat\\)`), code: 'token_issued_in_future' },
  {
    words: words("error converting claim '(?<rawClaim>.*)' to string from unknown type .*"),
    code: 'claim_type_mismatch',
  },
  { words: words('"(?<claim>.*)" list claim could not be converted to string list'), code: 'claim_type_mismatch' },
  { words: words('value .* in "(?<claim>.*)" list claim could not be parsed as string'), code: 'claim_type_mismatch' },
  { words: words('invalid bind name: "(?<found>.*)"'), code: 'bind_name_invalid' },
  {
    words: words(
      '(?:templated policy failed validation|failed to interpret templated policy variables|error interpreting template).*',
    ),
    code: 'bind_name_invalid',
  },
  {
    words: words(
      `(?:${signature}oidc: (?:malformed jwt|failed to unmarshal claims)|error parsing token|failed to unmarshal claims|unable to successfully parse all claims).*`,
    ),
    code: 'token_malformed',
  },
];
