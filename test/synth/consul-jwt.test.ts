import { Fn } from 'cdktf';
import {
  type ConsulBindingRule,
  type ConsulJwtMethod,
  ConsulJwtStack,
  type ConsulJwtStackProps,
  type ConsulKeySource,
} from 'vaultproof/stacks/consul-jwt';
import { describe, expect, test } from 'vitest';
import { type StackJson, synthStack } from './synth-stack.js';

const jwksUrl = 'http://127.0.0.1:8080/.well-known/jwks.json';
const boundIssuer = 'https://issuer.example';
const claimMappings = { sub: 'user', 'http://example.com/first_name': 'first_name' };
const listClaimMappings = { 'http://example.com/groups': 'groups' };
const reader: ConsulBindingRule = { bindType: 'policy', bindName: 'reader', selector: 'value.user == "vishpat"' };

type Props = Partial<Omit<ConsulJwtStackProps, keyof ConsulKeySource>>;

function synth(props: Props = {}, keys: object = { jwksUrl }): Promise<StackJson> {
  const defaults = { boundIssuer, claimMappings, listClaimMappings, bindingRules: [reader] as const };
  const all = { ...defaults, ...keys, ...props } as ConsulJwtStackProps;
  return synthStack((app) => new ConsulJwtStack(app, 'demo', all));
}

async function method(props: Props = {}, keys?: object): Promise<Readonly<Record<string, unknown>>> {
  return (await synth(props, keys)).resource['consul_acl_auth_method']?.['jwt'] ?? {};
}

async function config(props: Partial<ConsulJwtMethod>, keys?: object): Promise<unknown> {
  return JSON.parse(String((await method(props, keys))['config_json']));
}

async function rules(...bindingRules: [ConsulBindingRule, ...ConsulBindingRule[]]): Promise<unknown> {
  return (await synth({ bindingRules })).resource['consul_acl_binding_rule'];
}

describe('the defaults', () => {
  test('of the auth method are the name "jwt", an hour, and its own datacenter', async () => {
    const { config_json, ...rest } = await method();
    expect(rest).toEqual({ name: 'jwt', type: 'jwt', max_token_ttl: '1h', token_locality: 'local' });
    expect(JSON.parse(String(config_json))).toEqual({
      JWKSURL: 'http://127.0.0.1:8080/.well-known/jwks.json',
      BoundIssuer: 'https://issuer.example',
      ClaimMappings: { sub: 'user', 'http://example.com/first_name': 'first_name' },
      ListClaimMappings: { 'http://example.com/groups': 'groups' },
    });
  });

  test('leave the address to the provider, and declare no policy and no role', async () => {
    const { provider, resource, output } = await synth();
    expect(provider).toEqual({ consul: [{}] });
    expect(Object.keys(resource).sort()).toEqual(['consul_acl_auth_method', 'consul_acl_binding_rule']);
    expect(output).toEqual({ auth_method: { value: `\${consul_acl_auth_method.jwt.name}` } });
  });
});

