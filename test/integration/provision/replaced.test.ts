import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';

function declared(env: Environment, backend: Readonly<Record<string, unknown>>, local: boolean): unknown {
  const jwks_url = env.issuer.jwksUrlFor(env.vault);
  return {
    resource: {
      vault_jwt_auth_backend: { it: { jwks_url, ...backend } },
      vault_jwt_auth_backend_role: {
        reader: {
          backend: `\${vault_jwt_auth_backend.it.path}`,
          role_name: 'reader',
          role_type: 'jwt',
          user_claim: 'sub',
          bound_audiences: ['one'],
        },
      },
      vault_mount: { kv: { path: 'kv', type: 'kv', local } },
      vault_kv_secret: { one: { path: `\${vault_mount.kv.path}/one`, data_json: '{"a":"b"}' } },
      vault_identity_group: { readers: { name: 'readers', type: 'external' } },
      vault_identity_group_alias: {
        readers: {
          name: 'readers',
          mount_accessor: `\${vault_jwt_auth_backend.it.accessor}`,
          canonical_id: `\${vault_identity_group.readers.id}`,
        },
      },
    },
  };
}

test('what lives in a mount that is made again is made again, too', async ({ env }) => {
  await env.applyJson(declared(env, { type: 'jwt' }, false));
  const again = await env.applyJson(declared(env, { type: 'oidc' }, true));
  expect(again.created.toSorted()).toEqual([
    'vault_jwt_auth_backend.it',
    'vault_jwt_auth_backend_role.reader',
    'vault_kv_secret.one',
    'vault_mount.kv',
  ]);
  expect(again.updated).toEqual(['vault_identity_group_alias.readers']);
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'one' });
  expect(await env.vault.login({ jwt, role: 'reader' })).toMatchObject({ role: 'reader' });
  expect((await env.vault.request('GET', 'kv/one'))['data']).toEqual({ a: 'b' });
});
