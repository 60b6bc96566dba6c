/** Two declarations of one auth method of Consul. */
export interface ConsulPair {
  readonly name: string;
  readonly base: ConsulDeclaration;
  readonly head: ConsulDeclaration;
}

interface ConsulDeclaration {
  /** By Consul's names, beside keys, audience and mappings. */
  readonly config?: object;
  readonly rules?: readonly object[];
  /** The rules of policies by their names; `app` is always there. */
  readonly policies?: Readonly<Record<string, string>>;
  readonly roles?: Readonly<Record<string, object>>;
}

const level = (resource: string, name: string, policy: string): string =>
  `${resource} "${name}" { policy = "${policy}" }\n`;
const policy = (bind_name: string, selector = ''): object => ({ bind_type: 'policy', bind_name, selector });
const selector = (text: string): ConsulDeclaration => ({ rules: [policy('app', text)] });
const grants = (...rules: string[]): ConsulDeclaration => ({ policies: { app: rules.join('') } });
const pairs = (list: readonly (readonly [string, ConsulDeclaration, ConsulDeclaration])[]): ConsulPair[] =>
  list.map(([name, base, head]) => ({ name, base, head }));

/** Pairs of which the second lets in, or allows, what the first does not. */
export const widenedConsulPairs: readonly ConsulPair[] = pairs([
  ['another value in a selector', selector('value.ref == "main"'), selector('value.ref == "dev"')],
  ['a selector that asks for a part', selector('value.ref == "main"'), selector('"main" in value.ref')],
  [
    'an "or" for an "and"',
    selector('value.ref == "a" and value.repo == "b"'),
    selector('value.ref == "a" or value.repo == "b"'),
  ],
  ['a selector that is gone', selector('value.ref == "main"'), selector('')],
  ['a negation, which a missing claim satisfies', selector('value.ref == "main"'), selector('value.ref != "dev"')],
  [
    'a regular expression, which a missing claim satisfies',
    selector('value.ref == "main"'),
    selector('value.ref matches "^main$"'),
  ],
  ['another element of a list', selector('"eng" in list.groups'), selector('"ops" in list.groups')],
  [
    'another claim under the same name',
    selector('value.ref == "main"'),
    { ...selector('value.ref == "main"'), config: { ClaimMappings: { branch: 'ref', repository: 'repo' } } },
  ],
  [
    'another claim under the name of a list',
    selector('"eng" in list.groups'),
    { ...selector('"eng" in list.groups'), config: { ListClaimMappings: { teams: 'groups' } } },
  ],
  ['one more audience', {}, { config: { BoundAudiences: ['consul', 'other'] } }],
  [
    'another issuer',
    { config: { BoundIssuer: 'https://a.example' } },
    { config: { BoundIssuer: 'https://b.example' } },
  ],
  ['an issuer that is bound no more', { config: { BoundIssuer: 'https://a.example' } }, {}],
  [
    'a bind name of a claim',
    { rules: [policy('team-a')], policies: { 'team-a': '', 'team-b': level('key_prefix', 'b/', 'write') } },
    {
      rules: [policy(`team-$\${value.repo}`)],
      policies: { 'team-a': '', 'team-b': level('key_prefix', 'b/', 'write') },
    },
  ],
  [
    'a service whose name is a claim',
    { rules: [{ bind_type: 'service', bind_name: 'web' }] },
    { rules: [{ bind_type: 'service', bind_name: `$\${value.repo}` }] },
  ],
  [
    'one more rule',
    { rules: [policy('app', 'value.ref == "a"')] },
    { rules: [policy('app', 'value.ref == "a"'), { bind_type: 'node', bind_name: 'n1' }] },
  ],
  [
    'a rule that denied something is gone',
    {
      rules: [policy('app'), policy('no', 'value.ref == "dev"')],
      policies: { no: level('key', 'app/secret', 'deny') },
    },
    { rules: [policy('app')], policies: { no: level('key', 'app/secret', 'deny') } },
  ],
  ['write for read', grants(level('key_prefix', 'app/', 'read')), grants(level('key_prefix', 'app/', 'write'))],
  ['list for read', grants(level('key_prefix', 'app/', 'read')), grants(level('key_prefix', 'app/', 'list'))],
  ['a shorter prefix', grants(level('key_prefix', 'app/', 'read')), grants(level('key_prefix', '', 'read'))],
  [
    'a longer prefix that is gone',
    grants(level('key_prefix', 'a', 'write'), level('key_prefix', 'ab', 'read')),
    grants(level('key_prefix', 'a', 'write')),
  ],
  ['the operator', {}, grants(level('key_prefix', 'app/', 'read'), 'operator = "read"\n')],
  ['sessions', {}, grants(level('key_prefix', 'app/', 'read'), level('session_prefix', '', 'write'))],
  [
    'intentions',
    grants('service "web" {\n policy = "write"\n}\n'),
    grants('service "web" {\n policy = "write"\n intentions = "write"\n}\n'),
  ],
  [
    'one more policy of a role',
    {
      rules: [{ bind_type: 'role', bind_name: 'r' }],
      roles: { r: { policies: ['app'] } },
      policies: { more: 'acl = "read"' },
    },
    {
      rules: [{ bind_type: 'role', bind_name: 'r' }],
      roles: { r: { policies: ['app', 'more'] } },
      policies: { more: 'acl = "read"' },
    },
  ],
  [
    'a templated policy',
    {},
    { rules: [policy('app'), { bind_type: 'templated-policy', bind_name: 'builtin/nomad-client' }] },
  ],
]);

