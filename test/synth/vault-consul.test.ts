import { type VaultConsulRole, VaultConsulStack, type VaultConsulStackProps } from 'vaultproof/stacks/vault-consul';
import { describe, expect, test } from 'vitest';
import { synthesise } from '../../harness/provision/synth.js';
import { type StackJson, synthStack } from './synth-stack.js';

const reader: VaultConsulRole = { name: 'app', consulPolicies: ['app-reader'] };

function synth(props: object = {}): Promise<StackJson> {
  const all = { roles: [reader], ...props } as VaultConsulStackProps;
  return synthStack((app) => new VaultConsulStack(app, 'demo', all));
}

async function role(role: VaultConsulRole, props: object = {}) {
  const { resource } = await synth({ ...props, roles: [role] });
  return resource['vault_consul_secret_backend_role']?.[`role-${role.name}`];
}

test('the engine is mounted without a token, and the policy for one is declared', async () => {
  const { resource, output, provider } = await synth();
  expect(resource['vault_mount']).toEqual({ engine: { path: 'consul', type: 'consul' } });
  expect(resource['consul_acl_policy']).toEqual({
    'policy-vault-consul': {
      name: 'vault-consul',
      rules: 'acl = "write"\n',
      description: "Vault's Consul secrets engine at consul",
    },
  });
  expect(resource).not.toHaveProperty('vault_consul_secret_backend');
  expect(output).toEqual({
    access_path: { value: `\${vault_mount.engine.path}/config/access` },
    access_policy: { value: `\${consul_acl_policy.policy-vault-consul.name}` },
  });
  expect(provider).toEqual({ vault: [{}], consul: [{}] });
});

test('what it is told of the mount, the policy and the servers is in their places', async () => {
  const { resource, provider } = await synth({
    ...{ path: 'tokens/consul', description: `for \${all}`, maxLeaseTtlSeconds: 7200, local: true },
    ...{ vaultAddress: 'https://vault.example', consulAddress: 'consul.example:8501', accessPolicy: 'engine' },
  });
  expect(resource['vault_mount']?.['engine']).toEqual({
    ...{ path: 'tokens/consul', type: 'consul', description: `for $\${all}` },
    ...{ max_lease_ttl_seconds: 7200, local: true },
  });
  expect(resource['consul_acl_policy']?.['policy-engine']).toMatchObject({ name: 'engine' });
  expect(provider).toEqual({
    vault: [{ address: 'https://vault.example' }],
    consul: [{ address: 'consul.example:8501' }],
  });
});

test('with "bootstrap" the engine has an address and no token, and nothing is declared of Consul', async () => {
  const { resource, output, provider } = await synth({
    ...{ access: 'bootstrap', address: 'consul.example:8501', scheme: 'https', caCert: 'PEM' },
  });
  expect(resource['vault_consul_secret_backend']).toEqual({
    engine: { path: 'consul', bootstrap: true, address: 'consul.example:8501', scheme: 'https', ca_cert: 'PEM' },
  });
  expect(Object.keys(resource)).toEqual(['vault_consul_secret_backend', 'vault_consul_secret_backend_role']);
  expect(output).toEqual({ access_path: { value: `\${vault_consul_secret_backend.engine.path}/config/access` } });
  expect(provider).toEqual({ vault: [{}] });
});

test('what lints are to pass over in a policy is a comment of it', async () => {
  const policies = [
    { name: 'all', rules: 'key_prefix "" { policy = "write" }', allow: { 'some-rule': 'it is meant' } },
  ];
  const props: VaultConsulStackProps = { roles: [reader], policies };
  const [stack] = await synthesise((app) => new VaultConsulStack(app, 'demo', props));
  expect(stack?.json).toMatchObject({
    resource: {
      consul_acl_policy: { 'policy-all': { '//': { vaultproof: { allow: { 'some-rule': 'it is meant' } } } } },
    },
  });
});

describe('a role', () => {
  test('gives a token for a quarter of an hour, and an hour with renewals', async () => {
    expect(await role(reader)).toMatchObject({
      ...{ name: 'app', backend: `\${vault_mount.engine.path}`, consul_policies: ['app-reader'] },
      ...{ ttl: 900, max_ttl: 3600 },
    });
    expect(await role({ ...reader, ttl: 60, maxTtl: 120, local: true })).toMatchObject({
      ...{ ttl: 60, max_ttl: 120, local: true },
    });
  });

  test('waits for the policies that the stack declares', async () => {
    const policies = [{ name: 'app-reader', rules: `key_prefix "\${app}" { policy = "read" }` }];
    const { resource } = await synth({ policies });
    expect(resource['consul_acl_policy']?.['policy-app-reader']).toMatchObject({
      rules: `key_prefix "$\${app}" { policy = "read" }`,
    });
    expect(await role({ name: 'app', consulPolicies: ['app-reader', 'others'] }, { policies })).toMatchObject({
      consul_policies: [`\${consul_acl_policy.policy-app-reader.name}`, 'others'],
    });
  });

  test('has identities as Vault takes them', async () => {
    const identities = await role({
      name: 'app',
      consulRoles: ['ops'],
      serviceIdentities: [{ serviceName: 'web' }, { serviceName: 'api', datacenters: ['dc1', 'dc2'] }],
      nodeIdentities: [{ nodeName: 'n1', datacenter: 'dc1' }],
    });
    expect(identities).toMatchObject({
      consul_roles: ['ops'],
      service_identities: ['web', 'api:dc1,dc2'],
      node_identities: ['n1:dc1'],
    });
  });
});

test.each<[string, object]>([
  ['the role "app" grants nothing: name a policy, a role or an identity', { roles: [{ name: 'app' }] }],
  [
    'invalid identity name "web:dc1"; expected lower-case letters, digits, "-" and "_", with a letter or a digit at both ends',
    { roles: [{ name: 'app', serviceIdentities: [{ serviceName: 'web:dc1' }] }] },
  ],
  [
    'there are two policies "vault-consul": rename one',
    { policies: [{ name: 'vault-consul', rules: 'key_prefix "" { policy = "read" }' }] },
  ],
  [
    '"https://consul.example" is a URL: give "host:port", and the "scheme" separately',
    { access: 'bootstrap', address: 'https://consul.example' },
  ],
])('a TypeError says that %s', async (message, props) => {
  await expect(synth(props)).rejects.toThrow(new TypeError(message));
});
