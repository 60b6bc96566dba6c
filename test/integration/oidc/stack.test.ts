import { VaultOidcStack } from 'vaultproof/stacks/vault-oidc';
import { expect, test } from 'vaultproof/vitest';
import { people } from './people.js';

test.override({ services: { vault: true, impersonate: ['https://acme.okta.com'] } });

test('engineers read the secret, support may not, and others stay out', async ({ env }) => {
  await env.apply((app) => new VaultOidcStack(app, 'people', people), { variables: { oidc_client_secret: 'any' } });
  await env.vault.seed('kv/app/db', { password: 'x' });

  const loginAs = (groups: string[]) =>
    env.vault.loginWithOidc({ signIn: (authUrl) => env.issuer.signIn(authUrl, { sub: '00u1', groups }) });
  const engineer = await loginAs(['engineering']);
  expect(await engineer.read('kv/app/db')).toEqual({ password: 'x' });
  await expect(await loginAs(['support'])).toDeny('read', 'kv/data/app/db');
  await expect(loginAs(['sales'])).rejects.toMatchObject({ code: 'claim_mismatch', claim: 'groups' });
});

test("the environment's own issuer signs people in, too", async ({ env }) => {
  const oidcDiscoveryUrl = env.issuer.discoveryUrlFor(env.vault);
  await env.apply((app) => new VaultOidcStack(app, 'people', { ...people, oidcDiscoveryUrl, path: 'staff' }), {
    variables: { oidc_client_secret: 'any' },
  });
  const signIn = (authUrl: string) => env.issuer.signIn(authUrl, { sub: 'ada', groups: ['engineering'] });
  const session = await env.vault.loginWithOidc({ mount: 'staff', role: 'people', signIn });
  await expect(session).toAllow('read', 'kv/data/app/db');
  expect(session).toMatchObject({ role: 'people' });
});
