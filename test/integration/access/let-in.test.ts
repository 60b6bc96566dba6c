import { type Environment, httpClient, loginToVault, type TokenClaims } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { mountJwt, type WriteRole } from '../../support/jwt-mount.js';

const ISSUER = 'https://issuer.example.com';

let env: Environment;
let role: WriteRole;

test.beforeAll(async ({ fileEnv }) => {
  env = fileEnv;
  role = await mountJwt(env, 'ci', { bound_issuer: ISSUER });
});

function sign(claims: Partial<TokenClaims>): Promise<string> {
  return env.issuer.sign({ iss: ISSUER, sub: 'me', aud: 'damage_inc', ...claims });
}

test('a session says which values and globs its claims have matched', async () => {
  const roleName = await role({
    bound_audiences: ['other', 'damage_inc'],
    bound_subject: 'me',
    bound_claims_type: 'glob',
    bound_claims: { ref: ['refs/tags/*', 'refs/heads/*', '*/main'], '/org/unit': 'red', groups: 'a*' },
  });
  const jwt = await sign({ ref: 'refs/heads/main', org: { unit: 'red' }, groups: ['b', 'ab'] });
  const session = await env.vault.login({ jwt, mount: 'ci', role: roleName });
  expect(session.role).toBe(roleName);
  const bounds = await session.matchedBounds();
  expect(bounds.toSorted((one, other) => one.name.localeCompare(other.name))).toEqual([
    { bound: 'bound_claims', name: '/org/unit', expected: 'red', found: 'red', matched: ['red'] },
    {
      bound: 'bound_audiences',
      name: 'aud',
      expected: ['other', 'damage_inc'],
      found: 'damage_inc',
      matched: ['damage_inc'],
    },
    { bound: 'bound_claims', name: 'groups', expected: 'a*', found: ['b', 'ab'], matched: ['a*'] },
    {
      bound: 'bound_issuer',
      name: 'iss',
      expected: ISSUER,
      found: ISSUER,
      matched: [ISSUER],
    },
    {
      bound: 'bound_claims',
      name: 'ref',
      expected: ['refs/tags/*', 'refs/heads/*', '*/main'],
      found: 'refs/heads/main',
      matched: ['refs/heads/*', '*/main'],
    },
    { bound: 'bound_subject', name: 'sub', expected: 'me', found: 'me', matched: ['me'] },
  ]);
});

test('the role of a login without one is the default role', async () => {
  const roleName = await role({ bound_claims: { team: ['red', 'blue'] } });
  await env.vault.request('POST', 'auth/ci/config', {
    jwks_url: env.issuer.jwksUrlFor(env.vault),
    default_role: roleName,
  });
  const session = await env.vault.login({ jwt: await sign({ team: 'blue' }), mount: 'ci' });
  expect(await session.matchedBounds()).toEqual([
    { bound: 'bound_audiences', name: 'aud', expected: ['damage_inc'], found: 'damage_inc', matched: ['damage_inc'] },
    { bound: 'bound_claims', name: 'team', expected: ['red', 'blue'], found: 'blue', matched: ['blue'] },
  ]);
});

test('the root session has met no bound', async () => {
  expect(await env.vault.root.matchedBounds()).toEqual([]);
});

test('a login without a token that reads roles is told so, and its own does where it may', async () => {
  const http = httpClient(env.vault.address);
  const roleName = await role({ token_policies: ['reads-roles'] });
  const login = async () => loginToVault(http, { jwt: await sign({}), mount: 'ci', role: roleName });
  await expect((await login()).matchedBounds()).rejects.toMatchObject({ code: 'permission_denied' });
  await env.vault.request('POST', 'sys/policies/acl/reads-roles', {
    policy: 'path "auth/ci/*" { capabilities = ["read"] }',
  });
  expect(await (await login()).matchedBounds()).toMatchObject([{ bound: 'bound_audiences' }]);
  http.close();
});