const role = { bind_type: 'role', bind_name: 'r' };

/** Pairs that only look different. */
export const equalConsulPairs: readonly ConsulPair[] = pairs([
  ['a selector the other way round', selector('"a" in list.groups'), selector('list.groups contains "a"')],
  [
    'sides in another order',
    selector('value.ref == "a" and value.repo == "b"'),
    selector('value.repo == "b" and value.ref == "a"'),
  ],
  ['a negation of a negation', selector('value.ref == "a"'), selector('not value.ref != "a"')],
  [
    'De Morgan',
    selector('not (value.ref == "a" or value.repo == "b")'),
    selector('value.ref != "a" and value.repo != "b"'),
  ],
  [
    'one rule in two',
    selector('value.ref == "a" or value.ref == "b"'),
    { rules: [policy('app', 'value.ref == "a"'), policy('app', 'value.ref == "b"')] },
  ],
  [
    'rules in another order',
    { rules: [policy('app'), role], roles: { r: {} } },
    { rules: [role, policy('app')], roles: { r: {} } },
  ],
  [
    'a claim under another name',
    selector('value.ref == "a"'),
    { ...selector('value.branch == "a"'), config: { ClaimMappings: { ref: 'branch', repository: 'repo' } } },
  ],
  [
    'a pointer for a name',
    selector('value.ref == "a"'),
    { ...selector('value.ref == "a"'), config: { ClaimMappings: { '/ref': 'ref', repository: 'repo' } } },
  ],
  [
    'audiences in another order',
    { config: { BoundAudiences: ['a', 'b'] } },
    { config: { BoundAudiences: ['b', 'a'] } },
  ],
  ['the name of a policy in upper case', selector(''), { rules: [policy('APP')] }],
  ['a role for its policy', selector(''), { rules: [role], roles: { r: { policies: ['app'] } } }],
  [
    'a policy of another name',
    selector(''),
    { rules: [policy('other')], policies: { other: level('key_prefix', 'app/', 'read') } },
  ],
  ['a policy that no rule binds', {}, { policies: { alone: 'operator = "write"' } }],
  [
    'a rule that a shorter prefix covers',
    grants(level('key_prefix', 'app/', 'read')),
    grants(level('key_prefix', 'app/', 'read'), level('key_prefix', 'app/b', 'read')),
  ],
  [
    'a deny where nothing is granted',
    {},
    grants(level('key_prefix', 'app/', 'read'), level('service_prefix', '', 'deny')),
  ],
  [
    'JSON for HCL',
    grants(level('key_prefix', 'app/', 'read')),
    { policies: { app: '{"key_prefix":{"app/":{"policy":"read"}}}' } },
  ],
  [
    'a rule that no token matches',
    selector('value.ref == "a"'),
    { rules: [policy('app', 'value.ref == "a"'), policy('app', 'value.ref == "x" and value.ref == "y"')] },
  ],
  [
    'a service identity for its template',
    { rules: [{ bind_type: 'service', bind_name: 'web' }] },
    { rules: [{ bind_type: 'templated-policy', bind_name: 'builtin/service', bind_vars: { name: 'web' } }] },
  ],
]);

/** What several sides declare together, as Terraform's JSON: each with an auth method, policies and roles of its own. */
export function consulDocumentOf(sides: readonly ConsulDeclaration[]): unknown {
  const resource: Record<string, Record<string, object>> = {};
  const add = (type: string, label: string, body: object): void => {
    resource[type] = { ...resource[type], [label.replaceAll(/\W/g, '_')]: body };
  };
  for (const [index, { config = {}, rules = [policy('app')], policies = {}, roles = {} }] of sides.entries()) {
    const named = (name: string): string => `p${index}-${name}`;
    const all = {
      ...{ JWKSURL: 'https://keys.example/jwks', BoundAudiences: ['consul'] },
      ...{ ClaimMappings: { ref: 'ref', repository: 'repo' }, ListClaimMappings: { groups: 'groups' } },
    };
    add('consul_acl_auth_method', `m${index}`, {
      name: methodOf(index),
      type: 'jwt',
      config_json: JSON.stringify({ ...all, ...config }),
    });
    for (const [name, text] of Object.entries({ app: level('key_prefix', 'app/', 'read'), ...policies })) {
      add('consul_acl_policy', named(name), { name: named(name), rules: text });
    }
    for (const [name, { policies: own = [], ...role }] of Object.entries(roles) as [
      string,
      { policies?: readonly string[] },
    ][]) {
      add('consul_acl_role', named(name), { name: named(name), policies: own.map(named), ...role });
    }
    for (const [number, rule] of (rules as readonly Record<string, unknown>[]).entries()) {
      const isNamed = rule['bind_type'] === 'policy' || rule['bind_type'] === 'role';
      const bind_name = isNamed ? named(String(rule['bind_name'])) : rule['bind_name'];
      add('consul_acl_binding_rule', `m${index}-${number}`, { ...rule, auth_method: methodOf(index), bind_name });
    }
  }
  return { resource };
}

/** The auth method of a side. */
export function methodOf(index: number): string {
  return `method-${index}`;
}
