import { expect, test } from 'vaultproof/vitest';
import { loginsToTry } from '../../../cli/login-to-try.js';
import { startOpenIdProvider } from '../../support/openid-provider.js';
import { ofProduct } from '../../support/vault-of-tests.js';

test('the login to try is one that the server lets in', async ({ env }) => {
  const { vault, issuer } = env;
  expect(await loginsToTry(vault, issuer.url)).toEqual([]);
  await vault.request('POST', 'sys/auth/jwt', { type: 'jwt' });
  await vault.request('POST', 'auth/jwt/config', { jwks_url: issuer.jwksUrlFor(vault), bound_issuer: issuer.url });
  await vault.request('POST', 'auth/jwt/role/a-browser', {
    role_type: 'oidc',
    user_claim: 'sub',
    bound_audiences: ['app'],
    allowed_redirect_uris: ['http://127.0.0.1:8250/oidc/callback'],
  });
  expect(await loginsToTry(vault, issuer.url)).toEqual([]);
  await vault.request('POST', 'auth/jwt/role/job', {
    role_type: 'jwt',
    user_claim: '/kubernetes.io/pod',
    user_claim_json_pointer: true,
    bound_audiences: ['app'],
    bound_claims_type: 'glob',
    bound_claims: { '/kubernetes.io/namespace': ['team-*-ci'], ref: 'refs/*' },
    groups_claim: 'groups',
  });
  const [found] = await loginsToTry(vault, issuer.url);
  expect(found).toMatchObject({
    mount: 'jwt',
    role: 'job',
    claims: { iss: issuer.url, aud: 'app', sub: 'me', 'kubernetes.io': { pod: 'me' } },
  });
  const jwt = await issuer.sign({ sub: 'me', aud: null, ...found?.claims });
  await expect(vault).toLetIn(jwt, { role: 'job', policies: ['default'] });
});

test('beside an OIDC client no JWT is to be tried at Vault, which refuses all', async ({ env: { vault, issuer } }) => {
  const provider = await startOpenIdProvider();
  const client = { oidc_client_id: 'app', oidc_client_secret: 'secret-of-the-app' };
  await vault.request('POST', 'sys/auth/jwt', { type: 'jwt' });
  await vault.request('POST', 'auth/jwt/config', { oidc_discovery_url: provider.url, ...client });
  provider.stop();
  const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['app'] };
  await vault.request('POST', 'auth/jwt/role/job', role);
  const found = { mount: 'jwt', role: 'job', inBrowser: false, claims: { iss: provider.url, aud: 'app', sub: 'me' } };
  expect(await loginsToTry(vault, issuer.url)).toEqual(ofProduct({ vault: [], openbao: [found] }));
});

test('people log in by the form that the issuer shows in a browser', async ({ env: { vault, issuer } }) => {
  await vault.request('POST', 'sys/auth/people', { type: 'oidc' });
  await vault.request('POST', 'auth/people/config', {
    oidc_discovery_url: issuer.discoveryUrlFor(vault),
    oidc_client_id: 'app',
    oidc_client_secret: 'secret-of-the-app',
  });
  const role = { user_claim: 'email', bound_claims: { groups: ['admins'] } };
  const elsewhere = { ...role, allowed_redirect_uris: ['https://vault.acme.example/callback'] };
  await vault.request('POST', 'auth/people/role/page', elsewhere);
  expect(await loginsToTry(vault, issuer.url)).toEqual([]);
  const command = { ...role, allowed_redirect_uris: ['http://localhost:8250/oidc/callback'] };
  await vault.request('POST', 'auth/people/role/command', command);
  const [found] = await loginsToTry(vault, issuer.url);
  expect(found).toMatchObject({ mount: 'people', role: 'command', inBrowser: true, claims: { groups: 'admins' } });
  const signIn = (authUrl: string) => issuer.signIn(authUrl, { sub: '', ...found?.claims });
  expect(await vault.loginWithOidc({ mount: 'people', role: 'command', signIn })).toMatchObject({ role: 'command' });
  expect(await loginsToTry(vault, 'http://127.0.0.1:9')).toEqual([]);

  // Beside a role for JWTs of another method.
  await vault.request('POST', 'sys/auth/ci', { type: 'jwt' });
  await vault.request('POST', 'auth/ci/config', { jwks_url: issuer.jwksUrlFor(vault) });
  await vault.request('POST', 'auth/ci/role/job', { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['app'] });
  const job = { mount: 'ci', role: 'job', inBrowser: false, claims: { aud: 'app', sub: 'me' } };
  expect(await loginsToTry(vault, issuer.url)).toEqual([job, found]);
});
