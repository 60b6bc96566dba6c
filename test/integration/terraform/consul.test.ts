import { readConsulState, startEnvironment, terraformProvisioner } from 'vaultproof';
import { beforeEach, expect, test } from 'vitest';
import { requiresProviders } from '../../support/terraform-provider.js';

beforeEach(requiresProviders('consul'));

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
