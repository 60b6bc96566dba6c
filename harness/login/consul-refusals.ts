import type { ErrorCode } from '../../errors/index.js';

/** Consul's words for one refused check, and where the two sides of the comparison are. */
export interface ConsulRefusalPattern {
  /**
   * Matches Consul's message. A group named `claim` holds the claim that it is about, `found` and `allowed` what the
   * message itself says of the two sides.
   */
  readonly words: RegExp;
  readonly code: ErrorCode;
  /** The claims, or the header parameters with `header:` before them, that were looked at: the first that is there. */
  readonly found?: readonly string[];
  /** The field of the auth method's `Config` that it was held against. */
  readonly expected?: string;
}

/**
 * What Consul 1.20 to 1.22 answers to a refused JWT login, in the order of its checks; the first match counts. A key set
 * and static keys share their words for claims; discovery has those of OpenID Connect for some.
 * @see https://github.com/hashicorp/consul (internal/go-sso/oidcauth) and https://github.com/coreos/go-oidc (verify.go)
 */
export const consulRefusalPatterns: readonly ConsulRefusalPattern[] = [
  { words: /auth method ".*" not found/i, code: 'method_not_found' },
  // Consul sets the method up anew for a login when another one was written, and needs the documents again.
  {
    words: /could not be initialized: error checking|error creating provider|error parsing \w+CACert/i,
    code: 'key_set_unavailable',
  },
  { words: /missing jwt/i, code: 'token_missing' },
  {
    words: /unexpected signature algorithm "(?<found>[^"]*)"; expected \[(?<allowed>[^\]]*)\]/i,
    code: 'algorithm_not_allowed',
  },
  { words: /fetching keys/i, code: 'key_set_unavailable' },
  {
    words: /failed to verify id token signature|no known key successfully validated/i,
    code: 'signature_invalid',
    found: ['header:kid'],
  },
  {
    words: /invalid issuer claim \(iss\)|id token issued by a different provider/i,
    code: 'issuer_mismatch',
    found: ['iss'],
    expected: 'BoundIssuer',
  },
  { words: /no audiences are bound/i, code: 'audience_unbound', found: ['aud'], expected: 'BoundAudiences' },
  {
    words: /aud claim does not match any bound audience/i,
    code: 'audience_mismatch',
    found: ['aud'],
    expected: 'BoundAudiences',
  },
  { words: /no issue time, notbefore, or expiration time/i, code: 'claim_missing' },
  { words: /before the nbf|token not valid yet \(nbf\)/i, code: 'token_not_yet_valid' },
  { words: /oidc: token is expired/i, code: 'token_expired' },
  { words: /token is expired \(exp\)/i, code: 'token_expired' },
  { words: /token issued in the future \(iat\)/i, code: 'token_issued_in_future' },
  { words: /error converting claim '(?<claim>.+)' to string/i, code: 'claim_type_mismatch' },
  { words: /"(?<claim>.+)" list claim could not be converted/i, code: 'claim_type_mismatch' },
  { words: /in "(?<claim>.+)" list claim could not be parsed/i, code: 'claim_type_mismatch' },
  { words: /invalid bind name: "(?<found>.*)"/i, code: 'bind_name_invalid' },
  { words: /templated policy (?:failed validation|variables)|error interpreting template/i, code: 'bind_name_invalid' },
  { words: /malformed jwt|error parsing token|unmarshal|parse all claims/i, code: 'token_malformed' },
];
