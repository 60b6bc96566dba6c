import { lint } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';
import { found, login, policy } from './found.js';

const grant = (path: string, ...capabilities: string[]) =>
  `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`;
const at = (path: string) => [{ address: 'policy', attribute: 'policy', found: path }];

describe('policy-unparsable', () => {
  test('finds a text that is no policy, and says where', () => {
    const [finding] = lint(policy('path "a" {\n  capabilities = ["read"\n}'));
    expect(finding).toMatchObject({ code: 'policy-unparsable', address: 'vault_policy.policy', attribute: 'policy' });
    expect(finding?.reason).toContain('line 3');
  });

  test.each([
    grant('kv/*', 'read'),
    'path "sys/events/subscribe/*" { capabilities = ["read", "subscribe"] subscribe_event_types = ["kv*"] }',
    grant('kv/app', 'recover'),
    `\${file("policy.hcl")}`,
    `%{ for team in var.teams }path "kv/\${team}/*" { capabilities = ["read"] }%{ endfor }`,
    `\${join("\\n", [for team in var.teams : "path \\"kv/\${team}\\" {}"])}`,
    `path "kv/\${var.unknown}" { capabilities = \${jsonencode(var.capabilities)} }`,
  ])('is content with %s', (text) => {
    expect(lint(policy(text))).toEqual([]);
  });
});

describe('policy-sudo', () => {
  test('finds sudo, in old policies too', () => {
    expect(found('policy-sudo', policy(grant('sys/audit', 'read', 'sudo')))).toEqual(at('sys/audit'));
    expect(found('policy-sudo', policy('path "sys/audit" { policy = "sudo" }'))).toEqual(at('sys/audit'));
  });

  test('is content without it', () => {
    expect(found('policy-sudo', policy(grant('sys/audit', 'sudo', 'deny')))).toEqual([]);
    expect(found('policy-sudo', policy(grant('sys/audit', 'read')))).toEqual([]);
  });

  test.each([
    [grant(`kv/\${var.x}/*`, 'sudo'), `kv/\${...}/*`],
    [grant(`\${var.x}`, 'sudo'), `\${...}`],
    [`\${var.more}\n${grant('a', 'sudo')}\n\${var.more}`, 'a'],
    [`${grant('a', 'sudo')} path "b" { capabilities = \${jsonencode(var.c)} }`, 'a'],
    [`${grant('a', 'sudo')} ${grant('b', `\${var.c}`)} path "c" { \${var.more} }`, 'a'],
  ])('finds it in %j, of which parts are unknown', (text, path) => {
    expect(found('policy-sudo', policy(text))).toEqual(at(path));
  });

  test.each([
    grant('a', 'sudo', `\${var.maybe_deny}`),
    grant('a', 'sudo', 'deny', `\${var.c}`),
    `path "a" { capabilities = ["sudo"] \${var.maybe_deny} }`,
    `%{ if var.a }${grant('a', 'sudo')}%{ endif }`,
    `\${var.a ? "${grant('a', 'sudo').replaceAll('"', '\\"')}" : ""}`,
  ])('is content with %j, where it may not be granted', (text) => {
    expect(lint(policy(text))).toEqual([]);
  });
});

