import { posix } from 'node:path';
import type { Environment } from 'vaultproof';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { expect, test } from 'vaultproof/vitest';
import { readConfiguration } from '../../../harness/terraform/configuration.js';
import type { Values } from '../../../harness/terraform/field-reader.js';
import { type FieldDifference, readBack } from '../../../harness/terraform/read-back.js';
import { lackOfVault } from '../../support/vault-of-tests.js';

// What Terraform would hold to be there, beside what a server has. It needs no provider.

test.override({ fileServices: { consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

/** The differences of one resource; all of its values are declared, except those that are computed. */
async function differencesOf(type: string, values: Values, computed: Values = {}): Promise<Partial<FieldDifference>[]> {
  const servers = {
    vault: (method: string, path: string, json: unknown, namespace = '') =>
      env.vault.request(method, posix.join(namespace, path), json),
    consul: (path: string) => env.consul.request('GET', path),
  };
  const resource = { address: `${type}.it`, type, values: { ...values, ...computed, id: computed['id'] ?? 'x' } };
  const configuration = readConfiguration({ resource: { [type]: { it: values } } });
  const differences = await readBack(servers, [resource], configuration);
  return differences.map(({ address: _address, constructPath: _path, ...rest }) => rest);
}

async function vaultId(path: string, body: object): Promise<string> {
  const { data } = await env.vault.request('POST', path, body);
  return String((data as { readonly id: string }).id);
}

test('an AppRole role, with the ID that it is given or that Vault made', async () => {
  await env.vault.request('POST', 'sys/auth/approle', { type: 'approle' });
  await env.vault.request('POST', 'auth/approle/role/job', { token_policies: ['a'], secret_id_num_uses: 1 });
  const values = { backend: 'approle', role_name: 'job', token_policies: ['a'], secret_id_num_uses: 1 };
  expect(await differencesOf('vault_approle_auth_backend_role', values, { role_id: 'made' })).toEqual([]);
  const other = { ...values, role_id: 'job', token_policies: ['b'], bind_secret_id: false };
  expect(await differencesOf('vault_approle_auth_backend_role', other)).toEqual([
    { field: 'token_policies', declared: ['b'], found: ['a'] },
    { field: 'role_id', declared: 'job', found: expect.any(String) },
    { field: 'bind_secret_id', declared: false, found: true },
  ]);
});

test('what is not there at all differs in all that is declared', async () => {
  const values = { backend: 'nowhere', role_name: 'job', token_policies: ['a'], token_type: 'default' };
  expect(await differencesOf('vault_approle_auth_backend_role', values)).toEqual([
    { field: 'token_policies', declared: ['a'], found: undefined },
    { field: 'token_type', declared: 'default', found: undefined },
  ]);
});

test('a Kubernetes configuration and a role', async ({ skip }) => {
  const lack = lackOfVault('auth/kubernetes');
  if (lack !== undefined) skip(lack);
  const { ca } = await generateTlsIdentity();
  const config = { kubernetes_host: 'https://kubernetes.example', disable_local_ca_jwt: true, kubernetes_ca_cert: ca };
  await env.vault.request('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
  await env.vault.request('POST', 'auth/kubernetes/config', { ...config, token_reviewer_jwt: 'planted-canary' });
  const declared = { ...config, backend: 'kubernetes', token_reviewer_jwt: 'planted-canary' };
  expect(await differencesOf('vault_kubernetes_auth_backend_config', declared)).toEqual([]);
  expect(
    await differencesOf('vault_kubernetes_auth_backend_config', { ...declared, kubernetes_host: 'https://other' }),
  ).toEqual([{ field: 'kubernetes_host', declared: 'https://other', found: 'https://kubernetes.example' }]);

  const role = { bound_service_account_names: ['app'], bound_service_account_namespaces: ['prod'] };
  await env.vault.request('POST', 'auth/kubernetes/role/app', { ...role, audience: 'vault' });
  const values = { ...role, role_name: 'app', backend: 'kubernetes' };
  expect(await differencesOf('vault_kubernetes_auth_backend_role', values, { audience: '' })).toEqual([
    { field: 'audience', declared: undefined, found: 'vault' },
  ]);
});

test('a token role, whose policies Vault does not keep', async () => {
  await env.vault.request('POST', 'auth/token/roles/ci', { allowed_policies: ['a'], orphan: true });
  const values = { role_name: 'ci', allowed_policies: ['a'], orphan: true };
  const computed = { renewable: true, token_type: 'default-service', path_suffix: '' };
  expect(await differencesOf('vault_token_auth_backend_role', values, computed)).toEqual([]);
  expect(await differencesOf('vault_token_auth_backend_role', { ...values, token_policies: ['a'] })).toEqual([
    { field: 'token_policies', declared: ['a'], found: undefined },
  ]);
});

test('a transit key and the configuration of a KV engine', async () => {
  await env.vault.request('POST', 'sys/mounts/transit', { type: 'transit' });
  await env.vault.request('POST', 'transit/keys/payments', {});
  const key = { backend: 'transit', name: 'payments', deletion_allowed: false };
  const computed = { latest_version: 1, keys: [{}], supports_signing: false, type: 'aes256-gcm96' };
  expect(await differencesOf('vault_transit_secret_backend_key', key, computed)).toEqual([]);
  await env.vault.request('POST', 'transit/keys/payments/config', { deletion_allowed: true });
  expect(await differencesOf('vault_transit_secret_backend_key', key, computed)).toEqual([
    { field: 'deletion_allowed', declared: false, found: true },
  ]);

  await env.vault.request('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } });
  await env.vault.request('POST', 'kv/config', { max_versions: 3, delete_version_after: '1h' });
  const config = { mount: 'kv', max_versions: 3, delete_version_after: 3600 };
  expect(await differencesOf('vault_kv_secret_backend_v2', config)).toEqual([]);
  expect(await differencesOf('vault_kv_secret_backend_v2', { mount: 'kv', max_versions: 3 })).toEqual([]);
  expect(await differencesOf('vault_kv_secret_backend_v2', { ...config, cas_required: true })).toEqual([
    { field: 'cas_required', declared: true, found: false },
  ]);
});

test('entities, groups, and their members as resources of their own', async () => {
  const entity = await vaultId('identity/entity', { name: 'ada', policies: ['a'], metadata: { team: 'red' } });
  const other = await vaultId('identity/entity', { name: 'bob' });
  const ada = { name: 'ada', policies: ['a'], metadata: { team: 'red' } };
  expect(await differencesOf('vault_identity_entity', ada, { id: entity })).toEqual([]);
  const external = { ...ada, policies: [], external_policies: true };
  expect(await differencesOf('vault_identity_entity', external, { id: entity })).toEqual([]);

  const group = await vaultId('identity/group', { name: 'dev', policies: ['a'], member_entity_ids: [entity, other] });
  const dev = { name: 'dev', policies: ['b'], external_member_entity_ids: true };
  expect(await differencesOf('vault_identity_group', dev, { id: group, type: 'internal' })).toEqual([
    { field: 'policies', declared: ['b'], found: ['a'] },
  ]);
  const members = { group_id: group, member_entity_ids: [entity] };
  expect(await differencesOf('vault_identity_group_member_entity_ids', { ...members, exclusive: false })).toEqual([]);
  expect(await differencesOf('vault_identity_group_member_entity_ids', { ...members, exclusive: true })).toEqual([
    { field: 'member_entity_ids', declared: [entity], found: expect.arrayContaining([entity, other]) },
  ]);
  expect(await differencesOf('vault_identity_group_policies', { group_id: group, policies: ['a'] })).toEqual([]);
});

test('a namespace, and what is in one', async ({ skip }) => {
  if (!(await env.vault.supports('namespaces'))) skip('needs namespaces, which this server lacks');
  await env.vault.request('POST', 'sys/namespaces/team', { custom_metadata: { owner: 'ada' } });
  await env.vault.request('PUT', 'team/sys/policies/acl/reader', { policy: 'path "x" { capabilities = ["read"] }' });
  expect(await differencesOf('vault_namespace', { path: 'team', custom_metadata: { owner: 'bob' } })).toEqual([
    { field: 'custom_metadata', declared: { owner: 'bob' }, found: { owner: 'ada' } },
  ]);
  const policy = { name: 'reader', namespace: 'team', policy: 'path "x" { capabilities = ["list"] }' };
  expect(await differencesOf('vault_policy', policy)).toMatchObject([{ field: 'policy' }]);
});

test('what is in the namespace of a provider, and in one below it', async ({ skip }) => {
  if (!(await env.vault.supports('namespaces'))) skip('needs namespaces, which this server lacks');
  await env.vault.request('POST', 'sys/namespaces/outer', {});
  await env.vault.request('POST', 'outer/sys/namespaces/inner', {});
  await env.vault.request('PUT', 'outer/sys/policies/acl/p', { policy: 'path "outer" { capabilities = ["read"] }' });
  await env.vault.request('PUT', 'outer/inner/sys/policies/acl/p', {
    policy: 'path "inner" { capabilities = ["read"] }',
  });
  const found = async (provider: string, namespace?: string): Promise<unknown> => {
    const values = { name: 'p', policy: 'none', ...(namespace === undefined ? {} : { namespace }) };
    const configuration = readConfiguration({
      provider: { vault: [{}, { alias: 'outer', namespace: '/outer/' }] },
      resource: { vault_policy: { it: { ...values, provider } } },
    });
    const resource = { address: 'vault_policy.it', type: 'vault_policy', values };
    const request = (method: string, path: string, json: unknown, within = '') =>
      env.vault.request(method, posix.join(within, path), json);
    const [difference] = await readBack({ vault: request, consul: undefined }, [resource], configuration);
    return difference?.found;
  };
  expect(await found('vault.outer')).toContain('"outer"');
  expect(await found('vault.outer', 'inner')).toContain('"inner"');
  expect(await found('vault', 'outer/inner')).toContain('"inner"');
  expect(await found('vault')).toBeUndefined();
});

test('a token of Consul, with all that it may have', async () => {
  await env.consul.request('PUT', 'acl/policy', { Name: 'read-all', Rules: 'key_prefix "" { policy = "read" }' });
  const { AccessorID: id } = (await env.consul.request('PUT', 'acl/token', {
    Description: 'backup',
    Policies: [{ Name: 'read-all' }],
    ServiceIdentities: [{ ServiceName: 'web' }],
    NodeIdentities: [{ NodeName: 'n1', Datacenter: 'dc1' }],
    TemplatedPolicies: [{ TemplateName: 'builtin/service', TemplateVariables: { Name: 'web' } }],
  })) as { readonly AccessorID: string };
  const values = {
    description: 'backup',
    policies: ['read-all'],
    service_identities: [{ service_name: 'web', datacenters: [] }],
    node_identities: [{ node_name: 'n1', datacenter: 'dc1' }],
    templated_policies: [{ template_name: 'builtin/service', template_variables: [{ name: 'web' }], datacenters: [] }],
  };
  expect(await differencesOf('consul_acl_token', values, { id, accessor_id: id, local: false })).toEqual([]);
  const other = { ...values, policies: [], service_identities: [{ service_name: 'api' }] };
  expect(await differencesOf('consul_acl_token', other, { id })).toEqual([
    { field: 'policies', declared: [], found: ['read-all'] },
    { field: 'service_identities', declared: [{ service_name: 'api' }], found: [{ service_name: 'web' }] },
  ]);
});

test('a policy attached to a role of Consul, and keys, whose values are not shown', async () => {
  await env.consul.request('PUT', 'acl/policy', { Name: 'write-all', Rules: 'key_prefix "" { policy = "write" }' });
  const { ID: role_id } = (await env.consul.request('PUT', 'acl/role', { Name: 'ops' })) as { readonly ID: string };
  const attachment = { role_id, policy: 'write-all' };
  expect(await differencesOf('consul_acl_role_policy_attachment', attachment)).toEqual([
    { field: 'policy', declared: 'write-all', found: undefined },
  ]);
  await env.consul.request('PUT', `acl/role/${role_id}`, { Name: 'ops', Policies: [{ Name: 'write-all' }] });
  expect(await differencesOf('consul_acl_role_policy_attachment', attachment)).toEqual([]);

  const pair = { Verb: 'set', Key: 'app/colour', Value: Buffer.from('green').toString('base64'), Flags: 7 };
  await env.consul.request('PUT', 'txn', [{ KV: pair }]);
  const key = { path: 'app/colour', value: 'green', flags: 7 };
  expect(await differencesOf('consul_keys', { key: [key, { name: 'read', path: 'app/none' }] })).toEqual([]);
  const changed = await differencesOf('consul_keys', {
    key: [
      { ...key, value: 'red' },
      { path: 'app/none', value: 'x' },
    ],
  });
  expect(changed.map(({ field }) => field)).toEqual(['key.app/colour', 'key.app/none']);
  expect(JSON.stringify(changed)).not.toMatch(/"(?:green|red)"/);
});
