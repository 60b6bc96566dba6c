import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from 'cdktf';
import { httpClient, readConsulState, startEnvironment, terraformProvisioner } from 'vaultproof';
import { VaultConsulStack } from 'vaultproof/stacks/vault-consul';
import { beforeEach, expect, test } from 'vitest';
import { requiresProviders } from '../../support/terraform-provider.js';
import { startUnbootstrappedConsul } from '../../support/unbootstrapped-consul.js';

beforeEach(requiresProviders('consul', 'vault'));

function consulConfiguration(rules: string) {
  return {
    terraform: { required_providers: { consul: { source: 'hashicorp/consul' } } },
    provider: { consul: [{ address: 'consul.invalid:8500', token: 'not-ours' }] },
    resource: {
      consul_acl_policy: {
        p: { '//': { metadata: { path: 'demo/policy' } }, name: 'read-all', rules },
      },
      consul_acl_role: { r: { name: 'reader', policies: [`\${consul_acl_policy.p.id}`] } },
    },
  };
}

test('a configuration is applied to the consul of the environment, whatever its provider block says', async () => {
  await using env = await startEnvironment({ vault: false, consul: true });
  const configuration = consulConfiguration('key_prefix "" { policy = "read" }');
  expect(await env.terraform.apply('demo', configuration)).toMatchObject({
    created: ['consul_acl_policy.p', 'consul_acl_role.r'],
    pending: [],
  });
  const state = await readConsulState(env.consul);
  expect(state['acl/role/reader']).toMatchObject({ Policies: ['read-all'] });
  expect((await env.terraform.destroy('demo')).removed).toEqual(['consul_acl_role.r', 'consul_acl_policy.p']);
  expect(await readConsulState(env.consul)).not.toHaveProperty('acl/role/reader');
});

test('what consul refuses has the construct path and its own words', async () => {
  await using env = await startEnvironment({ vault: false, consul: true });
  await expect(env.terraform.apply('demo', consulConfiguration('not hcl at all {'))).rejects.toMatchObject({
    code: 'apply_failed',
    details: { address: 'consul_acl_policy.p', constructPath: 'demo/policy' },
  });
});

test('a vault is not looked for where the environment has none', async () => {
  await using env = await startEnvironment({ vault: false, consul: true });
  const configuration = { resource: { vault_policy: { p: { name: 'p', policy: '' } } } };
  await expect(env.terraform.apply('demo', configuration)).rejects.toThrow(TypeError);
});

test('a token that is too weak is told the permission, and one that is none is told apart', async () => {
  await using env = await startEnvironment({ vault: false, consul: true });
  const { SecretID: weak } = (await env.consul.request('PUT', 'acl/token', {})) as { SecretID: string };
  const applyWith = async (token: string): Promise<unknown> => {
    await using terraform = terraformProvisioner({ consul: { address: env.consul.address, token } });
    return await terraform.apply('demo', consulConfiguration(''));
  };
  await expect(applyWith(weak)).rejects.toMatchObject({
    code: 'permission_denied',
    details: { constructPath: 'demo/policy', capability: 'acl:write' },
  });
  await expect(applyWith('00000000-0000-0000-0000-00000000cafe')).rejects.toMatchObject({
    code: 'server_token_invalid',
    details: { constructPath: 'demo/policy' },
  });
});
test("vault's consul secrets engine is deployed without its token, and with it changes nothing", async () => {
  await using env = await startEnvironment({ consul: true });
  const declare = (app: App): void => {
    const stack = new VaultConsulStack(app, 'tokens', {
      policies: [{ name: 'app-reader', rules: 'key_prefix "app/" { policy = "read" }' }],
      roles: [{ name: 'app', consulPolicies: ['app-reader'] }],
    });
    stack.addOverride('terraform.required_providers.consul.version', '~> 2.22');
  };
  await env.apply(declare, { provisioner: 'terraform' });
  await env.vault.configureConsulAccess(env.consul);
  const { data } = await env.vault.root.lease('consul/creds/app');
  expect(await env.consul.session(String(data['token']))).toMatchObject({ policies: ['app-reader'] });
  expect(await env.apply(declare, { provisioner: 'terraform' })).toMatchObject({
    tokens: { created: [], updated: [], removed: [], pending: [], differences: [] },
  });
});

test('a consul that vault bootstraps gives its token to vault, and not to the state', async () => {
  await using env = await startEnvironment();
  const fresh = await startUnbootstrappedConsul(env.vault);
  try {
    const { address } = fresh;
    const roles = [{ name: 'all', consulPolicies: ['global-management'] }] as const;
    const declare = (app: App) => new VaultConsulStack(app, 'tokens', { access: 'bootstrap', address, roles });
    await env.apply(declare, { provisioner: 'terraform' });
    expect(await env.apply(declare, { provisioner: 'terraform' })).toMatchObject({ tokens: { updated: [] } });
    const { data } = await env.vault.root.lease('consul/creds/all');
    const listed = await httpClient(`http://${address}`).request('GET', '/v1/acl/tokens', {
      headers: { 'x-consul-token': String(data['token']) },
    });
    const secrets = (listed.body as readonly { readonly SecretID: string }[]).map(({ SecretID }) => SecretID);
    expect(secrets).toHaveLength(3);
    const state = await readFile(join(await env.terraform.folder('tokens'), 'terraform.tfstate'), 'utf8');
    expect(secrets.filter((secret) => state.includes(secret) && secret !== 'anonymous')).toEqual([]);
  } finally {
    await fresh.stop();
  }
});
