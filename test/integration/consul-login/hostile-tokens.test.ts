import { type Environment, type ErrorCode, LoginRefusedError } from 'vaultproof';
import { hostileTokens } from 'vaultproof/issuer/hostile';
import { publicPem } from 'vaultproof/issuer/keys';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';
import { consulAcl, mountConsulJwt } from '../../support/consul-jwt.js';
import { runOn } from '../../support/engines.js';
import { type KeySource, keySources, outcomeOf } from '../issuer/hostile-modes.js';

test.override({ fileServices: { vault: false, consul: runOn('process', 'consul') } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const claims = { sub: 'vishpat', aud: 'damage_inc' };

beforeAll(async () => {
  const { issuer, consul } = env;
  const acl = consulAcl(consul);
  const sources = {
    'a key set': { JWKSURL: issuer.jwksUrlFor(consul) },
    'static keys': { JWTValidationPubKeys: [publicPem(issuer.keys.active())] },
    discovery: { OIDCDiscoveryURL: issuer.url },
  };
  for (const source of keySources) {
    const bound = { JWTSupportedAlgs: ['ES256'], BoundIssuer: issuer.url, BoundAudiences: ['damage_inc'] };
    await mountConsulJwt(acl, source.replaceAll(' ', '-'), 'vishpat', { ...sources[source], ...bound });
  }
  acl.close();
});

const all = (code: ErrorCode, names: readonly string[]): Readonly<Record<string, ErrorCode>> =>
  Object.fromEntries(names.map((name) => [name, code]));

const everywhere = {
  // The subject is bound by a rule's selector.
  ...all('no_binding_rule_matched', [
    ...['wrong-sub', 'sub-in-capitals', 'missing-sub'],
    ...['upper-sub-beside-sub', 'upper-sub-alone', 'long-s-sub-beside-sub'],
  ]),
  'payload-is-null': 'claim_missing',
} as const;

/** Where the code is not the one that Vault's refusal has. */
const unlikeVault: Readonly<Record<KeySource, Readonly<Record<string, ErrorCode>>>> = {
  'a key set': everywhere,
  'static keys': {
    ...everywhere,
    ...all('signature_invalid', ['unknown-key', 'embedded-jwk', 'embedded-x5c', 'jku', 'x5u']),
    // Doubles are refused, and names compared exactly.
    ...all('token_malformed', ['duplicate-sub', 'duplicate-exp']),
    'alg-of-another-key-type': 'algorithm_not_allowed',
    'upper-iss-alone': 'issuer_mismatch',
    'upper-aud-alone': 'audience_mismatch',
  },
  discovery: {
    ...everywhere,
    ...all('claim_missing', ['missing-exp', 'missing-times']),
    'exp-zero': 'token_expired',
    'exp-null': 'claim_type_mismatch',
    ...all('token_malformed', ['json-serialisation', 'json-serialisation-general']),
    'payload-is-null': 'issuer_mismatch',
    'alg-of-another-key-type': 'algorithm_not_allowed',
  },
};

describe.each(keySources)('with %s', (source) => {
  test.each(hostileTokens)('the hostile token "$name" is let in, or refused for its reason', async (token) => {
    const jwt = await token.make(env.issuer, claims);
    const answer = await env.consul.login({ jwt, method: source.replaceAll(' ', '-') }).then(
      () => 'accepted',
      (error: unknown) => (error instanceof LoginRefusedError ? error.code : error),
    );
    const letIn = outcomeOf(token, 'consul', source) === 'accepted';
    expect(answer).toBe(letIn ? 'accepted' : (unlikeVault[source][token.name] ?? token.vault));
  });
});