describe('policy-path-too-wide', () => {
  test.each([
    grant('*', 'read'),
    grant('/*', 'list'),
    grant('+/*', 'read'),
    grant('+/+/*', 'read'),
    grant('sys/*', 'update'),
    grant('s*', 'create'),
    grant('sys/policies/acl/*', 'update'),
    grant('sys/policies/+/*', 'update'),
    grant('sys/policies/acl/+', 'create'),
    grant('sys/auth/*', 'delete'),
    grant('auth/*', 'update'),
    grant('auth/+/role/*', 'patch'),
    grant('auth/jwt/*', 'update'),
    grant('auth/jwt/role/*', 'update'),
    grant('auth/team/jwt/role/+', 'create'),
    grant('auth/token/roles/*', 'update'),
    grant('auth/userpass/users/*', 'update'),
    grant('auth/ldap/groups/*', 'update'),
    grant('identity/*', 'update'),
    grant('identity/entity/*', 'update'),
    grant('identity/entity', 'update'),
    grant('identity/entity/id/*', 'update'),
    grant('identity/group', 'create'),
    grant('identity/group/name/+', 'update'),
    '{"path": {"*": {"capabilities": ["read"]}}}',
  ])('finds %s', (text) => {
    expect(found('policy-path-too-wide', policy(text))).toHaveLength(1);
  });

  test.each([
    grant('kv/*', 'update'),
    grant('*', 'deny'),
    grant('sys/*', 'read', 'list'),
    grant('sys/policies/acl/team-*', 'update'),
    grant('auth/jwt/role/reader', 'update'),
    grant('auth/jwt/role/team-*', 'update'),
    grant('auth/jwt/role/*', 'read', 'list'),
    grant('auth/jwt/config', 'update'),
    grant('auth/token/create', 'update'),
    grant('identity/lookup/*', 'update'),
    grant('identity/oidc/*', 'update'),
    grant('identity/group-alias/*', 'update'),
    grant('identity/entity/name/vishpat', 'update'),
    grant('auth/+/login', 'update'),
    grant(`\${var.unknown}*`, 'update'),
  ])('is content with %s', (text) => {
    expect(found('policy-path-too-wide', policy(text))).toEqual([]);
  });
});

