import type { VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';

const roles: VaultJwtStackProps['roles'] = [
  { roleName: 'reader', boundSubject: 'vishpat', boundAudiences: ['damage_inc'], tokenPolicies: ['default'] },
];
const allow = { 'no-bound-issuer': 'who signed does not matter here' };
// Nobody listens there.
const unreachable = 'http://127.0.0.1:2/jwks.json';

test('an apply that fails leaves no mount in the way of the next one', async ({ env }) => {
  await expect(
    env.apply((app) => new VaultJwtStack(app, 'demo', { jwksUrl: unreachable, roles, allow })),
  ).rejects.toMatchObject({
    code: 'apply_failed',
    message: expect.stringContaining('error checking jwks URL http://127.0.0.1:2/jwks.json'),
    details: { address: 'vault_jwt_auth_backend.jwt', constructPath: 'demo/jwt' },
  });
  expect(Object.keys((await env.vault.request('GET', 'sys/auth'))['data'] as object)).toEqual(['token/']);

  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  const { demo } = await env.apply((app) => new VaultJwtStack(app, 'demo', { jwksUrl, roles, allow }));
  expect(demo).toMatchObject({
    created: ['vault_jwt_auth_backend.jwt', 'vault_jwt_auth_backend_role.role-reader'],
    updated: [],
    removed: [],
  });
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  expect(await env.vault.login({ jwt })).toMatchObject({ role: 'reader' });
});

test('a role that vault refuses is named, and can be corrected', async ({ env }) => {
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  const apply = (boundAudiences: string[]): Promise<unknown> =>
    env.apply(
      (app) =>
        new VaultJwtStack(app, 'demo', {
          jwksUrl,
          allow,
          roles: [
            {
              roleName: 'reader',
              boundAudiences,
              allow: { 'audience-only': 'it is what is tested' },
              tokenPolicies: ['default'],
            },
          ],
        }),
    );
  await expect(apply([])).rejects.toMatchObject({
    code: 'apply_failed',
    message: expect.stringContaining('must have at least one bound constraint'),
    details: { constructPath: 'demo/role-reader' },
  });
  await apply(['damage_inc']);
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  expect(await env.vault.login({ jwt })).toMatchObject({ role: 'reader' });
});

test('a path that somebody else has mounted is not taken over', async ({ env }) => {
  await env.vault.request('POST', 'sys/auth/jwt', { type: 'userpass' });
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  await expect(env.apply((app) => new VaultJwtStack(app, 'demo', { jwksUrl, roles, allow }))).rejects.toMatchObject({
    code: 'path_in_use',
    message: expect.stringContaining('path is already in use at jwt/'),
    details: { constructPath: 'demo/jwt', path: 'jwt/' },
  });
  expect((await env.vault.request('GET', 'sys/auth'))['data']).toMatchObject({
    'jwt/': { type: 'userpass' },
  });
});

test('a password in a URL that vault repeats is struck out', async ({ env }) => {
  const json = {
    resource: { vault_jwt_auth_backend: { jwt: { jwks_url: 'http://user:canary@127.0.0.1:2/jwks.json' } } },
  };
  const error: Error = await env.applyJson(json).then(
    () => new Error('it was applied'),
    (cause: Error) => cause,
  );
  expect(error).toMatchObject({ code: 'apply_failed', message: expect.stringContaining('http://***@127.0.0.1:2') });
  expect(error.message).not.toContain('canary');
});
