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

test('Vault refuses a role without redirect URIs, takes "*" in one as it stands, and a loopback URI with any port', async ({
  env,
}) => {
  await env.apply((app) => new VaultOidcStack(app, 'people', people), { variables: { oidc_client_secret: 'any' } });
  const write = (uris: string[]) =>
    env.vault.request('POST', 'auth/oidc/role/other', { user_claim: 'sub', allowed_redirect_uris: uris });
  await expect(write([])).rejects.toMatchObject({ code: 'request_refused' });
  await write(['https://*.acme.example/callback', 'http://localhost:8250/oidc/callback']);
  const loginAt = (redirectUri: string) =>
    env.vault.loginWithOidc({
      role: 'other',
      redirectUri,
      signIn: (authUrl) => env.issuer.signIn(authUrl, { sub: 'ada' }),
    });
  await expect(loginAt('https://vault.acme.example/callback')).rejects.toMatchObject({
    code: 'redirect_uri_not_allowed',
  });
  expect(await loginAt('http://localhost:8251/oidc/callback')).toMatchObject({ role: 'other' });
});