describe('what is given', () => {
  test('takes the place of the defaults', async () => {
    const { config_json, ...rest } = await method({
      name: 'people',
      displayName: 'People',
      description: 'for people',
      maxTokenTtl: '30m',
      tokenLocality: 'global',
    });
    expect(rest).toEqual({
      name: 'people',
      type: 'jwt',
      display_name: 'People',
      description: 'for people',
      max_token_ttl: '30m',
      token_locality: 'global',
    });
    expect((await synth({ address: 'http://127.0.0.1:8500' })).provider).toEqual({
      consul: [{ address: 'http://127.0.0.1:8500' }],
    });
  });

  test('becomes the config, with leeways in nanoseconds', async () => {
    const given = {
      boundIssuer: 'corp-issuer',
      boundAudiences: ['a', 'b'],
      jwtSupportedAlgs: ['ES256', 'RS256'],
      expirationLeeway: 10,
      notBeforeLeeway: 1.5,
      clockSkewLeeway: -1,
      claimMappings: { '/kubernetes.io/namespace': 'user' },
      listClaimMappings: {},
    } as const;
    expect(await config(given)).toEqual({
      JWKSURL: jwksUrl,
      BoundIssuer: 'corp-issuer',
      BoundAudiences: ['a', 'b'],
      JWTSupportedAlgs: ['ES256', 'RS256'],
      ClaimMappings: { '/kubernetes.io/namespace': 'user' },
      ListClaimMappings: {},
      ExpirationLeeway: 10_000_000_000,
      NotBeforeLeeway: 1_500_000_000,
      ClockSkewLeeway: -1,
    });
  });

  test('is JSON as Go writes it, which the provider compares as text', async () => {
    const given = await method({ claimMappings: { b: 'x', 'a<&>': 'user' }, listClaimMappings: {} });
    expect(given['config_json']).toBe(
      `{"BoundIssuer":"${boundIssuer}","ClaimMappings":{"a\\u003c\\u0026\\u003e":"user","b":"x"},"JWKSURL":"${jwksUrl}","ListClaimMappings":{}}`,
    );
  });

  test.each([0, -2, 86_401, 150_000_000_000, Number.NaN])('can’t be a leeway of %d', async (expirationLeeway) => {
    await expect(synth({ expirationLeeway })).rejects.toThrow(TypeError);
  });

  test('can’t map two claims to one name', async () => {
    await expect(synth({ claimMappings: { sub: 'user', email: 'user' } })).rejects.toThrow(
      '"claimMappings" maps two claims to "user"',
    );
  });
});

