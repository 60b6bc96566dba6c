import { inspect } from 'node:util';
import { type Environment, startEnvironment } from 'vaultproof';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureReport } from '../../../harness/failure-report.js';
import { killServer } from '../../support/kill-server.js';
import { ofProduct } from '../../support/vault-of-tests.js';

const ALLOWED = ['http://localhost:8250/oidc/callback', 'https://vault.acme.example/ui/vault/auth/oidc/oidc/callback'];
const ADA = { sub: 'ada', email: 'ada@acme.example', groups: ['vault-admins', 'staff'] };

let env: Environment;

/** An OIDC auth method that trusts the environment's issuer, with roles. */
function declaration(roles: Readonly<Record<string, object>>, method: object = {}): unknown {
  const role = (name: string, more: object): object => ({
    backend: 'oidc',
    role_name: name,
    role_type: 'oidc',
    user_claim: 'sub',
    allowed_redirect_uris: ALLOWED,
    token_policies: ['reader'],
    depends_on: ['vault_jwt_auth_backend.oidc'],
    ...more,
  });
  return {
    resource: {
      vault_policy: { reader: { name: 'reader', policy: 'path "kv/app" { capabilities = ["read"] }' } },
      vault_mount: { kv: { path: 'kv', type: 'kv', options: { version: '1' } } },
      vault_jwt_auth_backend: {
        oidc: {
          path: 'oidc',
          type: 'oidc',
          oidc_discovery_url: env.issuer.discoveryUrlFor(env.vault),
          oidc_client_id: 'vault',
          oidc_client_secret: 'a secret that the issuer takes',
          default_role: 'admin',
          ...method,
        },
      },
      vault_jwt_auth_backend_role: Object.fromEntries(
        Object.entries(roles).map(([name, more]) => [name, role(name, more)]),
      ),
    },
  };
}

function loginAs(claims: { readonly sub: string }, more: object = {}, options: object = {}) {
  const signIn = (authUrl: string) => env.issuer.signIn(authUrl, claims, options);
  return env.vault.loginWithOidc({ signIn, ...more });
}

beforeAll(async () => {
  env = await startEnvironment({ vault: true });
  await env.applyJson(
    declaration({
      admin: { bound_claims: { groups: 'vault-admins' }, groups_claim: 'groups', oidc_scopes: ['groups'] },
      one: { bound_subject: 'ada' },
      audience: { bound_audiences: ['other'] },
      plain: {},
      fresh: { max_age: 60 },
      ui: { allowed_redirect_uris: ALLOWED.slice(1) },
      ci: { role_type: 'jwt', bound_audiences: ['vault'], allowed_redirect_uris: undefined },
      both: { role_type: 'jwt', bound_audiences: ['vault'] },
    }),
  );
  await env.vault.seed('kv/app', { password: 'x' });
});
afterAll(() => env?.stop());

describe('someone whom the role lets in', () => {
  test('reads the secret, and the session says why', async () => {
    const session = await loginAs(ADA);
    expect(session).toMatchObject({ role: 'admin', policies: ['default', 'reader'] });
    expect(await session.read('kv/app')).toEqual({ password: 'x' });
    expect(await session.matchedBounds()).toContainEqual(
      expect.objectContaining({ bound: 'bound_claims', name: 'groups', matched: ['vault-admins'] }),
    );
  });

  test.each([
    ['by the redirect URI of the page', { role: 'ui', redirectUri: ALLOWED[1] }],
    ['by a role for JWTs that has redirect URIs', { role: 'both' }],
    ['by another port of this host', { role: 'plain', redirectUri: 'http://localhost:1/oidc/callback' }],
    ['with a recent sign-in', { role: 'fresh' }],
  ])('logs in %s', async (_how, request) => {
    expect((await loginAs(ADA, request)).role).toBe(request.role);
  });

  test('by what userinfo says in place of the ID token', async () => {
    const session = await loginAs({ sub: 'ada' }, {}, { userinfo: { groups: ['vault-admins'] } });
    expect(session.role).toBe('admin');
  });
});

