import { type Blocks, life, type ProviderCase } from './provider-case.js';
import { OTHER_PUBLIC_KEY, PUBLIC_KEY } from './public-keys.js';

const policyPath = ['acl/policy/name/reader', 'acl/policy/name/other'];
const policy = (more: Blocks = {}): Blocks => ({
  resource: { consul_acl_policy: { it: { name: 'reader', rules: 'key_prefix "a/" { policy = "read" }', ...more } } },
});

export const consulAclPolicy: readonly ProviderCase[] = [
  { name: 'rules', read: policyPath, steps: [policy(), policy({ rules: 'key_prefix "b/" { policy = "write" }' })] },
  { name: 'name', read: policyPath, steps: [policy(), policy({ name: 'other' })] },
  life('description', policyPath, policy, { description: 'one' }, { description: 'two' }),
  life('datacenters', policyPath, policy, { datacenters: ['dc1'] }, { datacenters: ['dc1', 'dc2'] }),
];

const rolePath = ['acl/role/name/reader', 'acl/role/name/other'];
const role = (more: Blocks = {}): Blocks => ({
  resource: {
    consul_acl_policy: { one: { name: 'one', rules: '' }, two: { name: 'two', rules: '' } },
    consul_acl_role: { it: { name: 'reader', policies: [`\${consul_acl_policy.one.id}`], ...more } },
  },
});

export const consulAclRole: readonly ProviderCase[] = [
  {
    name: 'policies',
    read: rolePath,
    steps: [
      role(),
      role({ policies: [`\${consul_acl_policy.one.name}`, `\${consul_acl_policy.two.id}`] }),
      role({ policies: [], service_identities: [{ service_name: 'a' }] }),
    ],
  },
  { name: 'policy_unknown', read: rolePath, steps: [role({ policies: ['nobody'] })] },
  { name: 'name', read: rolePath, steps: [role(), role({ name: 'other' })] },
  life('description', rolePath, role, { description: 'one' }, { description: 'two' }),
  life(
    'service_identities',
    rolePath,
    role,
    { service_identities: [{ service_name: 'a' }, { service_name: 'b', datacenters: ['dc1'] }] },
    { service_identities: { service_name: 'c' } },
  ),
  life(
    'node_identities',
    rolePath,
    role,
    { node_identities: [{ node_name: 'a', datacenter: 'dc1' }] },
    { node_identities: [{ node_name: 'b', datacenter: 'dc1' }] },
  ),
  life(
    'templated_policies',
    rolePath,
    role,
    {
      templated_policies: [
        { template_name: 'builtin/service', template_variables: [{ name: 'a' }] },
        { template_name: 'builtin/dns', datacenters: ['dc1'] },
      ],
    },
    { templated_policies: [{ template_name: 'builtin/node', template_variables: { name: 'b' } }] },
  ),
];

const methodPath = ['acl/auth-method/jwt', 'acl/auth-method/other'];
const config = { JWTValidationPubKeys: [PUBLIC_KEY], BoundAudiences: ['one'] };
const method = (more: Blocks = {}): Blocks => ({
  resource: {
    consul_acl_auth_method: { it: { name: 'jwt', type: 'jwt', config_json: JSON.stringify(config), ...more } },
  },
});

export const consulAclAuthMethod: readonly ProviderCase[] = [
  {
    name: 'config_json',
    read: methodPath,
    steps: [
      method(),
      method({
        config_json: JSON.stringify({
          ...config,
          JWTValidationPubKeys: [OTHER_PUBLIC_KEY],
          ClaimMappings: { sub: 'user' },
          ListClaimMappings: { groups: 'groups' },
        }),
      }),
      method({ config_json: `  ${JSON.stringify(config)}  ` }),
    ],
  },
  {
    name: 'jwks_url',
    read: methodPath,
    steps: [
      method({
        config_json: JSON.stringify({ JWKSURL: '{{issuer}}/jwks', BoundIssuer: 'one', ExpirationLeeway: 1000000000 }),
      }),
    ],
  },
  {
    name: 'config',
    read: methodPath,
    steps: [
      method({ config_json: null, config: { JWKSURL: '{{issuer}}/jwks', BoundIssuer: 'one' } }),
      method({ config_json: null, config: { JWKSURL: '{{issuer}}/jwks', BoundIssuer: 'two' } }),
    ],
  },
  { name: 'config_json_refused', read: methodPath, steps: [method({ config_json: '{"Nothing":1}' })] },
  { name: 'name', read: methodPath, steps: [method(), method({ name: 'other' })] },
  life('description', methodPath, method, { description: 'one' }, { description: 'two' }),
  life('display_name', methodPath, method, { display_name: 'one' }, { display_name: 'two' }),
  life('max_token_ttl', methodPath, method, { max_token_ttl: '5m' }, { max_token_ttl: '1h30m' }),
  {
    name: 'max_token_ttl_otherwise_written',
    read: methodPath,
    steps: [method({ max_token_ttl: '60s' }), method({ max_token_ttl: '1m' })],
  },
  life('token_locality', methodPath, method, { token_locality: 'local' }, { token_locality: 'global' }),
];

