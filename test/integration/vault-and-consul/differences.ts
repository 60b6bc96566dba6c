/** One thing that Vault or OpenBao, and Consul are asked, and what each makes of it. */
export interface Difference {
  /** The section of docs/vault-and-consul.md. */
  readonly about: 'Keys' | 'Times' | 'Algorithms' | 'Issuer and audience' | 'Claims' | 'Tokens' | 'Answers';
  /** What is asked; the title of its test, too. */
  readonly what: string;
  readonly vault: string;
  /** Where it differs from Vault's. */
  readonly openbao?: string;
  readonly consul: string;
}

/**
 * Measured on Vault 1.21.1, OpenBao 2.7.2 and Consul 1.22.7. With a key set unless it says otherwise; a code is that of the refusal, and
 * those who are alike in something are here as well, where one might think that they are not.
 */
export const differences = [
  {
    about: 'Keys',
    what: 'fetches for a first login, and for a second with the same key',
    vault: '1, 0',
    consul: '1, 0',
  },
  { about: 'Keys', what: 'fetches for three tokens with a `kid` that is in no key set', vault: '3', consul: '3' },
  {
    about: 'Keys',
    what: 'fetches for three tokens with a known `kid` and a bad signature',
    vault: '3',
    consul: '3',
  },
  {
    about: 'Keys',
    what: 'a new key, where the key set had `Cache-Control: max-age=3600` when it was fetched',
    vault: 'let in',
    consul: 'let in',
  },
  { about: 'Keys', what: 'a removed key', vault: 'let in', consul: 'let in' },
  {
    about: 'Keys',
    what: 'a removed key, once a token of another made the server fetch',
    vault: '`unknown_key`',
    consul: '`unknown_key`',
  },
  {
    about: 'Keys',
    what: 'a removed key, once another auth method is written',
    vault: 'let in',
    consul: '`unknown_key`',
  },
  {
    about: 'Keys',
    what: 'a removed key, once its own auth method is written again as it is',
    vault: '`unknown_key`',
    consul: '`unknown_key`',
  },
  { about: 'Keys', what: 'a known key, while the key set answers 500', vault: 'let in', consul: 'let in' },
  {
    about: 'Keys',
    what: 'a known key, while the key set answers 500, once another auth method is written',
    vault: 'let in',
    consul: '`key_set_unavailable`',
  },
  {
    about: 'Keys',
    what: 'a good key, whose key set also has one that cannot be read, at the first login',
    vault: '`key_set_unavailable`',
    consul: '`key_set_unavailable`',
  },
  { about: 'Keys', what: 'static keys: a `kid` that is of none of them', vault: 'let in', consul: 'let in' },

  {
    about: 'Times',
    what: 'the clock skew `10`, for a token that expired 5 s ago',
    vault: 'let in',
    consul: '`token_expired`',
  },
  {
    about: 'Times',
    what: 'the clock skew `"10s"`, for a token that expired 5 s ago',
    vault: 'let in',
    consul: 'refused when written: 500',
  },
  {
    about: 'Times',
    what: 'no leeway given: 55 s after `exp`, and 65 s after it',
    vault: 'let in, `token_expired`',
    consul: 'let in, `token_expired`',
  },
  {
    about: 'Times',
    what: 'discovery, no leeway given: 55 s after `exp`, and 65 s after it',
    vault: 'let in, `token_expired`',
    consul: '`token_expired`, `token_expired`',
  },
  {
    about: 'Times',
    what: 'no leeway given: 55 s before `nbf`, and 200 s before it',
    vault: 'let in, `token_not_yet_valid`',
    consul: 'let in, `token_not_yet_valid`',
  },
  {
    about: 'Times',
    what: 'discovery, no leeway given: 55 s before `nbf`, and 200 s before it',
    vault: 'let in, `token_not_yet_valid`',
    consul: 'let in, let in',
  },
  {
    about: 'Times',
    what: 'an `iat` an hour from now, beside an `nbf` that has come',
    vault: '`token_issued_in_future`',
    consul: '`token_issued_in_future`',
  },
  {
    about: 'Times',
    what: 'discovery: an `iat` an hour from now, beside an `nbf` that has come',
    vault: '`token_issued_in_future`',
    consul: 'let in',
  },
  {
    about: 'Times',
    what: 'no `exp`: 200 s after `iat`, and 220 s after it',
    vault: 'let in, `token_expired`',
    consul: 'let in, `token_expired`',
  },
  {
    about: 'Times',
    what: 'discovery, no `exp`: 200 s after `iat`, and 220 s after it',
    vault: 'let in, `token_expired`',
    consul: '`claim_missing`, `claim_missing`',
  },
  {
    about: 'Times',
    what: 'an `exp` an hour off, and neither `iat` nor `nbf`',
    vault: '`token_not_yet_valid`',
    consul: '`token_not_yet_valid`',
  },
  {
    about: 'Times',
    what: 'discovery: an `exp` an hour off, and neither `iat` nor `nbf`',
    vault: '`token_not_yet_valid`',
    consul: 'let in',
  },

  { about: 'Algorithms', what: 'no list: ES256', vault: 'let in', consul: 'let in' },
  {
    about: 'Algorithms',
    what: 'discovery, no list, and none in the discovery document: ES256',
    vault: 'let in',
    consul: '`algorithm_not_allowed`',
  },
  { about: 'Algorithms', what: 'the list RS256: ES256', vault: '`algorithm_not_allowed`', consul: 'let in' },
  {
    about: 'Algorithms',
    what: 'static keys, the list RS256: ES256',
    vault: '`algorithm_not_allowed`',
    consul: 'let in',
  },
  {
    about: 'Algorithms',
    what: 'discovery, the list RS256: ES256',
    vault: '`algorithm_not_allowed`',
    consul: '`algorithm_not_allowed`',
  },
  { about: 'Algorithms', what: 'no list: EdDSA', vault: 'let in', consul: 'let in' },
  { about: 'Algorithms', what: 'the list EdDSA: EdDSA', vault: 'let in', consul: 'refused when written: 500' },

  { about: 'Issuer and audience', what: 'no issuer bound: another `iss`', vault: 'let in', consul: 'let in' },
  {
    about: 'Issuer and audience',
    what: 'discovery, no issuer bound: another `iss`',
    vault: 'let in',
    consul: '`issuer_mismatch`',
  },
  {
    about: 'Issuer and audience',
    what: 'discovery, another issuer bound: the `iss` of the discovery document',
    vault: '`issuer_mismatch`',
    consul: 'let in',
  },
  {
    about: 'Issuer and audience',
    what: 'no audience bound: an `aud`',
    vault: '`audience_unbound`',
    consul: '`audience_unbound`',
  },
  {
    about: 'Issuer and audience',
    what: 'no audience bound: an `aud` that is empty',
    vault: 'let in',
    openbao: '`audience_unbound`',
    consul: '`audience_unbound`',
  },
  {
    about: 'Issuer and audience',
    what: 'discovery, no audience bound: an `aud`',
    vault: '`audience_unbound`',
    consul: 'let in',
  },
  {
    about: 'Issuer and audience',
    what: 'an audience bound: no `aud`',
    vault: '`audience_mismatch`',
    consul: '`audience_mismatch`',
  },
  {
    about: 'Issuer and audience',
    what: 'nothing bound at all: no `aud`',
    vault: 'refused when written: 400',
    consul: 'let in',
  },

  { about: 'Claims', what: '`exp` twice, past and then good', vault: 'let in', consul: 'let in' },
  {
    about: 'Claims',
    what: 'a past `exp`, and a good `EXP` after it',
    vault: '`token_expired`',
    openbao: '`token_malformed`',
    consul: 'let in',
  },
  {
    about: 'Claims',
    what: 'another `iss`, and a good `ISS` after it',
    vault: '`issuer_mismatch`',
    openbao: '`token_malformed`',
    consul: 'let in',
  },
  {
    about: 'Claims',
    what: 'another `aud`, and a good `AUD` after it',
    vault: '`audience_mismatch`',
    openbao: '`token_malformed`',
    consul: 'let in',
  },
  {
    about: 'Claims',
    what: 'static keys: a past `exp`, and a good `EXP` after it',
    vault: '`token_expired`',
    openbao: '`token_malformed`',
    consul: '`token_expired`',
  },
  {
    about: 'Claims',
    what: 'static keys: `exp` twice, past and then good',
    vault: '`token_malformed`',
    consul: '`token_malformed`',
  },
  {
    about: 'Claims',
    what: 'no team in the token: `bound_claims` of `{"team": "red*"}` by glob, and `value.team != "blue"`',
    vault: '`claim_missing`',
    consul: 'let in',
  },
  {
    about: 'Claims',
    what: 'no team in the token: `bound_claims` of `{"team": "red*"}` by glob, and `value.team matches "^red"`',
    vault: '`claim_missing`',
    consul: 'let in',
  },
  { about: 'Claims', what: 'level 3 bound, level 3.9 in the token', vault: 'let in', consul: 'let in' },
  { about: 'Claims', what: 'level "3" bound, level 3 in the token', vault: '`claim_mismatch`', consul: 'let in' },
  { about: 'Claims', what: 'a mapped claim that is a number', vault: '`claim_type_mismatch`', consul: 'let in' },
  {
    about: 'Claims',
    what: 'a mapped claim that is a list',
    vault: '`claim_type_mismatch`',
    consul: '`claim_type_mismatch`',
  },

  { about: 'Tokens', what: 'how long a token is valid by default', vault: '2764800 s', consul: 'for ever' },
  {
    about: 'Tokens',
    what: 'how long one is good for that is told 30 s',
    vault: '30 s',
    consul: 'refused when written: 500',
  },
  { about: 'Tokens', what: 'the same JWT, a second time', vault: 'let in', consul: 'let in' },

  { about: 'Answers', what: 'an expired token', vault: '400, JSON', consul: '500, text' },
  { about: 'Answers', what: 'a token of an unknown key', vault: '400, JSON', consul: '500, text' },
  { about: 'Answers', what: 'a token that nothing binds', vault: '400, JSON', consul: '403, text' },
  { about: 'Answers', what: 'an auth method that is not there', vault: '403, JSON', consul: '403, text' },
  { about: 'Answers', what: 'a key set that cannot be fetched', vault: '400, JSON', consul: '500, text' },
] as const satisfies readonly Difference[];

/** What is asked in one of the rows. */
export type Question = (typeof differences)[number]['what'];