describe('a refusal names the check', () => {
  test.each([
    [
      'a claim that is not bound',
      { sub: 'bob', groups: ['staff'] },
      {},
      { code: 'claim_mismatch', claim: 'groups', expected: ['vault-admins'], found: ['staff'] },
    ],
    ['a claim that is missing', { sub: 'bob' }, {}, { code: 'claim_missing', claim: 'groups', found: null }],
    ['another subject', { sub: 'bob' }, { role: 'one' }, { code: 'subject_mismatch', expected: 'ada', found: 'bob' }],
    ['an audience', ADA, { role: 'audience' }, { code: 'audience_mismatch', expected: ['other'], found: 'vault' }],
    [
      'an old sign-in',
      { ...ADA, auth_time: 1 },
      { role: 'fresh' },
      {
        code: 'sign_in_too_old',
        claim: 'auth_time',
        found: 1,
        expected: { after: expect.any(Number) },
        note: '"max_age" is 60 seconds, and 60 more are allowed',
      },
    ],
    ['another nonce', { ...ADA, nonce: 'other' }, { role: 'plain' }, { code: 'nonce_mismatch' }],
    ['another issuer', { ...ADA, iss: 'https://other.example' }, { role: 'plain' }, { code: 'issuer_mismatch' }],
    ['a role that is not there', ADA, { role: 'absent' }, { code: 'role_not_found', found: 'absent' }],
    [
      'a role for JWTs',
      ADA,
      { role: 'ci' },
      { code: 'redirect_uri_not_allowed', expected: [], note: expect.stringContaining('for JWTs') },
    ],
    [
      'a redirect URI',
      ADA,
      { role: 'ui' },
      { code: 'redirect_uri_not_allowed', expected: ALLOWED.slice(1), found: ALLOWED[0] },
    ],
    ['a method that is not there', ADA, { mount: 'absent' }, { code: 'method_not_found', found: 'absent' }],
  ])('%s', async (_what, claims, request, expected) => {
    await expect(loginAs(claims, request)).rejects.toMatchObject(expected);
  });
});

test('a sign-in is too old 60 seconds after max_age', async () => {
  const signedInAgo = (seconds: number) =>
    loginAs({ ...ADA, auth_time: env.issuer.clock.now() - seconds } as typeof ADA, { role: 'fresh' });
  expect((await signedInAgo(110)).role).toBe('fresh');
  const error = await signedInAgo(125).catch((one: unknown) => one);
  expect(error).toMatchObject({ code: 'sign_in_too_old' });
  const { expected, found } = error as { expected: { after: number }; found: number };
  expect([0, 1, 2, 3, 4, 5]).toContain(expected.after - found);
});

test('a redirect URI that differs by case is allowed at Vault, and not at OpenBao', async () => {
  const redirectUri = String(ALLOWED[1]).replace('https://vault', 'https://VAULT');
  const answer = await loginAs(ADA, { role: 'ui', redirectUri }).then(
    () => 'let in',
    ({ code }) => code,
  );
  expect(answer).toBe(ofProduct({ vault: 'let in', openbao: 'redirect_uri_not_allowed' }));
});

test('a provider that Vault does not reach is named, and not the redirect URI', async () => {
  await using other = await startEnvironment({ vault: true });
  const discoveryUrl = other.issuer.discoveryUrlFor(other.vault);
  await other.applyJson(declaration({ admin: {} }, { oidc_discovery_url: discoveryUrl }));
  other.issuer.faults.set('discovery', 'server-error');
  const signIn = (authUrl: string) => other.issuer.signIn(authUrl, ADA);
  const refused = other.vault.loginWithOidc({ signIn, redirectUri: 'http://localhost:1/oidc/callback' });
  await expect(refused).rejects.toMatchObject({
    code: 'key_set_unavailable',
    note: expect.stringContaining(discoveryUrl),
  });
});

test('where the server ends, nothing of what it was sent is shown', async () => {
  await using other = await startEnvironment({ vault: true });
  const discovery = { oidc_discovery_url: other.issuer.discoveryUrlFor(other.vault) };
  await other.applyJson(declaration({ admin: {} }, discovery));
  let callbackUrl = '';
  const signIn = async (authUrl: string) => {
    const signedIn = await other.issuer.signIn(authUrl, ADA);
    callbackUrl = signedIn.callbackUrl;
    await killServer(other.vault);
    return signedIn;
  };
  const error = await other.vault.loginWithOidc({ signIn }).catch((one: unknown) => one);
  expect(error).toMatchObject({ code: 'server_exited', details: { path: '/v1/auth/oidc/oidc/callback' } });
  const { searchParams } = new URL(callbackUrl);
  for (const secret of searchParams.values()) expect(inspect(error)).not.toContain(secret);
});

test('a failed test is told who signed in, and how it ended', async () => {
  await loginAs({ sub: 'carol' }, { role: 'one' }).catch(() => {});
  expect(await failureReport(env)).toMatch(/^Login role "one", refused \(subject_mismatch\): \{.*"sub":"carol".*\}$/m);
});
