import type { ErrorCode } from 'vaultproof';
import { type HostileToken, hostileTokens } from 'vaultproof/issuer/hostile';

/** The servers that the tokens are sent to. */
export const hostileServers = ['vault', 'openbao', 'consul'] as const;
export type HostileServer = (typeof hostileServers)[number];

/** How a server is given the keys. */
export const keySources = ['a key set', 'static keys', 'discovery'] as const;
export type KeySource = (typeof keySources)[number];

/** What became of a login: let in, the code of Vault's refusal, or words of Consul's. */
export type HostileOutcome = ErrorCode | 'accepted' | RegExp;

type Otherwise = Readonly<Record<string, HostileOutcome>>;

const all = (outcome: HostileOutcome, names: readonly string[]): Otherwise =>
  Object.fromEntries(names.map((name) => [name, outcome]));

/** It finds no key by its kid, and tries them all. */
const vaultWithStaticKeys: Otherwise = {
  ...all('accepted', ['unknown-kid', 'kid-with-path', 'kid-with-sql', 'padding']),
  ...all('signature_invalid', ['unknown-key', 'embedded-jwk', 'embedded-x5c', 'jku', 'x5u']),
  ...all('token_malformed', ['duplicate-sub', 'duplicate-exp']),
  'alg-of-another-key-type': 'algorithm_not_allowed',
};

/** It tries every key with another library, and has the same words for all that this library refuses. */
const consulWithStaticKeys: Otherwise = {
  ...all('accepted', ['unknown-kid', 'kid-with-path', 'kid-with-sql', 'padding', 'deep-nesting']),
  ...all(/no known key successfully validated the token signature/, [
    ...[
      'alg-none',
      'alg-none-in-capitals',
      'alg-missing',
      'alg-in-lower-case',
      'alg-of-another-key-type',
      'wrong-hash',
    ],
    ...['hs256-with-public-key', 'hs256-with-public-jwk', 'hs256-with-empty-secret'],
    ...['duplicate-sub', 'duplicate-exp', 'exp-as-string', 'exp-as-boolean', 'iat-as-string'],
    ...['iss-as-list', 'sub-as-list', 'aud-nested', 'aud-as-object'],
    ...['unknown-key', 'other-key-under-known-kid', 'other-key-without-kid'],
    ...['embedded-jwk', 'embedded-x5c', 'jku', 'x5u', 'unknown-crit', 'crit-as-string', 'b64-false-without-crit'],
    ...['tampered-payload', 'tampered-header', 'tampered-signature', 'signature-of-another-token'],
    ...['empty-signature', 'zero-signature', 'short-signature', 'long-signature', 'der-signature'],
    ...['payload-is-a-list', 'payload-is-a-token', 'empty-payload', 'payload-with-more-behind', 'payload-with-bom'],
  ]),
  ...all(/aud claim does not match any bound audience/, ['upper-aud-alone', 'upper-aud-beside-aud']),
  ...all(/invalid issuer claim \(iss\)/, ['upper-iss-alone', 'upper-iss-beside-iss']),
  'upper-exp-beside-exp': /token is expired \(exp\)/,
};

/** It verifies an ID token, as OpenID Connect has it, before it looks at the claims. */
const consulWithDiscovery: Otherwise = {
  ...all('accepted', ['exp-as-string', 'iat-as-string', 'issued-in-future', 'far-exp-alone']),
  ...all(/oidc: token is expired/, [...['expired', 'exp-zero', 'exp-negative', 'missing-exp', 'missing-times']]),
  ...all(/id token issued by a different provider/, ['wrong-iss', 'iss-with-slash', 'missing-iss', 'payload-is-null']),
  ...all(/failed to unmarshal claims/, [
    ...['exp-as-boolean', 'exp-null', 'iss-as-list', 'sub-as-list', 'aud-nested', 'aud-as-object', 'payload-is-a-list'],
  ]),
  ...all(/malformed jwt, expected 3 parts got 1/, ['json-serialisation', 'json-serialisation-general']),
  'not-yet-valid': /before the nbf \(not before\) time/,
  'alg-of-another-key-type': /unexpected signature algorithm "RS256"/,
};

const otherwise: Readonly<Record<HostileServer, Readonly<Record<KeySource, Otherwise>>>> = {
  vault: { 'a key set': {}, 'static keys': vaultWithStaticKeys, discovery: {} },
  openbao: { 'a key set': {}, 'static keys': vaultWithStaticKeys, discovery: {} },
  consul: { 'a key set': {}, 'static keys': consulWithStaticKeys, discovery: consulWithDiscovery },
};

/** What a server that is given the keys in this way makes of a token: the catalogue's outcome, unless this way differs. */
export function outcomeOf(token: HostileToken, server: HostileServer, source: KeySource): HostileOutcome {
  return otherwise[server][source][token.name] ?? token[server] ?? token.vault;
}

/** Those that a server lets in or refuses depending on how it is given the keys. */
export function tokensThatDependOnKeySource(): readonly HostileToken[] {
  return hostileTokens.filter((token) =>
    hostileServers.some((server) => {
      const letIn = keySources.map((source) => outcomeOf(token, server, source) === 'accepted');
      return new Set(letIn).size > 1;
    }),
  );
}

/** The names that are told here, for a check that the catalogue has them. */
export const namesToldByMode: readonly string[] = Object.values(otherwise).flatMap((server) =>
  Object.values(server).flatMap((names) => Object.keys(names)),
);