describe('the keys', () => {
  test.each<[string, ConsulKeySource, object]>([
    ['a key set with its CA', { jwksUrl, jwksCaCert: 'CA\n' }, { JWKSURL: jwksUrl, JWKSCACert: 'CA\n' }],
    ['public keys', { jwtValidationPubKeys: ['PEM\n', 'PEM2'] }, { JWTValidationPubKeys: ['PEM\n', 'PEM2'] }],
    [
      'a discovery document with its CA',
      { oidcDiscoveryUrl: 'https://issuer.example/', oidcDiscoveryCaCert: 'CA\n' },
      { OIDCDiscoveryURL: 'https://issuer.example/', OIDCDiscoveryCACert: 'CA\n' },
    ],
  ])('may be %s', async (_title, keys, declared) => {
    expect(await config({ listClaimMappings: {} }, keys)).toEqual({
      BoundIssuer: boundIssuer,
      ClaimMappings: claimMappings,
      ListClaimMappings: {},
      ...declared,
    });
  });

  test.each([
    ['none', {}, 'not none'],
    ['none that is defined', { jwksUrl: undefined }, 'not none'],
    ['two', { jwksUrl, jwtValidationPubKeys: ['PEM'] }, 'not jwksUrl and jwtValidationPubKeys'],
  ])('can’t be %s', async (_title, keys, words) => {
    await expect(synth({}, keys)).rejects.toThrow(
      new TypeError(`give exactly one of jwksUrl, jwtValidationPubKeys, oidcDiscoveryUrl, ${words}`),
    );
  });
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Consul and Terraform have this syntax, too
test('what would be Terraform’s syntax is escaped', async () => {
  const { resource } = await synth({
    description: 'a ${b} and 100%{c}',
    claimMappings: { '${odd}': 'user' },
    policies: [{ name: 'reader', rules: 'key_prefix "${app}" { policy = "read" }', description: '${d}' }],
    roles: [{ name: 'r', description: '${e}' }],
    bindingRules: [
      { bindType: 'service', bindName: 'web-${value.user}', selector: 'value.user == "${x}"', description: '${f}' },
      { bindType: 'templated-policy', bindName: 'builtin/service', bindVars: { name: '${value.user}' } },
    ],
  });
  expect(resource['consul_acl_auth_method']?.['jwt']).toMatchObject({
    description: 'a $${b} and 100%%{c}',
    config_json: expect.stringContaining('"ClaimMappings":{"$${odd}":"user"}'),
  });
  expect(resource['consul_acl_policy']).toEqual({
    'policy-reader': { name: 'reader', rules: 'key_prefix "$${app}" { policy = "read" }', description: '$${d}' },
  });
  expect(resource['consul_acl_role']).toEqual({ 'role-r': { name: 'r', description: '$${e}' } });
  expect(resource['consul_acl_binding_rule']).toMatchObject({
    'rule-service-web-value-user': {
      bind_name: 'web-$${value.user}',
      selector: 'value.user == "$${x}"',
      description: '$${f}',
    },
    'rule-templated-policy-builtin-service': { bind_vars: { name: '$${value.user}' } },
  });
});

test('what refers to something else in Terraform stays as it is, unchecked', async () => {
  const name = (text: string) => Fn.lower(text);
  const { resource } = await synth(
    { bindingRules: [{ bindType: 'role', bindName: name('R'), selector: name('S') }] },
    { jwksUrl: name('U') },
  );
  expect(resource['consul_acl_auth_method']?.['jwt']).toMatchObject({
    config_json: expect.stringContaining('"JWKSURL":"${lower("U")}"'),
  });
  expect(Object.values(resource['consul_acl_binding_rule'] ?? {})).toMatchObject([
    { bind_name: '${lower("R")}', selector: '${lower("S")}' },
  ]);
});

test('roles and binding rules refer to what the stack declares, so that it is there before them', async () => {
  const { resource } = await synth({
    policies: [{ name: 'reader', rules: '', datacenters: ['dc1'] }],
    roles: [
      {
        name: 'ops',
        policies: ['reader', 'elsewhere'],
        serviceIdentities: [{ serviceName: 'web', datacenters: ['dc1'] }],
        nodeIdentities: [{ nodeName: 'n1', datacenter: 'dc1' }],
        templatedPolicies: [{ templateName: 'builtin/node', templateVariables: { name: 'n2' } }],
      },
    ],
    bindingRules: [
      reader,
      { ...reader, selector: 'value.user == "mallory"' },
      { ...reader, bindType: 'role', bindName: 'ops' },
      { ...reader, bindType: 'role', bindName: 'reader' },
    ],
  });
  expect(resource['consul_acl_role']?.['role-ops']).toEqual({
    name: 'ops',
    policies: ['${consul_acl_policy.policy-reader.id}', 'elsewhere'],
    service_identities: [{ service_name: 'web', datacenters: ['dc1'] }],
    node_identities: [{ node_name: 'n1', datacenter: 'dc1' }],
    templated_policies: [{ template_name: 'builtin/node', template_variables: { name: 'n2' } }],
  });
  const declared = { auth_method: '${consul_acl_auth_method.jwt.name}', selector: 'value.user == "vishpat"' };
  const policy = { bind_type: 'policy', bind_name: '${consul_acl_policy.policy-reader.name}' };
  expect(resource['consul_acl_binding_rule']).toEqual({
    'rule-policy-reader': { ...declared, ...policy },
    'rule-policy-reader-2': { ...declared, ...policy, selector: 'value.user == "mallory"' },
    'rule-role-ops': { ...declared, bind_type: 'role', bind_name: '${consul_acl_role.role-ops.name}' },
    'rule-role-reader': { ...declared, bind_type: 'role', bind_name: 'reader' },
  });
});

describe('a binding rule', () => {
  test.each<ConsulBindingRule>([
    { bindType: 'service', bindName: 'web' },
    { bindType: 'node', bindName: 'n_1' },
    { bindType: 'role', bindName: 'Ops_1' },
    { bindType: 'policy', bindName: '-' },
    { bindType: 'templated-policy', bindName: 'builtin/dns' },
    { bindType: 'templated-policy', bindName: 'builtin/nomad-server' },
    { bindType: 'templated-policy', bindName: 'builtin/nomad-client' },
    { bindType: 'templated-policy', bindName: 'builtin/api-gateway', bindVars: { name: 'gateway' } },
    { bindType: 'templated-policy', bindName: 'builtin/node', bindVars: { name: 'n1' } },
    { bindType: 'service', bindName: '${value.user}-${ value.first_name }' },
    { bindType: 'service', bindName: '${value.user == "a" ? "b" : "c"}' },
  ])('may be for the $bindType "$bindName"', async (rule) => {
    const named = { ...rule, selector: 'value.user == "vishpat"' } as ConsulBindingRule;
    expect(Object.keys((await rules(named)) as object)).toHaveLength(1);
  });

  test.each<[string, string]>([
    ['Web', 'makes a name that Consul refuses, such as "Web"'],
    ['web-', 'makes a name that Consul refuses, such as "web-"'],
    ['team/web', 'makes a name that Consul refuses'],
    ['-${value.user}', 'makes a name that Consul refuses, such as "-fake"'],
    ['w'.repeat(257), 'makes a name that Consul refuses'],
    ['', 'makes a name that Consul refuses'],
    ['$${value.user}', 'write "${", which the stack escapes for Terraform'],
    ['${value.email}', 'uses "value.email" in its name, but no claim is mapped to "email": map one in "claimMappings"'],
    ['${value.groups}', '"groups" is mapped as a list'],
    ['${list.groups}', 'uses the list "list.groups" in its name'],
  ])('can’t be for the service "%s"', async (bindName, words) => {
    const attempt = rules({ bindType: 'service', bindName, selector: 'value.user == "a"' });
    await expect(attempt).rejects.toThrow(TypeError);
    await expect(attempt).rejects.toThrow(words);
  });

  test('can’t be for a policy with a slash: Consul takes the rule, and its logins fail', async () => {
    await expect(rules({ ...reader, bindName: 'team/read' })).rejects.toThrow('makes a name that Consul refuses');
  });

  test.each(['soon', '1', '1d', ''])('a token can’t live for "%s"', async (maxTokenTtl) => {
    await expect(method({ maxTokenTtl })).rejects.toThrow(
      `invalid "maxTokenTtl" ${JSON.stringify(maxTokenTtl)}; expected a duration such as "1h"`,
    );
  });

  test.each([
    ['${value.user}', '"user" in value'],
    ['global-${value.user}', 'value.user != "management" and "user" in value'],
  ])(
    'can’t be for the policy "%s" with %s, which may be the one that allows everything',
    async (bindName, selector) => {
      const rule = { bindType: 'policy', bindName, selector } as const;
      await expect(rules(rule)).rejects.toThrow('allow["global-management"]');
      expect(
        Object.keys((await rules({ ...rule, allow: { 'global-management': 'ops log in' } })) as object),
      ).toHaveLength(1);
    },
  );

  test.each([
    ['team-${value.user}', '"user" in value'],
    ['${value.user}', 'value.user == "red" or value.user == "blue"'],
  ])('may be for the policy "%s" with %s', async (bindName, selector) => {
    expect(Object.keys((await rules({ bindType: 'policy', bindName, selector })) as object)).toHaveLength(1);
  });

  test.each<[string, object]>([
    ['needs a "bindVars" with a "name"', { bindName: 'builtin/service' }],
    ['names an unknown template', { bindName: 'builtin/other' }],
    ['makes a name that Consul refuses', { bindName: 'builtin/service', bindVars: { name: 'Web' } }],
    ['no claim is mapped to "x"', { bindName: 'builtin/node', bindVars: { name: '${value.x}' } }],
  ])('for a templated policy %s', async (words, rule) => {
    const whole = { bindType: 'templated-policy', selector: 'value.user == "a"', ...rule } as ConsulBindingRule;
    await expect(rules(whole)).rejects.toThrow(words);
  });

  test.each<[string, string]>([
    ['value.user = "a"', 'invalid selector "value.user = "a""'],
    ['value.email == "a"', 'no claim is mapped to "email": map one in "claimMappings"'],
    ['"a" in list.teams', 'no claim is mapped to "teams": map one in "listClaimMappings"'],
    ['"email" in value', 'no claim is mapped to "email"'],
    ['value.groups == "a"', '"groups" is mapped as a list: write list.groups'],
    ['"a" in value.groups', '"groups" is mapped as a list: write list.groups'],
    ['"a" in list.user', '"user" is mapped as a value: write value.user'],
    ['list.groups == "a"', 'compares a list with a value: write "a" in list.groups'],
    ['value.user is empty', 'uses "is empty" with a value'],
    ['value.user == "a" and value.user == "b"', 'no token can match'],
  ])('can’t have the selector %s', async (selector, words) => {
    const attempt = rules({ ...reader, selector });
    await expect(attempt).rejects.toThrow(TypeError);
    await expect(attempt).rejects.toThrow(words);
  });

  test.each([
    'value.user != "a"',
    'value.user not contains "a"',
    'value.user matches "^a$"',
    'value.user not matches "^a$"',
    'not value.user == "a"',
    '"a" not in list.groups',
    'list.groups is empty',
  ])('that an absent claim satisfies takes a reason: %s', async (selector) => {
    await expect(rules({ ...reader, selector })).rejects.toThrow('allow["absent-claim"]');
    const allow = { 'absent-claim': 'every token of this issuer has it' };
    expect(await rules({ ...reader, selector, allow })).toMatchObject({ 'rule-policy-reader': { selector } });
  });

  test('of a negation that an absent claim satisfies all of it is named', async () => {
    await expect(rules({ ...reader, selector: 'not value.user == "x"' })).rejects.toThrow(
      `evaluates not value.user == "x" as true for them: put '"user" in value and' before it`,
    );
  });

  test('that an absent claim would satisfy takes none where the claim is asked for', async () => {
    const selector = '"user" in value and value.user matches "^a$"';
    expect(await rules({ ...reader, selector })).toMatchObject({ 'rule-policy-reader': { selector } });
  });

  test('for everybody takes a reason, unless a claim is in its name', async () => {
    const everybody = { bindType: 'role', bindName: 'ops' } as const;
    await expect(rules(everybody)).rejects.toThrow('allow["no-selector"]');
    await expect(rules({ ...everybody, selector: '' })).rejects.toThrow('allow["no-selector"]');
    expect(await rules({ ...everybody, allow: { 'no-selector': 'it is public' } })).toHaveProperty('rule-role-ops');
    expect(await rules({ bindType: 'service', bindName: '${value.user}' })).toHaveProperty('rule-service-value-user');
  });
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above

test.each([{ jwksUrl: 'http://keys.acme.example' }, { oidcDiscoveryUrl: 'http://172.17.0.1:8080' }])(
  'keys that anyone on the wire may put there take a reason: %j',
  async (keys) => {
    await expect(config({}, keys)).rejects.toThrow('allow["keys-over-http"]');
    await config({ allow: { 'keys-over-http': 'a tunnel is between them' } }, keys);
  },
);

test('a login that does not check who signed takes a reason, save in discovery, which checks it', async () => {
  const without: object = { boundIssuer: undefined };
  await expect(synth(without)).rejects.toThrow('allow["no-bound-issuer"]');
  await expect(synth({ boundIssuer: '' })).rejects.toThrow('allow["no-bound-issuer"]');
  expect(await config({ ...without, allow: { 'no-bound-issuer': 'the keys are its own' } })).not.toHaveProperty(
    'BoundIssuer',
  );
  expect(await config(without, { oidcDiscoveryUrl: boundIssuer })).toMatchObject({ OIDCDiscoveryURL: boundIssuer });
});

test('two stacks may stand in one app', async () => {
  const props = { jwksUrl, boundIssuer, claimMappings, bindingRules: [reader] } as const;
  const { resource } = await synthStack((app) => {
    new ConsulJwtStack(app, 'one', { ...props, name: 'one' });
    new ConsulJwtStack(app, 'two', { ...props, name: 'two' });
  });
  expect(resource['consul_acl_auth_method']?.['jwt']).toMatchObject({ name: 'one' });
});

test.each<[string, Parameters<typeof synth>[0], ConsulKeySource | undefined]>([
  ['address', { address: 'https://user:canary@consul.example' }, undefined],
  ['jwksUrl', {}, { jwksUrl: 'https://user:canary@issuer.example/jwks' }],
  [
    'jwtValidationPubKeys',
    {},
    { jwtValidationPubKeys: ['-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----'] },
  ],
])('a secret in "%s" is refused, and shows nowhere', async (name, props, keys) => {
  const error: Error = await synth(props, keys).then(
    () => new Error('it was taken'),
    (cause: Error) => cause,
  );
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toContain(`"${name}" contains a`);
  expect(error.message).not.toContain('canary');
});
