import { type Environment, readVaultState } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';

const policy = 'path "kv/data/*" { capabilities = ["read"] }';

async function policies({ vault }: Environment): Promise<unknown> {
  const { data } = await vault.request('GET', 'sys/policies/acl?list=true');
  return (data as { keys: string[] }).keys.filter((name) => name !== 'default' && name !== 'root').sort();
}

test.for([
  ['team?x', 'team?x'],
  ['team#x', 'team#x'],
  ['a%2Fb', 'a%2fb'],
  ['50%', '50%'],
  ['two words', 'two words'],
  ['中', '中'],
  ['a//b', 'a/b'],
  ['a/./b', 'a/b'],
])('a policy named "%s" is that policy and no other', async ([name, stored], { fileEnv: env }) => {
  await env.vault.request('PUT', 'sys/policies/acl/team', { policy });
  const json = { resource: { vault_policy: { own: { name, policy } } } };
  expect(await env.applyJson(json)).toMatchObject({ created: ['vault_policy.own'] });
  expect(await policies(env)).toEqual([stored, 'team'].sort());
  expect(await env.applyJson({ resource: {} })).toMatchObject({ removed: ['vault_policy.own'] });
  expect(await policies(env)).toEqual(['team']);
});

test.for(['two words', '/led', 'by//two', 'a?list=true', 'é'])(
  'a secret named "%s" is read by that name',
  async (name, { fileEnv: env }) => {
    const json = {
      resource: {
        vault_mount: { kv: { path: 'my kv', type: 'kv-v2' } },
        vault_kv_secret_v2: {
          own: { mount: `\${vault_mount.kv.path}/`, name, data_json: '{"username":"vishpat"}' },
        },
      },
    };
    await env.applyJson(json);
    const path = `my kv/${name}`.replaceAll(/\/+/g, '/');
    expect(await env.vault.root.read(path)).toEqual({ username: 'vishpat' });
    await env.applyJson({ resource: {} });
  },
);

test('the state of a server holds policies and roles of any name', async ({ fileEnv: env }) => {
  const json = {
    resource: {
      vault_policy: { own: { name: 'two words?', policy } },
      vault_jwt_auth_backend: { people: { path: 'our people', jwks_url: env.issuer.jwksUrlFor(env.vault) } },
      vault_jwt_auth_backend_role: {
        own: {
          backend: `\${vault_jwt_auth_backend.people.path}`,
          role_name: 'on-call',
          role_type: 'jwt',
          user_claim: 'sub',
          bound_subject: 'vishpat',
        },
      },
    },
  };
  await env.applyJson(json);
  expect(await readVaultState(env.vault)).toMatchObject({
    'sys/policies/acl/two words?': { policy },
    'auth/our people/role/on-call': { bound_subject: 'vishpat' },
  });
  await env.applyJson({ resource: {} });
});

test('paths with slashes at their ends, which the provider takes, are those without', async ({ fileEnv: env }) => {
  const json = (description: string) => ({
    resource: {
      vault_mount: { kv: { path: '/kv/', type: 'kv-v2', description } },
      vault_kv_secret_v2: { own: { mount: `\${vault_mount.kv.path}`, name: 'a', data_json: '{"username":"vishpat"}' } },
      vault_jwt_auth_backend: { jwt: { path: '/people', jwks_url: env.issuer.jwksUrlFor(env.vault) } },
      vault_jwt_auth_backend_role: {
        own: {
          backend: `\${vault_jwt_auth_backend.jwt.path}`,
          role_name: 'own',
          role_type: 'jwt',
          user_claim: 'sub',
          bound_subject: 'vishpat',
        },
      },
    },
  });
  await env.applyJson(json('one'));
  expect(await env.applyJson(json('two'))).toMatchObject({ updated: ['vault_mount.kv'] });
  expect(await env.vault.root.read('kv/a')).toEqual({ username: 'vishpat' });
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: null });
  expect(await env.vault.login({ jwt, role: 'own', mount: 'people' })).toMatchObject({ role: 'own' });
  const { removed } = await env.applyJson({ resource: {} });
  expect(removed).toHaveLength(4);
  expect(Object.keys((await env.vault.request('GET', 'sys/auth'))['data'] as object)).toEqual(['token/']);
});