const rulePath = ['acl/binding-rules'];
const rule = (more: Blocks = {}): Blocks => ({
  resource: {
    consul_acl_auth_method: {
      it: { name: 'jwt', type: 'jwt', config_json: JSON.stringify({ ...config, ClaimMappings: { sub: 'user' } }) },
      other: { name: 'other', type: 'jwt', config_json: JSON.stringify(config) },
    },
    consul_acl_binding_rule: {
      it: {
        auth_method: `\${consul_acl_auth_method.it.name}`,
        bind_type: 'service',
        bind_name: `user-$\${value.user}`,
        ...more,
      },
    },
  },
});

export const consulAclBindingRule: readonly ProviderCase[] = [
  { name: 'bind_name', read: rulePath, steps: [rule(), rule({ bind_name: 'fixed' })] },
  { name: 'bind_type', read: rulePath, steps: [rule(), rule({ bind_type: 'policy', bind_name: 'reader' })] },
  {
    name: 'auth_method',
    read: rulePath,
    steps: [rule({ bind_name: 'a' }), rule({ bind_name: 'a', auth_method: `\${consul_acl_auth_method.other.name}` })],
  },
  life('selector', rulePath, rule, { selector: 'value.user == "a"' }, { selector: 'value.user == "b"' }),
  life('description', rulePath, rule, { description: 'one' }, { description: 'two' }),
  {
    name: 'bind_vars',
    read: rulePath,
    steps: [
      rule({ bind_type: 'templated-policy', bind_name: 'builtin/service', bind_vars: [{ name: `$\${value.user}` }] }),
      rule({ bind_type: 'templated-policy', bind_name: 'builtin/service', bind_vars: { name: 'fixed' } }),
      rule({ bind_type: 'templated-policy', bind_name: 'builtin/dns' }),
    ],
  },
  { name: 'selector_refused', read: rulePath, steps: [rule({ selector: '???' })] },
];

const ID = '5f8c0a8e-6f0c-4c44-9d7b-0d5b5f6a9f11';
const tokenPath = [`acl/token/${ID}`];
const token = (more: Blocks = {}): Blocks => ({
  resource: {
    consul_acl_policy: { one: { name: 'one', rules: '' }, two: { name: 'two', rules: '' } },
    consul_acl_role: { one: { name: 'one', policies: [`\${consul_acl_policy.one.id}`] } },
    consul_acl_token: {
      it: { depends_on: ['consul_acl_role.one', 'consul_acl_policy.two'], accessor_id: ID, ...more },
    },
  },
  output: Object.fromEntries(['id', 'accessor_id'].map((name) => [name, { value: `\${consul_acl_token.it.${name}}` }])),
});

