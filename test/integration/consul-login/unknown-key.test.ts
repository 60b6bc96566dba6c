import { httpClient, loginToConsul } from 'vaultproof';
import { generateSigningKey } from 'vaultproof/issuer';
import { expect, test } from 'vaultproof/vitest';
import { consulAcl, mountConsulJwt } from '../../support/consul-jwt.js';

// On whichever engine: a container has another name for this host in the key set's URL.
test.override({ fileServices: { vault: false, consul: true } });
const vishpat = { sub: 'vishpat', aud: 'damage_inc' };

test.beforeAll(async ({ fileEnv: env }) => {
  const acl = consulAcl(env.consul);
  const config = { JWKSURL: env.issuer.jwksUrlFor(env.consul), BoundAudiences: ['damage_inc'] };
  await mountConsulJwt(acl, 'jwt', 'vishpat', config);
  acl.close();
});

test('an unknown key is told from a bad signature by the key set as this host reaches it', async ({ fileEnv: env }) => {
  const key = await generateSigningKey();
  const jwt = await env.issuer.sign(vishpat, { key });
  await expect(env.consul.login({ jwt, method: 'jwt' })).rejects.toMatchObject({
    code: 'unknown_key',
    expected: [env.issuer.keys.active().kid],
    found: key.kid,
  });
});

test('without a token the key set can be named, and without either it is a bad signature', async ({ fileEnv: env }) => {
  const jwt = await env.issuer.sign(vishpat, { key: await generateSigningKey() });
  const http = httpClient(env.consul.address);
  const jwksUrl = `${env.issuer.url}/.well-known/jwks.json`;
  await expect(loginToConsul(http, { jwt, method: 'jwt' }, { jwksUrl })).rejects.toMatchObject({ code: 'unknown_key' });
  await expect(loginToConsul(http, { jwt, method: 'jwt' })).rejects.toMatchObject({ code: 'signature_invalid' });
  http.close();
});