describe('kv-path-never-matches', () => {
  const mount = (fields: object) => ({ vault_mount: { kv: { path: 'kv', type: 'kv', ...fields } } });
  const v2 = mount({ options: { version: '2' } });

  test.each(['kv/foo', 'kv/foo/*', 'kv/vishpat/+/x', 'kv/foo*', '/kv/foo', 'kv/Data/foo'])('finds %s', (path) => {
    const expected = at(path.replace(/^\//, ''));
    expect(found('kv-path-never-matches', policy(grant(path, 'read'), v2))).toEqual(expected);
    expect(found('kv-path-never-matches', policy(grant(path, 'deny'), mount({ type: 'kv-v2' })))).toEqual(expected);
  });

  test.each([
    ...['kv/data/foo', 'kv/metadata/*', 'kv/delete/x', 'kv/undelete/x', 'kv/destroy/x', 'kv/subkeys/x', 'kv/config'],
    ...['kv/*', 'kv/da*', 'kv/+/foo', 'kv/', 'kv', 'kvx/foo', 'secret/foo', 'kv/{{identity.entity.id}}/x'],
    `kv/\${var.unknown}/foo`,
  ])('is content with %s', (path) => {
    expect(found('kv-path-never-matches', policy(grant(path, 'read'), v2))).toEqual([]);
  });

  test.each([
    mount({ options: { version: '1' } }),
    mount({}),
    mount({ options: `\${var.unknown}` }),
    mount({ type: 'transit', options: { version: '2' } }),
    mount({ path: `\${var.unknown}`, type: 'kv-v2' }),
    mount({ type: 'kv-v2', namespace: 'team' }),
    { vault_mount: { ...v2.vault_mount, inner: { path: 'kv/foo', type: 'kv' } } },
  ])('is content with kv/foo/x beside %j', (more) => {
    expect(found('kv-path-never-matches', policy(grant('kv/foo/x', 'read'), more))).toEqual([]);
  });

  test('follows a reference to the mount', () => {
    expect(found('kv-path-never-matches', policy(grant(`\${vault_mount.kv.path}/foo`, 'read'), v2))).toEqual(
      at('kv/foo'),
    );
  });
});

describe('policy-path-never-matches', () => {
  test.each([
    'kv/*/a',
    'kv/a*b/*',
    'v1/kv/a',
    '/v1/kv/a',
    'v1/*',
    '//kv/a',
    'kv//a',
    'kv/a//*',
    `kv//\${var.x}`,
    `v1/\${var.x}`,
  ])('finds %s', (path) => {
    const shown = path.replace(/^\//, '').replace('var.x', '...');
    expect(found('policy-path-never-matches', policy(grant(path, 'read')))).toEqual(at(shown));
    expect(found('policy-path-never-matches', policy(grant(path, 'deny')))).toHaveLength(1);
  });

  test.each(['kv/a', '/kv/a', 'kv/v1/a', 'v1', 'v1*', 'v10/a', 'kv/a/', `\${var.x}/a`, `kv/\${var.x}/a`, '*'])(
    'is content with %s',
    (path) => {
      expect(found('policy-path-never-matches', policy(grant(path, 'read')))).toEqual([]);
    },
  );

  test.each([{ vault_mount: { v1: { path: 'v1/x', type: 'kv' } } }, { vault_namespace: { v1: { path: 'v1' } } }])(
    'is content with v1/kv/a beside %j',
    (more) => {
      expect(found('policy-path-never-matches', policy(grant('v1/kv/a', 'read'), more))).toEqual([]);
    },
  );
});

describe('a policy document', () => {
  const document = (rule: unknown, more = {}) => ({
    data: { vault_policy_document: { d: { rule } } },
    resource: { vault_policy: { p: { name: 'p', policy: `\${data.vault_policy_document.d.hcl}` } }, ...more },
  });
  const codes = (json: object) => lint(json).map(({ code, address, attribute }) => `${code} ${address} ${attribute}`);

  test.each([[[{ path: '*', capabilities: ['sudo'] }]], [{ path: '*', capabilities: ['sudo'] }]])(
    'is linted by its rules: %j',
    (rule) => {
      expect(codes(document(rule))).toEqual([
        'policy-sudo data.vault_policy_document.d rule',
        'policy-path-too-wide data.vault_policy_document.d rule',
      ]);
    },
  );

  test('has each of its rules read, and parts that are known', () => {
    const json = document([
      { path: 'kv/a', capabilities: ['read'] },
      { path: `kv/\${var.x}/a`, capabilities: ['sudo'] },
      { path: '/v1/kv/a', capabilities: ['read'] },
      { path: `\${var.x}`, capabilities: ['read'] },
    ]);
    const v2 = { vault_mount: { kv: { path: 'kv', type: 'kv-v2' } } };
    expect(lint({ ...json, resource: v2 })).toMatchObject([
      { code: 'policy-sudo', found: `kv/\${...}/a` },
      { code: 'policy-path-never-matches', found: 'v1/kv/a' },
      { code: 'kv-path-never-matches', found: 'kv/a' },
    ]);
  });

  test.each([
    `\${var.rules}`,
    [{ path: '*', capabilities: ['sudo', 'deny'] }],
    [{ path: '*', capabilities: ['sudo', `\${var.x}`] }],
    [{ path: '*', capabilities: `\${var.x}` }],
    [{ path: '*' }],
    [{ capabilities: ['sudo'] }],
    ['x'],
  ])('is content with %j', (rule) => {
    expect(lint(document(rule))).toEqual([]);
  });

  test('may be of a namespace whose engines are others', () => {
    const rule = { path: 'kv/a', capabilities: ['read'] };
    const kv = { path: 'kv', type: 'kv-v2' };
    const inner = { name: 'inner', namespace: 'team', policy: `\${data.vault_policy_document.d.hcl}` };
    expect(lint(document(rule, { vault_mount: { kv }, vault_policy: { inner } }))).toEqual([]);
  });

  test('of a plan is linted where it could not be read yet', () => {
    const data = (name: string) => ({
      address: `data.vault_policy_document.${name}`,
      mode: 'data',
      type: 'vault_policy_document',
      name,
    });
    const rule = [
      { path: '*', capabilities: ['sudo'] },
      { path: null, capabilities: ['sudo'] },
    ];
    const expressions = { rule: [{ path: { constant_value: '*' }, capabilities: { constant_value: ['sudo'] } }] };
    const plan = {
      format_version: '1.2',
      planned_values: { root_module: { resources: [{ ...data('later'), values: { rule } }] } },
      resource_changes: [
        {
          ...data('later'),
          change: { after_unknown: { hcl: true, rule: [{ capabilities: [false] }, { path: true }] } },
        },
      ],
      configuration: {
        root_module: { resources: [data('read'), data('later')].map((one) => ({ ...one, expressions })) },
      },
    };
    expect(codes(plan)).toEqual([
      'policy-sudo data.vault_policy_document.later rule',
      'policy-sudo data.vault_policy_document.later rule',
      'policy-path-too-wide data.vault_policy_document.later rule',
    ]);
  });
});

describe('name-in-path', () => {
  const alias = `{{identity.entity.aliases.\${vault_jwt_auth_backend.jwt.accessor}`;

  test.each([
    '{{identity.entity.aliases.auth_jwt_1.name}}',
    '{{ identity.entity.aliases.auth_jwt_1.metadata.team }}',
    `${alias}.name}}`,
    `${alias}.metadata.team}}`,
  ])('finds %s', (template) => {
    const path = `kv/data/${template}/*`;
    const shown = path.replace('vault_jwt_auth_backend.jwt.accessor', '...');
    expect(found('name-in-path', policy(grant(path, 'read')))).toEqual([
      { address: 'policy', attribute: 'policy', found: shown },
    ]);
    expect(found('name-in-path', policy(grant(path, 'deny')))).toEqual([]);
  });

  // Nobody but who administers Vault gives the others their values.
  test.each([
    'kv/data/{{identity.entity.id}}/*',
    'kv/data/{{identity.entity.name}}/*',
    'kv/data/{{identity.entity.aliases.auth_jwt_1.id}}/*',
    'kv/data/{{identity.entity.aliases.auth_jwt_1.custom_metadata.team}}/*',
    'kv/data/{{identity.groups.ids.1.name}}/x',
    'kv/data/name/*',
  ])('is content with %s', (path) => {
    expect(found('name-in-path', policy(grant(path, 'read')))).toEqual([]);
  });

  describe('where the name is an id of the vendor', () => {
    const github = { bound_issuer: 'https://token.actions.githubusercontent.com' };
    const finds = (template: string, { role = {}, backend = github }: { role?: object; backend?: object } = {}) => {
      const { resource } = login({ role: { ...role }, backend: { ...backend } }) as { resource: object };
      const { resource: policies } = policy(grant(`kv/data/${template}/*`, 'read')) as { resource: object };
      return found('name-in-path', { resource: { ...resource, ...policies } });
    };

    test('the rule finds nothing', () => {
      expect(finds(`${alias}.name}}`, { role: { user_claim: 'repository_id' } })).toEqual([]);
      const mapped = { claim_mappings: { repository_owner_id: 'owner' } };
      expect(finds(`${alias}.metadata.owner}}`, { role: mapped })).toEqual([]);
    });

    test.each([
      { role: { user_claim: 'sub' } },
      { role: { user_claim: 'repository_id' }, backend: {} },
      { role: { user_claim: 'repository_id', backend: 'elsewhere' } },
    ])('the rule finds it with %j', (login) => {
      expect(finds(`${alias}.name}}`, login)).toHaveLength(1);
    });

    test('the rule finds that of another auth method', () => {
      const role = { user_claim: 'repository_id' };
      expect(finds('{{identity.entity.aliases.auth_jwt_1.name}}', { role })).toHaveLength(1);
      const two = `${alias}.name}}/{{identity.entity.aliases.\${vault_ldap_auth_backend.l.accessor}.name}}`;
      expect(finds(two, { role })).toHaveLength(1);
      const written = `${alias}.name}}/{{identity.entity.aliases.auth_ldap_1.name}}`;
      expect(finds(written, { role })).toHaveLength(1);
    });
  });
});
