import { type Environment, startEnvironment } from 'vaultproof';
import { github } from 'vaultproof/issuer/presets';
import { githubActions, githubActionsRole } from 'vaultproof/stacks/presets/github-actions';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect } from 'vaultproof/vitest';
import { afterAll, beforeAll, test } from 'vitest';

// The recipes of docs/cookbook.md that need a server. All tests share one Vault.
const audience = 'https://vault.acme.example';
const payments = { repository: 'acme/payments', repositoryId: '74', audience };
const role = githubActionsRole({
  roleName: 'payments-ci',
  repositoryId: '74',
  ref: 'refs/heads/main',
  audience,
  tokenPolicies: ['payments-read'],
});

let env: Environment;
beforeAll(async () => {
  env = await startEnvironment({ vault: { auditLog: true } });
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  await env.apply((app) => new VaultJwtStack(app, 'github', { ...githubActions(), jwksUrl, roles: [role] }));
});
afterAll(() => env?.stop());

test('a token whose times are claims is expired', async () => {
  const hourAgo = Math.floor(Date.now() / 1000) - 3600;
  const expired = await env.issuer.sign(github({ ...payments, claims: { iat: hourAgo, exp: hourAgo + 300 } }));
  await expect(env.vault).toRefuse(expired, { code: 'token_expired' });
});

test('a token that was signed when the clock was behind is expired', async () => {
  env.issuer.clock.advance(-3600);
  const expired = await env.issuer.sign(github(payments));
  env.issuer.clock.reset();
  await expect(env.vault).toRefuse(expired, { code: 'token_expired' });
});

test('a pull request does not get in, and neither does a token for another server', async () => {
  const pull = await env.issuer.sign(github({ ...payments, event: 'pull_request' }));
  await expect(env.vault).toRefuse(pull, { code: 'claim_mismatch', claim: ['ref', 'event_name'] });

  const elsewhere = await env.issuer.sign(github({ ...payments, audience: 'https://other.acme.example' }));
  await expect(env.vault).toRefuse(elsewhere, { code: 'audience_mismatch' });
});

test('the audit log has every login', async () => {
  await env.vault.login({ jwt: await env.issuer.sign(github(payments)) });
  const entry = await env.vault.auditLog.waitFor({ type: 'response', auth: { metadata: { role: 'payments-ci' } } });
  expect(entry.request).toMatchObject({ path: 'auth/jwt/login', operation: 'update' });
  const entries = await env.vault.auditLog();
  expect(entries).toContainEqual(
    expect.objectContaining({ request: expect.objectContaining({ path: 'auth/jwt/login' }) }),
  );
});

test('a login that is declared in Terraform JSON is applied without Terraform', async () => {
  await env.applyJson({
    resource: {
      vault_jwt_auth_backend: {
        json: { path: 'json', jwks_url: env.issuer.jwksUrlFor(env.vault), bound_issuer: env.issuer.url },
      },
    },
  });
  expect(await env.vault.request('GET', 'auth/json/config')).toMatchObject({
    data: { bound_issuer: env.issuer.url },
  });
});

test('keys are found by a discovery document', async () => {
  await env.apply(
    (app) =>
      new VaultJwtStack(app, 'discovery', {
        path: 'discovery',
        oidcDiscoveryUrl: env.issuer.discoveryUrlFor(env.vault),
        boundIssuer: env.issuer.url,
        roles: [{ roleName: 'app', boundSubject: 'app', boundAudiences: [audience], tokenPolicies: ['app'] }],
      }),
  );
  const jwt = await env.issuer.sign({ sub: 'app', aud: audience });
  await expect(env.vault).toLetIn(jwt, { mount: 'discovery', role: 'app' });
});
