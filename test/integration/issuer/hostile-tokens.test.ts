import { type Environment, LoginRefusedError, startEnvironment } from 'vaultproof';
import { hostileTokens } from 'vaultproof/issuer/hostile';
import { publicPem } from 'vaultproof/issuer/keys';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConsulAcl, consulAcl, mountConsulJwt } from '../../support/consul-jwt.js';
import { runOn } from '../../support/engines.js';
import { ofProduct } from '../../support/vault-of-tests.js';
import { type KeySource, keySources, outcomeOf } from './hostile-modes.js';

const claims = { sub: 'vishpat', aud: 'damage_inc' };
const algorithms = ['ES256'];
const mounts: Readonly<Record<KeySource, string>> = { 'a key set': 'jwt', 'static keys': 'static', discovery: 'oidc' };

const product = ofProduct({ vault: 'vault', openbao: 'openbao' } as const);

let env: Environment;
let acl: ConsulAcl;

beforeAll(async () => {
  // Discovery has the issuer's own URL, which no container reaches.
  env = await startEnvironment({ vault: runOn('process', 'vault'), consul: runOn('process', 'consul') });
  acl = consulAcl(env.consul);
  const { issuer, vault, consul } = env;
  const pem = publicPem(issuer.keys.active());
  const configurations = {
    'a key set': [{ jwks_url: issuer.jwksUrlFor(vault) }, { JWKSURL: issuer.jwksUrlFor(consul) }],
    'static keys': [{ jwt_validation_pubkeys: [pem] }, { JWTValidationPubKeys: [pem] }],
    discovery: [{ oidc_discovery_url: issuer.url }, { OIDCDiscoveryURL: issuer.url }],
  };
  for (const source of keySources) {
    const mount = mounts[source];
    const [forVault, forConsul] = configurations[source];
    await vault.request('POST', `sys/auth/${mount}`, { type: 'jwt' });
    const bound = { bound_issuer: issuer.url, jwt_supported_algs: algorithms };
    await vault.request('POST', `auth/${mount}/config`, { ...forVault, ...bound });
    await vault.request('POST', `auth/${mount}/role/reader`, {
      role_type: 'jwt',
      user_claim: 'sub',
      bound_audiences: ['damage_inc'],
      bound_subject: 'vishpat',
    });
    await mountConsulJwt(acl, mount, 'vishpat', {
      ...forConsul,
      JWTSupportedAlgs: algorithms,
      BoundIssuer: issuer.url,
      BoundAudiences: ['damage_inc'],
    });
  }
});
afterAll(async () => {
  acl?.close();
  await env?.stop();
});

async function vaultSays(jwt: string, source: KeySource): Promise<string> {
  try {
    await env.vault.login({ jwt, mount: mounts[source], role: 'reader' });
    return 'accepted';
  } catch (error) {
    if (error instanceof LoginRefusedError) return error.code;
    throw error;
  }
}

test.each(keySources)('the token that they are made of is let in everywhere, with %s', async (source) => {
  const jwt = await env.issuer.sign({ ...claims, nbf: env.issuer.clock.now() });
  expect(await vaultSays(jwt, source)).toBe('accepted');
  expect(await acl.login(mounts[source], jwt)).toMatchObject({ status: 200 });
});

describe.each(hostileTokens)('the hostile token "$name"', (token) => {
  for (const source of keySources) {
    const atVault = outcomeOf(token, product, source);
    test(`is ${atVault} at ${ofProduct({ vault: 'Vault', openbao: 'OpenBao' })}, with ${source}`, async () => {
      expect(await vaultSays(await token.make(env.issuer, claims), source)).toBe(atVault);
    });

    const atConsul = outcomeOf(token, 'consul', source);
    test(`is ${atConsul === 'accepted' ? atConsul : 'refused'} at Consul, with ${source}`, async () => {
      const answer = await acl.login(mounts[source], await token.make(env.issuer, claims));
      if (!(atConsul instanceof RegExp)) return expect(answer).toMatchObject({ status: 200 });
      const status = atConsul.source === '^Permission denied$' ? 403 : 500;
      return expect(answer).toEqual({ status, message: expect.stringMatching(atConsul) });
    });
  }
});

test('neither server fetches what a token points to', () => {
  expect(env.issuer.fetches.lure).toBe(0);
});
