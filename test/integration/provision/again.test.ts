import type { ApplyResult, Environment } from 'vaultproof';
import { VaultJwtStack, type VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';

const allow = { 'audience-only': 'what is bound does not matter here' };
const reader = { roleName: 'reader', boundAudiences: ['damage_inc'], tokenPolicies: ['reader'], allow };
const writer = { roleName: 'writer', boundAudiences: ['damage_inc'], tokenPolicies: ['reader'], allow };
const policies = [{ name: 'reader', policy: 'path "kv/data/*" { capabilities = ["read"] }' }];

async function apply(env: Environment, props: Partial<VaultJwtStackProps> = {}): Promise<ApplyResult | undefined> {
  const { url: boundIssuer } = env.issuer;
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  const results = await env.apply(
    (app) =>
      new VaultJwtStack(app, 'demo', { kv: {}, jwksUrl, boundIssuer, roles: [reader, writer], policies, ...props }),
  );
  return results['demo'];
}

// Each test ends with nothing declared, so that the next one begins as on a fresh server.
test.afterEach(async ({ fileEnv }) => {
  for (const name of ['demo', 'one', 'two', 'mounts']) await fileEnv.applyJson({ terraform: {} }, name);
});

test('a second apply of the same declaration changes nothing', async ({ fileEnv: env }) => {
  expect((await apply(env))?.created).toHaveLength(5);
  expect(await apply(env)).toMatchObject({ created: [], updated: [], removed: [] });
});

test('a role that changed is updated, and keeps nothing of what it was', async ({ fileEnv: env }) => {
  await apply(env, { roles: [{ ...reader, boundSubject: 'vishpat' }] });
  const changed = { ...reader, boundAudiences: ['other'], tokenTtl: 60 };
  expect(await apply(env, { roles: [changed] })).toMatchObject({
    created: [],
    updated: ['vault_jwt_auth_backend_role.role-reader'],
    removed: [],
  });
  expect((await env.vault.request('GET', 'auth/jwt/role/reader'))['data']).toMatchObject({
    bound_audiences: ['other'],
    bound_subject: '',
    token_ttl: 60,
    token_max_ttl: 3600,
  });
});

test('a policy that changed is updated', async ({ fileEnv: env }) => {
  await apply(env);
  const policy = 'path "kv/data/*" { capabilities = ["list"] }';
  expect(await apply(env, { policies: [{ name: 'reader', policy }] })).toMatchObject({
    created: [],
    updated: ['vault_policy.policy-reader'],
    removed: [],
  });
  expect((await env.vault.request('GET', 'sys/policies/acl/reader'))['data']).toMatchObject({ policy });
});

test('a role that is no longer declared is removed, and lets nobody in', async ({ fileEnv: env }) => {
  await apply(env);
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  expect(await env.vault.login({ jwt, role: 'writer' })).toMatchObject({ role: 'writer' });
  expect(await apply(env, { roles: [reader] })).toMatchObject({
    created: [],
    updated: [],
    removed: ['vault_jwt_auth_backend_role.role-writer'],
  });
  await expect(env.vault.login({ jwt, role: 'writer' })).rejects.toMatchObject({ code: 'role_not_found' });
  expect(await env.vault.login({ jwt, role: 'reader' })).toMatchObject({ role: 'reader' });
});

test('a backend that moves to another path takes its roles with it', async ({ fileEnv: env }) => {
  await apply(env);
  const moved = await apply(env, { path: 'people' });
  expect(moved?.updated).toEqual(['vault_jwt_auth_backend.jwt']);
  expect(moved?.created.toSorted()).toEqual([
    'vault_jwt_auth_backend_role.role-reader',
    'vault_jwt_auth_backend_role.role-writer',
  ]);
  expect(moved?.outputs).toEqual({ login_path: 'auth/people/login', kv_path: 'kv' });
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  expect(await env.vault.login({ jwt, mount: 'people' })).toMatchObject({ role: 'reader' });
  await expect(env.vault.login({ jwt })).rejects.toMatchObject({
    code: 'method_not_found',
    expected: ['people'],
    found: 'jwt',
  });
});

test('two stacks live side by side, and each removes only its own', async ({ fileEnv: env }) => {
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  const { url: boundIssuer } = env.issuer;
  const stack = (path: string) => ({
    path,
    jwksUrl,
    boundIssuer,
    roles: [reader] as const,
    kv: { path: `kv-${path}` },
  });
  await env.apply((app) => {
    new VaultJwtStack(app, 'one', stack('one'));
    new VaultJwtStack(app, 'two', stack('two'));
  });
  const again = await env.apply((app) => new VaultJwtStack(app, 'two', stack('two')));
  expect(again).toEqual({ two: { created: [], updated: [], removed: [], outputs: expect.anything() } });
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  for (const mount of ['one', 'two']) expect(await env.vault.login({ jwt, mount })).toMatchObject({ role: 'reader' });
});

test('two applies of the same stack at once are done one after the other', async ({ fileEnv: env }) => {
  const results = await Promise.all([apply(env), apply(env), apply(env, { roles: [reader] })]);
  expect(results.map((result) => [result?.created.length, result?.removed.length])).toEqual([
    [5, 0],
    [0, 0],
    [0, 1],
  ]);
});

test('what "ignore_changes" names stays as it was made, and all else is changed', async ({ fileEnv: env }) => {
  const mount = (description: string, max_lease_ttl_seconds: number, lifecycle: object) =>
    env.applyJson(
      { resource: { vault_mount: { kv: { path: 'a', type: 'kv', description, max_lease_ttl_seconds, lifecycle } } } },
      'mounts',
    );
  await mount('one', 60, { ignore_changes: ['description'], prevent_destroy: true });
  expect(await mount('two', 60, { ignore_changes: ['description'] })).toMatchObject({ created: [], updated: [] });
  expect(await mount('two', 90, { ignore_changes: ['description'] })).toMatchObject({ updated: ['vault_mount.kv'] });
  expect((await env.vault.request('GET', 'sys/mounts/a'))['data']).toMatchObject({
    description: 'one',
    config: { max_lease_ttl: 90 },
  });
  expect(await mount('three', 120, { ignore_changes: 'all' })).toMatchObject({ updated: [] });
});
