import type { VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { ofProduct } from '../../support/vault-of-tests.js';

const roles: VaultJwtStackProps['roles'] = [
  { roleName: 'reader', boundSubject: 'vishpat', boundAudiences: ['damage_inc'], tokenPolicies: ['default'] },
];
const allow = { 'no-bound-issuer': 'who signed does not matter here' };
// Nobody listens there.
const unreachable = 'http://127.0.0.1:2/jwks.json';

test('an apply that fails leaves no mount in the way of the next one', async ({ env }) => {
  await expect(
    env.apply((app) => new VaultJwtStack(app, 'demo', { kv: {}, jwksUrl: unreachable, roles, allow })),
  ).rejects.toMatchObject({
    code: 'apply_failed',
    message: expect.stringContaining(
      ofProduct({
        vault: 'error checking jwks URL http://127.0.0.1:2/jwks.json;',
        openbao: 'error checking jwks URL;',
      }),
    ),
    details: { address: 'vault_jwt_auth_backend.jwt', constructPath: 'demo/jwt' },
  });
  expect(Object.keys((await env.vault.request('GET', 'sys/auth'))['data'] as object)).toEqual(['token/']);

  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  const { demo } = await env.apply((app) => new VaultJwtStack(app, 'demo', { kv: {}, jwksUrl, roles, allow }));
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
          kv: {},
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
  await expect(
    env.apply((app) => new VaultJwtStack(app, 'demo', { kv: {}, jwksUrl, roles, allow })),
  ).rejects.toMatchObject({
    code: 'path_in_use',
    message: expect.stringContaining('path is already in use at jwt/'),
    details: { constructPath: 'demo/jwt', path: 'jwt/' },
  });
  expect((await env.vault.request('GET', 'sys/auth'))['data']).toMatchObject({
    'jwt/': { type: 'userpass' },
  });
});

test('a text that a server leaves without a value is named with its construct', async ({ env }) => {
  const text = `x-\${vault_policy.one.allow_overwrite}`;
  const resource = { vault_policy: { one: { name: 'one', policy: '# none' }, two: { name: text, policy: '# none' } } };
  await expect(env.applyJson({ resource })).rejects.toMatchObject({
    code: 'declaration_invalid',
    message: expect.stringContaining('"vault_policy.two" is not valid: "name": '),
    details: { address: 'vault_policy.two', constructPath: 'vault_policy.two' },
  });
  const { two: _two, ...one } = resource.vault_policy;
  const json = { resource: { vault_policy: one }, output: { which: { value: text } } };
  await expect(env.applyJson(json)).rejects.toMatchObject({
    code: 'declaration_invalid',
    message: expect.stringContaining('"output.which"'),
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
  // OpenBao does not repeat it.
  const url = ofProduct({
    vault: 'error checking jwks URL http://***@127.0.0.1:2',
    openbao: 'error checking jwks URL;',
  });
  expect(error).toMatchObject({ code: 'apply_failed', message: expect.stringContaining(url) });
  expect(error.message).not.toContain('canary');
});

test('a backend that moves and can not be changed moves back, so that the next apply finds it', async ({ env }) => {
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  const applyAt = (path: string, url: string): Promise<unknown> =>
    env.apply((app) => new VaultJwtStack(app, 'demo', { kv: {}, path, jwksUrl: url, roles, allow }));
  const methods = async (): Promise<string[]> =>
    Object.keys((await env.vault.request('GET', 'sys/auth'))['data'] as object).sort();
  await applyAt('jwt', jwksUrl);
  await expect(applyAt('people', unreachable)).rejects.toMatchObject({ details: { constructPath: 'demo/jwt' } });
  expect(await methods()).toEqual(['jwt/', 'token/']);
  await applyAt('people', jwksUrl);
  expect(await methods()).toEqual(['people/', 'token/']);
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  expect(await env.vault.login({ jwt, mount: 'people' })).toMatchObject({ role: 'reader' });
});

test.for([
  ['vault_mount', { type: 'kv', listing_visibility: 'hidden' }, { type: 'kv', listing_visibility: 'sometimes' }],
  [
    'vault_auth_backend',
    { type: 'userpass', description: 'one' },
    { type: 'userpass', tune: [{ ...tune('1h'), default_lease_ttl: '2h' }] },
  ],
] as const)('a %s that moves and can not be tuned moves back', async ([type, right, wrong], { env }) => {
  const apply = (attributes: object): Promise<unknown> => env.applyJson({ resource: { [type]: { it: attributes } } });
  const mounts = async (): Promise<string> =>
    JSON.stringify([await env.vault.request('GET', 'sys/auth'), await env.vault.request('GET', 'sys/mounts')]);
  await apply({ path: 'one', ...right });
  await expect(apply({ path: 'two', ...wrong })).rejects.toMatchObject({ code: 'apply_failed' });
  expect(await mounts()).toContain('"one/"');
  expect(await apply({ path: 'two', ...right })).toMatchObject({ updated: [`${type}.it`] });
  expect(await mounts()).toContain('"two/"');
  expect(await mounts()).not.toContain('"one/"');
});

function tune(max_lease_ttl: string): object {
  const none = { default_lease_ttl: null, listing_visibility: null, token_type: null };
  const lists = { audit_non_hmac_request_keys: null, audit_non_hmac_response_keys: null };
  return { ...none, ...lists, passthrough_request_headers: null, allowed_response_headers: null, max_lease_ttl };
}

test('the cause of a policy or a group that exists already says so, and the policy stays', async ({ env }) => {
  await env.vault.request('PUT', 'sys/policies/acl/ops', { policy: '# theirs' });
  await env.vault.request('POST', 'identity/group', { name: 'ops', policies: ['theirs'] });
  const policy = { vault_policy: { ops: { name: 'ops', policy: '# ours', allow_overwrite: false } } };
  const group = { vault_identity_group: { ops: { name: 'ops', policies: ['ours'] } } };
  const exists = { code: 'apply_failed', cause: { code: 'already_exists' } };
  await expect(env.applyJson({ resource: policy })).rejects.toMatchObject(exists);
  await expect(env.applyJson({ resource: group })).rejects.toMatchObject(exists);
  expect((await env.vault.request('GET', 'sys/policies/acl/ops'))['data']).toMatchObject({ policy: '# theirs' });
});
