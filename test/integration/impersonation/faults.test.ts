import { decodeProtectedHeader } from 'jose';
import { github } from 'vaultproof/issuer/presets';
import { githubActions, githubActionsRole } from 'vaultproof/stacks/presets/github-actions';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';

const url = 'https://token.actions.githubusercontent.com';
const audience = 'https://vault.acme.example';
const role = githubActionsRole({
  roleName: 'ci',
  repositoryId: '74',
  ref: 'refs/heads/main',
  audience,
  tokenPolicies: ['default'],
});
const job = github({ repository: 'acme/app', repositoryId: '74', audience });

test.override({ services: { vault: true, impersonate: [url] } });

test("fetches of the vendor's documents are counted", async ({ env }) => {
  const { fetches } = await env.impersonate(url);
  await env.apply((app) => new VaultJwtStack(app, 'ci', { ...githubActions(), roles: [role] }));
  await env.vault.login({ jwt: await env.issuer.sign(job) });
  expect(fetches).toMatchObject({ jwks: expect.any(Number), discovery: 0 });
  expect(fetches.jwks).toBeGreaterThan(0);
  expect(env.issuer.fetches.jwks).toBe(0);
});

test("the vendor's key set can be served with a fault", async ({ env }) => {
  const vendor = await env.impersonate(url);
  await env.apply((app) => new VaultJwtStack(app, 'ci', { ...githubActions(), roles: [role] }));
  vendor.faults.set('jwks', 'server-error');
  const jwt = await env.issuer.sign(job);
  await expect(env.vault.login({ jwt })).rejects.toMatchObject({ code: 'key_set_unavailable' });
  vendor.faults.clear();
  await env.vault.login({ jwt });
});

test("the vendor's keys rotate", async ({ env }) => {
  const { keys, fetches } = await env.impersonate(url);
  await env.apply((app) => new VaultJwtStack(app, 'ci', { ...githubActions(), roles: [role] }));
  const old = await env.issuer.sign(job);
  await env.vault.login({ jwt: old });
  const before = fetches.jwks;
  const { kid } = await keys.rotate({ alg: 'RS256' });
  const next = await env.issuer.sign(job);
  expect(decodeProtectedHeader(next)).toMatchObject({ kid });
  await env.vault.login({ jwt: next });
  expect(fetches.jwks).toBeGreaterThan(before);
});

test("the issuer's own tokens have its own keys", async ({ env }) => {
  await env.apply((app) => new VaultJwtStack(app, 'ci', { ...githubActions(), roles: [role] }));
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: audience });
  await expect(env.vault.login({ jwt })).rejects.toMatchObject({ code: 'unknown_key' });
});