export const consulAclToken: readonly ProviderCase[] = [
  { name: 'made', read: ['acl/tokens'], steps: [token({ accessor_id: null })] },
  life('description', tokenPath, token, { description: 'one' }, { description: 'two' }),
  life(
    'policies',
    tokenPath,
    token,
    { policies: [`\${consul_acl_policy.one.name}`] },
    { policies: [`\${consul_acl_policy.two.name}`, `\${consul_acl_policy.one.name}`] },
  ),
  life('roles', tokenPath, token, { roles: [`\${consul_acl_role.one.name}`] }),
  life(
    'service_identities',
    tokenPath,
    token,
    { service_identities: [{ service_name: 'a' }, { service_name: 'b', datacenters: ['dc1'] }] },
    { service_identities: { service_name: 'c' } },
  ),
  life(
    'node_identities',
    tokenPath,
    token,
    { node_identities: [{ node_name: 'a', datacenter: 'dc1' }] },
    { node_identities: [{ node_name: 'b', datacenter: 'dc1' }] },
  ),
  life(
    'templated_policies',
    tokenPath,
    token,
    {
      templated_policies: [
        { template_name: 'builtin/service', template_variables: [{ name: 'a' }] },
        { template_name: 'builtin/dns', datacenters: ['dc1'] },
      ],
    },
    { templated_policies: [{ template_name: 'builtin/node', template_variables: { name: 'b' } }] },
  ),
  life('local', tokenPath, token, { local: true }, { local: false }),
  { name: 'expiration_time_refused', read: tokenPath, steps: [token({ expiration_time: '2019-12-31T00:00:00Z' })] },
  { name: 'policy_unknown', read: tokenPath, steps: [token({ policies: ['nobody'] })] },
  { name: 'policy_by_id', read: tokenPath, steps: [token({ policies: [`\${consul_acl_policy.one.id}`] })] },
];

const attached = (more: Blocks = {}, declared: Blocks = {}): Blocks => ({
  resource: {
    consul_acl_policy: { one: { name: 'one', rules: '' }, two: { name: 'two', rules: '' } },
    consul_acl_role: {
      it: {
        name: 'reader',
        description: 'kept',
        service_identities: [{ service_name: 'a' }],
        lifecycle: { ignore_changes: ['policies'] },
        ...declared,
      },
      other: {
        name: 'other',
        service_identities: [{ service_name: 'a' }],
        lifecycle: { ignore_changes: ['policies'] },
      },
    },
    consul_acl_role_policy_attachment: {
      it: { role_id: `\${consul_acl_role.it.id}`, policy: `\${consul_acl_policy.one.name}`, ...more },
    },
  },
  output: { id: { value: `\${consul_acl_role_policy_attachment.it.id}` } },
});

export const consulAclRolePolicyAttachment: readonly ProviderCase[] = [
  { name: 'policy', read: rolePath, steps: [attached(), attached({ policy: `\${consul_acl_policy.two.name}` })] },
  { name: 'role_id', read: rolePath, steps: [attached(), attached({ role_id: `\${consul_acl_role.other.id}` })] },
  {
    name: 'two_policies',
    read: rolePath,
    steps: [attached({}, { policies: [`\${consul_acl_policy.two.id}`] })],
  },
  { name: 'twice', read: rolePath, steps: [attached({}, { policies: [`\${consul_acl_policy.one.id}`] })] },
  { name: 'policy_unknown', read: rolePath, steps: [attached({ policy: 'nobody' })] },
];

export const consulAclPolicyDataSource: readonly ProviderCase[] = ['reader', 'nobody'].map((name) => ({
  name: name === 'nobody' ? 'missing' : 'name',
  read: [],
  steps: [
    {
      ...policy({ description: 'one', datacenters: ['dc1'] }),
      data: { consul_acl_policy: { it: { depends_on: ['consul_acl_policy.it'], name } } },
      output: Object.fromEntries(
        ['id', 'description', 'rules', 'datacenters'].map((output) => [
          output,
          { value: `\${data.consul_acl_policy.it.${output}}` },
        ]),
      ),
    },
  ],
}));

export const consulAclRoleDataSource: readonly ProviderCase[] = ['reader', 'nobody'].map((name) => ({
  name: name === 'nobody' ? 'missing' : 'name',
  read: [],
  steps: [
    {
      ...role({
        description: 'one',
        service_identities: [{ service_name: 'a', datacenters: ['dc1'] }],
        node_identities: [{ node_name: 'a', datacenter: 'dc1' }],
        templated_policies: [
          { template_name: 'builtin/service', template_variables: [{ name: 'a' }] },
          { template_name: 'builtin/dns', datacenters: ['dc1'] },
        ],
      }),
      data: { consul_acl_role: { it: { depends_on: ['consul_acl_role.it'], name } } },
      output: Object.fromEntries(
        ['id', 'description', 'policies', 'service_identities', 'node_identities', 'templated_policies'].map(
          (output) => [output, { value: `\${data.consul_acl_role.it.${output}}` }],
        ),
      ),
    },
  ],
}));
