import { lint, lintCoverage } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';
import { bePatient } from '../../support/patience.js';

bePatient();

/** Where a document's findings of one code are. */
function addresses(json: unknown, code: string): string[] {
  return lint(json)
    .filter((finding) => finding.code === code)
    .map(({ address }) => address);
}

const sudo = 'path "sys/audit" { capabilities = ["sudo"] }';

describe('a configuration', () => {
  test('may hold its blocks in lists', () => {
    const json = {
      resource: [
        { vault_policy: { a: { name: 'a', policy: sudo } } },
        { vault_policy: [{ b: [{ name: 'b', policy: sudo }] }] },
      ],
      output: [{ token: [{ value: 'x' }] }],
      provider: [{ vault: [{ token: 'x' }, { alias: 'other' }] }],
    };
    expect(addresses(json, 'policy-sudo')).toEqual(['vault_policy.a', 'vault_policy.b']);
    expect(addresses(json, 'secret-looking-output')).toEqual(['output.token']);
    expect(addresses(json, 'secret-in-provider')).toEqual(['provider.vault']);
  });

  test('has its references resolved, by way of others too, and its escapes undone', () => {
    const json = {
      resource: {
        vault_mount: { kv: { path: `\${vault_policy.name.name}`, type: 'kv-v2' } },
        vault_policy: {
          name: { name: 'kv', policy: '' },
          reader: { name: 'reader', policy: `path "\${vault_mount.kv.path}/$\${x}" { capabilities = ["read"] }` },
        },
      },
    };
    expect(lint(json)).toMatchObject([{ code: 'kv-path-never-matches', found: `kv/\${x}` }]);
  });

  test('binds nothing by a null in a map, which the provider leaves out', () => {
    const json = (bounds: object) => ({
      resource: {
        vault_jwt_auth_backend: {
          github: { path: 'jwt', oidc_discovery_url: 'https://token.actions.githubusercontent.com' },
        },
        vault_jwt_auth_backend_role: {
          ci: {
            backend: `\${vault_jwt_auth_backend.github.path}`,
            role_name: 'ci',
            role_type: 'jwt',
            user_claim: 'repository_id',
            bound_audiences: ['https://vault.acme.example'],
            bound_claims: { ref: 'refs/heads/main', ...bounds },
          },
        },
      },
    });
    const role = 'vault_jwt_auth_backend_role.ci';
    expect(addresses(json({ repository_id: null }), 'no-tenant-bound')).toEqual([role]);
    expect(addresses(json({ repository_id: '74' }), 'no-tenant-bound')).toEqual([]);
  });

  test.each([
    { bound_claims: `\${local.claims}` },
    { bound_claims: { sub: `\${local.claims.sub}` } },
    { bound_claims: { sub: `\${local.claims["sub"]}` } },
    { bound_claims: { sub: `repo:\${local.owner}*` } },
    { bound_claims: { sub: `\${local.subjects[0]}` } },
    { bound_claims: `\${local.again}` },
  ])('has its locals followed in %j', (claims) => {
    const role = { role_type: 'jwt', token_max_ttl: 60, bound_claims_type: 'glob', ...claims };
    const json = {
      locals: [
        { owner: 'acme', claims: { sub: 'repo:acme*' } },
        { again: `\${local.claims}`, subjects: ['repo:acme*'] },
      ],
      resource: { vault_jwt_auth_backend_role: { r: role } },
    };
    expect(lint(json)).toMatchObject([{ code: 'glob-too-wide', found: 'repo:acme*' }]);
  });

  test('has policies and references to secrets in its locals followed', () => {
    const json = {
      locals: { p: 'path "*" { capabilities = ["sudo"] }', token: `\${vault_token.t.client_token}` },
      resource: { vault_policy: { a: { name: 'a', policy: `\${local.p}` } } },
      output: { x: { value: `\${local.token}` } },
    };
    expect(addresses(json, 'policy-sudo')).toEqual(['vault_policy.a']);
    expect(addresses(json, 'secret-looking-output')).toEqual(['output.x']);
  });

  test.each([
    `\${local.gone}`,
    `\${local.circle}`,
    `\${local.list[7]}`,
    `\${local.map.gone}`,
    `\${local.map.constructor}`,
    `\${upper(local.word)}`,
    `x\${local.map}`,
    `%{ if local.yes }*%{ endif }`,
  ])('leaves %s unknown', (value) => {
    const json = {
      locals: { circle: `\${local.circle}`, list: ['*'], map: { sub: '*' }, word: '*' },
      resource: {
        vault_jwt_auth_backend_role: {
          r: { role_type: 'jwt', token_max_ttl: 60, bound_claims_type: 'glob', bound_claims: { sub: value } },
        },
      },
    };
    expect(lint(json)).toEqual([]);
  });

  test('has what is behind an expression with quotes and braces in it read', () => {
    const policy = `path "kv/\${lookup({ a = "}" }, "a")}/*" { capabilities = ["sudo"] }`;
    const json = { resource: { vault_policy: { a: { name: 'a', policy } } } };
    expect(lint(json)).toMatchObject([{ code: 'policy-sudo', found: `kv/\${...}/*` }]);
  });

  test('whose references go round in a circle leaves them unknown', () => {
    const json = {
      resource: {
        vault_policy: {
          a: { name: 'a', policy: `\${vault_policy.b.policy}` },
          b: { name: 'b', policy: `\${vault_policy.a.policy}` },
          self: { name: 'self', policy: `\${vault_policy.self.policy}` },
        },
      },
    };
    expect(lint(json)).toEqual([]);
  });

  test('may use all of terraform’s blocks', () => {
    const blocks = [
      ...['action', 'check', 'data', 'ephemeral', 'import', 'list', 'locals', 'module', 'moved', 'output', 'provider'],
      ...['removed', 'resource', 'terraform', 'variable', '//'],
    ];
    expect(lint(Object.fromEntries(blocks.map((name) => [name, {}])))).toEqual([]);
  });

  test('is not changed by being linted', () => {
    const json = { resource: { vault_policy: { a: { name: `\${vault_policy.a.name}`, policy: sudo } } } };
    const before = structuredClone(json);
    lint(json);
    expect(json).toEqual(before);
  });
});

