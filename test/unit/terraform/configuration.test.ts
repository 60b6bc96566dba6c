import { expect, test } from 'vitest';
import { constructPathOf, readConfiguration } from '../../../harness/terraform/configuration.js';
import { checkProviders } from '../../../harness/terraform/reach-rules.js';

test('a backend, a cloud, an encryption, an address, a token and a login are left out, and the rest stays', () => {
  const { json } = readConfiguration({
    terraform: {
      backend: { s3: { bucket: 'b' } },
      cloud: { organization: 'o' },
      encryption: { key_provider: { external: { it: { command: ['canary'] } } } },
      required_version: '>= 1.5',
      required_providers: { vault: { source: 'vault', version: '5.6.0' } },
    },
    provider: {
      vault: [
        { address: 'https://vault.invalid', token: 't', auth_login: {}, namespace: 'team', skip_child_token: true },
        { alias: 'other', auth_login_jwt: {}, ca_cert_file: '/x' },
      ],
      consul: { address: 'consul.invalid:8500', token: 't', datacenter: 'dc1' },
      random: [{ alias: 'r' }],
    },
    locals: { a: 1 },
  });
  expect(json).toEqual({
    terraform: { required_version: '>= 1.5', required_providers: { vault: { source: 'vault', version: '5.6.0' } } },
    provider: {
      vault: [{ namespace: 'team', skip_child_token: true }, { alias: 'other' }],
      consul: [{ datacenter: 'dc1' }],
      random: [{ alias: 'r' }],
    },
    locals: { a: 1 },
  });
});

test('settings in a list of blocks lose their backends too', () => {
  const { json } = readConfiguration({ terraform: [{ backend: {} }, { required_version: '>= 1.5' }] });
  expect(json).toEqual({ terraform: [{}, { required_version: '>= 1.5' }] });
});

test('a provider is what required_providers, a block or the name of a type says', () => {
  const { providers } = readConfiguration({
    terraform: {
      required_providers: {
        vault: { source: 'registry.terraform.io/hashicorp/vault', version: '5.6.0' },
        mine: { source: 'Me/Mine' },
        old: '~> 1.0',
      },
    },
    provider: { tls: {} },
    resource: { vault_policy: { p: {} }, random_id: { r: {} }, terraform_data: { t: {} } },
    data: { consul_acl_policy: { c: {} } },
  });
  expect([...providers].map(([name, { source }]) => [name, source])).toEqual([
    ['vault', 'hashicorp/vault'],
    ['mine', 'me/mine'],
    ['old', 'hashicorp/old'],
    ['tls', 'hashicorp/tls'],
    ['random', 'hashicorp/random'],
    ['consul', 'hashicorp/consul'],
  ]);
  expect(providers.get('vault')?.block).toEqual({ source: 'registry.terraform.io/hashicorp/vault', version: '5.6.0' });
  expect(providers.get('old')?.block).toEqual({ source: 'hashicorp/old', version: '~> 1.0' });
});

test('the login that an aliased name of the provider has is left out as well', () => {
  const { json } = readConfiguration({
    terraform: { required_providers: { v: { source: 'hashicorp/vault' } } },
    provider: { v: [{ address: 'https://vault.invalid' }] },
  });
  expect(json['provider']).toEqual({ v: [{}] });
});

test('a construct path is found by an address with and without keys, and is else the address', () => {
  const configuration = readConfiguration({
    resource: { vault_policy: { p: { '//': { metadata: { path: 'demo/policy' } } }, q: {} } },
  });
  expect(constructPathOf(configuration, 'vault_policy.p')).toBe('demo/policy');
  expect(constructPathOf(configuration, 'vault_policy.p[0]')).toBe('demo/policy');
  expect(constructPathOf(configuration, 'vault_policy.p["a.b[\\"x\\"]"]')).toBe('demo/policy');
  expect(constructPathOf(configuration, 'vault_policy.q')).toBe('vault_policy.q');
  expect(constructPathOf(configuration, 'module.m.vault_policy.p')).toBe('module.m.vault_policy.p');
});

test.each([[null], ['text'], [[]], [{ terraform: 'x' }], [{ resource: { vault_policy: ['x'] } }]])(
  '%j is no configuration',
  (json) => {
    expect(() => readConfiguration(json)).toThrow(expect.objectContaining({ code: 'not_terraform_json' }));
  },
);

const both = { vault: true, consul: true, allowed: [] };

test('a provider that may reach other systems is refused by name, unless it is allowed', () => {
  const sources = ['hashicorp/vault', 'hashicorp/aws', 'hashicorp/random', 'evil/vault'];
  expect(() => checkProviders(sources, both)).toThrow(
    expect.objectContaining({
      code: 'unsupported_provider',
      details: { providers: ['hashicorp/aws', 'evil/vault'] },
    }),
  );
  expect(() => checkProviders(sources, { ...both, allowed: ['hashicorp/aws', 'evil/vault'] })).not.toThrow();
});

test.each(['vault', 'consul'] as const)('a configuration for a %s needs one, so that no other is found', (server) => {
  expect(() => checkProviders([`hashicorp/${server}`], { ...both, [server]: false })).toThrow(TypeError);
});

test.each([
  [{ format_version: '1.2', planned_values: {} }, 'it is a plan, which only "lint" accepts'],
  [{ version: 4, terraform_version: '1.11.0', resources: [] }, 'it is a state'],
])('a plan and a state are no configuration: %j', (json, reason) => {
  expect(() => readConfiguration(json)).toThrow(
    expect.objectContaining({ code: 'not_terraform_json', message: expect.stringContaining(reason) }),
  );
});

test('a selector that would keep Consul busy for minutes is refused before Terraform runs', () => {
  const selector = `${'('.repeat(30)}value.user == "a"${')'.repeat(30)}`;
  const rule = { '//': { metadata: { path: 'demo/rule' } }, selector };
  expect(() => readConfiguration({ resource: { consul_acl_binding_rule: { rule } } })).toThrow(
    expect.objectContaining({
      code: 'declaration_invalid',
      message: expect.stringContaining('deeper than Consul can parse'),
      details: { address: 'consul_acl_binding_rule.rule', constructPath: 'demo/rule' },
    }),
  );
});
