import { startIssuer } from 'vaultproof/issuer';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { consulAcl, mountConsulJwt } from '../../support/consul-jwt.js';

const vishpat = { sub: 'vishpat', aud: 'damage_inc' };

test('a vault takes a key set over https with the issuer’s CA, and none without it', async ({ env: { vault } }) => {
  await using issuer = await startIssuer({ tls: await generateTlsIdentity() });
  expect(issuer.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  await issuer.listenFor(vault);
  await vault.request('POST', 'sys/auth/jwt', { type: 'jwt' });
  const jwks_url = issuer.jwksUrlFor(vault);
  await expect(vault.request('POST', 'auth/jwt/config', { jwks_url })).rejects.toMatchObject({
    code: 'request_refused',
  });

  await vault.request('POST', 'auth/jwt/config', { jwks_url, jwks_ca_pem: issuer.caPem, bound_issuer: issuer.url });
  const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['damage_inc'] };
  await vault.request('POST', 'auth/jwt/role/reader', role);
  expect(await vault.login({ jwt: await issuer.sign(vishpat), role: 'reader' })).toMatchObject({ role: 'reader' });
});

describe('with consul', () => {
  test.override({ services: { vault: false, consul: true } });

  test('a consul takes a key set over https with the issuer’s CA', async ({ env: { consul } }) => {
    await using issuer = await startIssuer({ tls: await generateTlsIdentity() });
    await issuer.listenFor(consul);
    const acl = consulAcl(consul);
    await mountConsulJwt(acl, 'jwt', 'vishpat', {
      JWKSURL: issuer.jwksUrlFor(consul),
      JWKSCACert: issuer.caPem,
      BoundAudiences: ['damage_inc'],
    });
    expect(await acl.login('jwt', await issuer.sign(vishpat))).toMatchObject({ status: 200 });
    acl.close();
  });
});
