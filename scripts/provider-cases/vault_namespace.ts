import { type Blocks, life, type ProviderCase } from './provider-case.js';

const read = ['sys/namespaces/team', 'sys/namespaces/other', 'team/sys/namespaces/inner'];
const namespace = (more: Blocks = {}): Blocks => ({
  resource: { vault_namespace: { it: { path: 'team', ...more } } },
  output: Object.fromEntries(
    ['id', 'path', 'path_fq'].map((name) => [name, { value: `\${vault_namespace.it.${name}}` }]),
  ),
});
const within = (more: Blocks): Blocks => ({
  resource: { vault_namespace: { it: { path: 'team' }, other: { path: 'other' } }, ...more },
});
const team = `\${vault_namespace.it.path}`;

export const vaultNamespace: readonly ProviderCase[] = (
  [
    life('custom_metadata', read, namespace, { custom_metadata: { a: 'b' } }, { custom_metadata: { c: 'd' } }),
    { name: 'path_fq', read, steps: [namespace({ path_fq: 'team' })] },
    { name: 'path', read, steps: [namespace(), namespace({ path: 'other' })] },
    {
      name: 'inner',
      read,
      steps: [
        {
          resource: {
            vault_namespace: { it: { path: 'team' }, inner: { namespace: team, path: 'inner' } },
          },
          output: { path_fq: { value: `\${vault_namespace.inner.path_fq}` } },
        },
      ],
    },
    {
      name: 'resources_within',
      read: [
        'team/sys/auth/jwt',
        'team/auth/jwt/config',
        'team/auth/jwt/role/it',
        'team/sys/policies/acl/it',
        'team/sys/mounts/kv',
        'team/kv/data/one',
        'team/identity/group/name/it',
        'other/sys/policies/acl/it',
        'sys/policies/acl/it',
      ],
      steps: [team, `\${vault_namespace.other.path}`].map((elsewhere) =>
        within({
          vault_policy: { it: { namespace: elsewhere, name: 'it', policy: 'path "kv/*" { capabilities = ["read"] }' } },
          vault_jwt_auth_backend: { it: { namespace: team, path: 'jwt', jwks_url: '{{issuer}}/jwks' } },
          vault_jwt_auth_backend_role: {
            it: {
              namespace: team,
              backend: `\${vault_jwt_auth_backend.it.path}`,
              role_name: 'it',
              role_type: 'jwt',
              user_claim: 'sub',
              bound_audiences: ['one'],
            },
          },
          vault_mount: { kv: { namespace: team, path: 'kv', type: 'kv-v2' } },
          vault_kv_secret_v2: {
            it: { namespace: team, mount: `\${vault_mount.kv.path}`, name: 'one', data_json: '{"a":"b"}' },
          },
          vault_identity_group: { it: { namespace: team, name: 'it', policies: ['it'] } },
        }),
      ),
    },
  ] satisfies ProviderCase[]
).map((one) => ({ ...one, product: 'openbao' }));