const planned = {
  format_version: '1.2',
  planned_values: {
    outputs: { db_password: { sensitive: true } },
    root_module: {
      resources: [
        {
          address: 'vault_policy.a["x"]',
          mode: 'managed',
          type: 'vault_policy',
          name: 'a',
          index: 'x',
          values: { name: 'a', policy: sudo },
        },
      ],
      child_modules: [
        {
          address: 'module.m["a.b"]',
          resources: [
            {
              address: 'module.m["a.b"].vault_jwt_auth_backend.jwt',
              mode: 'managed',
              type: 'vault_jwt_auth_backend',
              name: 'jwt',
              values: { path: 'ci', bound_issuer: 'https://gitlab.com', jwt_supported_algs: ['RS256'], jwks_url: null },
            },
            {
              address: 'module.m["a.b"].vault_jwt_auth_backend_role.r',
              mode: 'managed',
              type: 'vault_jwt_auth_backend_role',
              name: 'r',
              values: { bound_claims: { ref: 'main' }, bound_audiences: ['x', null], token_max_ttl: 60 },
            },
          ],
          child_modules: [
            {
              address: 'module.m["a.b"].module.inner',
              resources: [
                {
                  address: 'module.m["a.b"].module.inner.vault_policy.p',
                  mode: 'managed',
                  type: 'vault_policy',
                  name: 'p',
                  values: { name: 'p' },
                },
                {
                  address: 'module.m["a.b"].module.inner.vault_policy.q',
                  mode: 'managed',
                  type: 'vault_policy',
                  name: 'q',
                  values: { policy: '}' },
                },
              ],
            },
          ],
        },
      ],
    },
  },
  resource_changes: [
    {
      address: 'module.m["a.b"].vault_jwt_auth_backend_role.r',
      change: { after_unknown: { backend: true, role_type: true, bound_audiences: [false, true] } },
    },
    { address: 'module.m["a.b"].module.inner.vault_policy.p', change: { after_unknown: { policy: true } } },
  ],
  configuration: {
    provider_config: {
      vault: { name: 'vault', expressions: { token: { constant_value: 'planted-canary' } } },
      'm:vault': { name: 'vault', expressions: { token: { references: ['var.token'] } } },
    },
    root_module: {
      outputs: { db_password: { expression: { references: [] } } },
      resources: [
        { address: 'vault_policy.a', type: 'vault_policy', name: 'a', expressions: {} },
        {
          address: 'data.vault_generic_secret.s',
          mode: 'data',
          type: 'vault_generic_secret',
          name: 's',
          expressions: {},
        },
      ],
      module_calls: {
        m: {
          module: {
            resources: [
              {
                address: 'vault_jwt_auth_backend_role.r',
                expressions: {
                  backend: { references: ['vault_jwt_auth_backend.jwt.id', 'vault_jwt_auth_backend.jwt'] },
                },
              },
              { address: 'data.vault_kv_secret_v2.s', mode: 'data', type: 'vault_kv_secret_v2', name: 's' },
            ],
            module_calls: {
              inner: {
                module: {
                  resources: [{ address: 'vault_policy.p', expressions: { policy: { references: ['var.p'] } } }],
                },
              },
            },
          },
        },
      },
    },
  },
};

describe('a plan', () => {
  test('is linted with its modules; what it does not know gives no findings, what nobody wrote is not set', () => {
    expect(lint(planned).map(({ code, address }) => `${code} ${address}`)).toEqual([
      'no-tenant-bound module.m["a.b"].vault_jwt_auth_backend_role.r',
      'role-type-default module.m["a.b"].vault_jwt_auth_backend_role.r',
      'policy-unparsable module.m["a.b"].module.inner.vault_policy.q',
      'policy-sudo vault_policy.a["x"]',
      'secret-in-state data.vault_generic_secret.s',
      'secret-in-state module.m.data.vault_kv_secret_v2.s',
      'secret-in-provider provider.vault',
      'secret-looking-output output.db_password',
    ]);
    expect(JSON.stringify(lint(planned))).not.toContain('planted-canary');
  });

  test('without its configuration leaves unknown whether somebody wrote a value', () => {
    const { configuration: _, ...alone } = planned;
    expect(addresses(alone, 'role-type-default')).toEqual([]);
    expect(addresses(alone, 'policy-sudo')).toEqual(['vault_policy.a["x"]']);
  });
});

describe.each([
  ['null', null, 'the document is not an object'],
  ['a list', [], 'the document is not an object'],
  ['text', 'resource', 'the document is not an object'],
  ['an empty object', {}, 'it is empty'],
  ['package.json', { name: 'x', version: '1' }, 'it has a block "name"'],
  ['an empty list of resources', { resource: [] }, '"resource" is an empty list'],
  ['resources that are text', { resource: 'x' }, '"resource" is not an object'],
  ['a type that is text', { resource: { vault_policy: 'x' } }, '"resource.vault_policy" is not an object'],
  ['a resource that is text', { resource: { vault_policy: { a: 'x' } } }, '"resource.vault_policy.a" is not an object'],
  ['resources with text among them', { resource: [{ vault_policy: [{ a: [{}] }, 7] }] }, 'is not an object'],
  ['a data source that is null', { data: { vault_kv_secret: { a: null } } }, '"data.vault_kv_secret.a"'],
  ['an output that is text', { output: { a: 'x' } }, '"output.a" is not an object'],
  ['a provider that is text', { provider: { vault: 'x' } }, '"provider.vault" is not an object'],
  ['locals that are text', { locals: 'x' }, '"locals" is not an object'],
  ['a state', { format_version: '1.0', values: { root_module: {} } }, 'it is a state'],
  ['a plan without planned values', { format_version: '1.0' }, 'it has no "planned_values"'],
])('%s', (_what, json, reason) => {
  test('is refused with the reason', () => {
    expect(() => lint(json)).toThrow(
      expect.objectContaining({ code: 'not_terraform_json', message: expect.stringContaining(reason) }),
    );
  });
});

const configured = {
  '//': { vaultproof: { allow: { 'policy-sudo': 'audited' } } },
  provider: { vault: [{ token: 'x', auth_login: [{ parameters: { password: 'x' } }] }] },
  data: { vault_kv_secret_v2: { s: { name: 's' } } },
  resource: {
    vault_jwt_auth_backend: {
      jwt: { path: 'jwt', jwks_url: 'u', jwt_supported_algs: ['ES256'], tune: [{ max_lease_ttl: '1h' }] },
    },
    vault_jwt_auth_backend_role: {
      r: {
        '//': { metadata: { path: 'a/b' }, vaultproof: { allow: { 'comma-split': 'two' } } },
        depends_on: ['vault_policy.p'],
        backend: `\${vault_jwt_auth_backend.jwt.path}`,
        bound_claims: { sub: 'repo:a*,b' },
        bound_claims_type: 'glob',
        bound_subject: 'x*',
        token_policies: ['root', 'x'],
        user_claim: 'email',
      },
    },
    vault_generic_endpoint: { e: { path: 'auth/jwt/role/e', data_json: `\${jsonencode({ user_claim = "sub" })}` } },
    vault_mount: { kv: { path: 'kv', type: 'kv', options: { version: '2' } } },
    vault_policy: { p: { name: 'p', policy: 'path "kv/a" { capabilities = ["sudo"] }' } },
    consul_acl_auth_method: { c: { config: { a: 'b' } } },
  },
  output: { token: { value: `\${vault_policy.p.id}` } },
};

/** Every copy of a value with one value in it replaced. */
function* broken(value: unknown, odd: unknown): Generator<unknown> {
  yield odd;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    for (const replaced of broken(member, odd)) {
      if (Array.isArray(value)) yield value.map((one, index) => (String(index) === key ? replaced : one));
      else yield { ...value, [key]: replaced };
    }
  }
}

describe('a document with one odd value in it, wherever it is', () => {
  const odd = [
    null,
    true,
    7,
    '',
    'x',
    `\${`,
    `\${x}`,
    [],
    [null],
    [[]],
    [{}],
    {},
    { x: null },
    { '//': 'x' },
    { constant_value: 1 },
  ];

  test.each([
    ['a configuration', configured],
    ['a plan', planned],
  ])(
    '%s gives findings or is refused as no Terraform JSON, and nothing else',
    (_what, document) => {
      let linted = 0;
      for (const value of odd) {
        for (const json of broken(document, value)) {
          linted++;
          try {
            lint(json);
            lintCoverage(json);
          } catch (error) {
            expect(error).toMatchObject({ code: 'not_terraform_json' });
          }
        }
      }
      expect(linted).toBeGreaterThan(500);
    },
    30_000,
  );
});
