import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accessDiff, readAccess, vaultAcl, whatCan, whoCan } from 'vaultproof/access';
import { describe, expect, test } from 'vitest';
import { bePatient } from '../../support/patience.js';
import { folderWith, temporaryFolder } from '../../support/temporary-folder.js';

bePatient();

const backend = { jwt: { path: 'ci', bound_issuer: 'https://ci.example', jwks_url: 'https://ci.example/jwks' } };

interface Declared {
  readonly roles?: Readonly<Record<string, object>>;
  readonly policies?: Readonly<Record<string, object>>;
  readonly more?: object;
}

/** A configuration in Terraform's JSON with roles and policies by their names. */
function declared({ roles = {}, policies = {}, more = {} }: Declared): readonly unknown[] {
  const role = (name: string, fields: object): object => ({
    backend: `\${vault_jwt_auth_backend.jwt.path}`,
    role_name: name,
    role_type: 'jwt',
    bound_audiences: ['vault'],
    user_claim: 'sub',
    token_policies: ['app'],
    ...fields,
  });
  const resource = {
    vault_jwt_auth_backend: backend,
    vault_jwt_auth_backend_role: Object.fromEntries(
      Object.entries(roles).map(([name, one]) => [name, role(name, one)]),
    ),
    vault_policy: Object.fromEntries(Object.entries(policies).map(([name, one]) => [name, { name, ...one }])),
    ...more,
  };
  return [{ resource }];
}

const app = { app: { policy: 'path "kv/data/app/*" { capabilities = ["read"] }' } };
const path = 'kv/data/app/db';

test('who: the roles whose policies grant it, with conditions and an example', async () => {
  const roles = {
    main: { bound_claims: { ref: 'refs/heads/main, refs/heads/release-*' }, bound_claims_type: 'glob' },
    other: { token_policies: ['else'] },
  };
  const access = await readAccess(declared({ roles, policies: app }));
  expect(whoCan(access, { path, capability: 'read' })).toEqual({
    who: [
      {
        mount: 'ci',
        role: 'main',
        policies: ['app'],
        conditions: [
          'iss is "https://ci.example"',
          'aud has "vault"',
          'ref matches one of "refs/heads/main", "refs/heads/release-*"',
          'sub is a string',
        ],
        example: { iss: 'https://ci.example', aud: 'vault', ref: 'refs/heads/main', sub: 'x' },
      },
    ],
    undecided: ['vault_jwt_auth_backend_role.other: the policy "else" is not declared'],
  });
  expect(whoCan(access, { path, capability: 'update' }).who).toEqual([]);
});

test('who: a role that no token can log in to is left out', async () => {
  const roles = { none: { bound_subject: 'a', bound_claims: { sub: 'b' } } };
  const access = await readAccess(declared({ roles, policies: app }));
  expect(whoCan(access, { path, capability: 'read' }).who).toEqual([]);
});

test('can: what a token may do at each role, and why others refuse it', async () => {
  const roles = {
    a: {},
    b: { bound_claims: { ref: 'x' } },
    c: { role_type: 'oidc', allowed_redirect_uris: ['http://x'] },
  };
  const access = await readAccess(declared({ roles, policies: app }));
  const claims = { iss: 'https://ci.example', aud: ['vault'], sub: 'me' };
  expect(whatCan(access, claims)).toEqual({
    logins: [{ mount: 'ci', role: 'a', policies: ['app'], paths: { 'kv/data/app/*': ['read'] } }],
    refused: [
      { mount: 'ci', role: 'b', code: 'claim_missing', claim: 'ref' },
      { mount: 'ci', role: 'c', code: 'role_type_mismatch' },
    ],
    undecided: [],
  });
  expect(whatCan(access, claims, 'B').refused).toHaveLength(1);
});

test('can: claims within "claims" are refused, unless a token may have them', async () => {
  const access = await readAccess(declared({ roles: { a: {} }, policies: app }));
  const claims = { iss: 'https://ci.example', aud: 'vault', sub: 'me' };
  expect(() => whatCan(access, { claims })).toThrow('there is no "iss", "sub" or "aud": give the claims themselves');
  expect(() => whatCan(access, { claims, role: 'a' })).toThrow(TypeError);
  expect(whatCan(access, { ...claims, claims: { team: 'a' } }).logins).toHaveLength(1);
  expect(whatCan(access, { claims: 'a' }).refused).toHaveLength(1);
});

describe('undecided, by name', () => {
  test.each([
    [
      'a role without a type, which no server writes',
      { roles: { a: { role_type: undefined } } },
      'vault_jwt_auth_backend_role.a: it has no "role_type": the default is "oidc", and a server refuses to write such a role without "allowed_redirect_uris"',
    ],
    [
      'a bound',
      { roles: { a: { bound_claims: `\${var.claims}` } } },
      'vault_jwt_auth_backend_role.a: "bound_claims" is not known (var.claims)',
    ],
    [
      'a policy',
      { policies: { app: { policy: `\${file("x")}` } } },
      'vault_policy.app: what the policy "app" grants is not known (file())',
    ],
    [
      'a path',
      { policies: { app: { policy: `path "\${var.x}/a" { capabilities = ["read"] }` } } },
      `vault_policy.app: policy "app", path "\${...}/a": its path is not known before Terraform runs`,
    ],
    [
      'a policy that Vault refuses',
      { policies: { app: { policy: 'path "a" { capabilities = ["write"] }' } } },
      `vault_policy.app: policy "app" can't be read: path "a" has the unknown capability "write"`,
    ],
    [
      'a role that is declared twice',
      { roles: { a: {}, b: { role_name: 'A' } } },
      'vault_jwt_auth_backend_role.b: the role "a" at "ci" is declared by vault_jwt_auth_backend_role.a, too',
    ],
    [
      'an invalid address',
      { roles: { a: { token_bound_cidrs: ['10.0.0.0/8', 'localhost'] } } },
      'vault_jwt_auth_backend_role.a: "token_bound_cidrs" has "localhost", which is neither an address nor a CIDR block',
    ],
    [
      'addresses that are not known',
      { roles: { a: { token_bound_cidrs: [`\${var.cidr}`] } } },
      'vault_jwt_auth_backend_role.a: "token_bound_cidrs" is not known (var.cidr)',
    ],
    [
      'an external group without an alias',
      { more: { vault_identity_group: { g: { name: 'g', type: 'external', policies: ['app'] } } } },
      'vault_identity_group.g: no alias of it is declared, and who has its policies is not known',
    ],
    [
      'an entity without an alias',
      { more: { vault_identity_entity: { e: { name: 'e', policies: ['app'] } } } },
      'vault_identity_entity.e: no alias of it is declared, and who has its policies is not known',
    ],
    [
      'an entity that is looked up',
      {
        more: {
          vault_identity_entity_policies: {
            p: { entity_id: `\${data.vault_identity_entity.e.id}`, policies: ['app'] },
          },
        },
      },
      'vault_identity_entity_policies.p: its entity is not known',
    ],
    [
      'members that are not known',
      {
        more: {
          vault_identity_group: { g: { name: 'g', policies: ['app'], member_entity_ids: [`\${var.entity}`] } },
        },
      },
      'vault_identity_group.g: "member_entity_ids" is not known, and who has the policies of its group by it is left out',
    ],
    [
      'an alias whose name is not known',
      {
        more: {
          vault_identity_entity: { e: { name: 'e' } },
          vault_identity_entity_alias: {
            e: {
              name: `\${var.name}`,
              mount_accessor: `\${vault_jwt_auth_backend.jwt.accessor}`,
              canonical_id: `\${vault_identity_entity.e.id}`,
            },
          },
        },
      },
      'vault_identity_entity_alias.e: its name, its entity or its auth method is not known',
    ],
    [
      'an entity that is disabled',
      {
        more: {
          vault_identity_entity: { e: { name: 'e', disabled: true } },
          vault_identity_entity_alias: {
            e: {
              name: 'me',
              mount_accessor: `\${vault_jwt_auth_backend.jwt.accessor}`,
              canonical_id: `\${vault_identity_entity.e.id}`,
            },
          },
        },
      },
      'vault_identity_entity.e: it is disabled, and Vault refuses its logins',
    ],
  ])('%s', async (_what, what, said) => {
    const access = await readAccess(declared({ policies: app, ...what }));
    expect(access.undecided).toContain(said);
  });
});

describe('a policy of a provider with a namespace of its own', () => {
  const policiesIn = async (...source: Parameters<typeof readAccess>) => [
    ...(await readAccess(...source)).policies.keys(),
  ];
  const providers = (namespace: string) => ({ provider: { vault: [{}, { alias: 'team', namespace }] } });
  const policy = { provider: 'vault.team', name: 'p', policy: 'path "kv/data/app" { capabilities = ["read"] }' };

  test.each([
    ['another', 'team', ['team/p']],
    ['that of the others', '', ['p']],
  ])('in Terraform JSON, with %s', async (_what, namespace, policies) => {
    const resource = { vault_policy: { p: policy } };
    expect(await policiesIn([{ ...providers(namespace), resource }])).toEqual(policies);
  });

  test('in HCL, with all providers in one', async () => {
    const folder = await temporaryFolder();
    const both = ['', '  alias = "team"\n'].map((alias) => `provider "vault" {\n${alias}  namespace = "admin"\n}\n`);
    const given = 'module "m" {\n  source = "./m"\n  providers = { vault = vault.team }\n}\n';
    await mkdir(join(folder, 'm'));
    await writeFile(join(folder, 'main.tf'), both.join('') + given);
    await writeFile(join(folder, 'm', 'main.tf'), 'resource "vault_policy" "p" {\n  name = "p"\n  policy = ""\n}\n');
    expect(await policiesIn(folder)).toEqual(['p']);

    await writeFile(join(folder, 'main.tf'), both.join('').replace('"admin"', '"other"') + given);
    expect(await policiesIn(folder)).toEqual(['admin/p']);
  });

  test('in a plan', async () => {
    const values = { name: 'p', policy: policy.policy };
    const at = { address: 'vault_policy.p', mode: 'managed', type: 'vault_policy', name: 'p' };
    const plan = (expression: object) => ({
      format_version: '1.2',
      planned_values: { root_module: { resources: [{ ...at, values }] } },
      configuration: {
        provider_config: {
          vault: { name: 'vault' },
          'vault.team': { name: 'vault', alias: 'team', expressions: { namespace: expression } },
        },
        root_module: { resources: [{ ...at, provider_config_key: 'vault.team', expressions: {} }] },
      },
    });
    expect(await policiesIn([plan({ constant_value: 'team' })])).toEqual(['team/p']);
    expect((await readAccess([plan({ references: ['var.team'] })])).undecided).toEqual([
      'vault_policy.p: its namespace is not known (that of "vault.team": known after apply)',
    ]);
    expect(await policiesIn([plan({ constant_value: '' })])).toEqual(['p']);
  });
});

describe('groups that a claim names', () => {
  const more = {
    vault_identity_group: {
      eng: { name: 'eng', type: 'external', policies: ['app'] },
      all: { name: 'all', policies: ['base'], member_group_ids: [`\${vault_identity_group.eng.id}`] },
    },
    vault_identity_group_alias: {
      eng: {
        name: 'Engineering',
        mount_accessor: `\${vault_jwt_auth_backend.jwt.accessor}`,
        canonical_id: `\${vault_identity_group.eng.id}`,
      },
    },
  };
  const policies = { ...app, base: { policy: 'path "kv/data/base" { capabilities = ["list"] }' } };
  const roles = { a: { groups_claim: 'groups', token_policies: [] }, b: { token_policies: [] } };
  const claims = { iss: 'https://ci.example', aud: 'vault', sub: 'me' };

  test('can: a token gets the policies of its groups, and of the groups that these are in', async () => {
    const access = await readAccess(declared({ roles, policies, more }));
    expect(access.undecided).toEqual([]);
    const { logins } = whatCan(access, { ...claims, groups: ['engineering', 'other'] });
    expect(logins).toEqual([
      {
        mount: 'ci',
        role: 'a',
        policies: ['app', 'base'],
        paths: { 'kv/data/app/*': ['read'], 'kv/data/base': ['list'] },
      },
      { mount: 'ci', role: 'b', policies: [], paths: {} },
    ]);
    expect(whatCan(access, { ...claims, groups: ['other'] }).logins[0]?.policies).toEqual([]);
  });

  test('who: a role by a group, with the group in the conditions and the example', async () => {
    const access = await readAccess(declared({ roles, policies, more }));
    const { who } = whoCan(access, { path, capability: 'read' });
    expect(who).toMatchObject([{ role: 'a', policies: ['app', 'base'], example: { groups: ['Engineering'] } }]);
    expect(who[0]?.conditions.at(-1)).toBe('groups has "Engineering"');
  });

  test('diff: what a group gains is shown by a token that is in it', async () => {
    const base = await readAccess(
      declared({ roles, policies, more: { ...more, vault_identity_group: { eng: eng([]) } } }),
    );
    const head = await readAccess(
      declared({ roles, policies, more: { ...more, vault_identity_group: { eng: eng(['app']) } } }),
    );
    expect(accessDiff(base, head)).toEqual({
      widened: [
        {
          ...{ kind: 'access', mount: 'ci', role: 'a', path: 'kv/data/app/x', capability: 'read' },
          witness: { claims: { groups: ['Engineering'], iss: 'https://ci.example', aud: 'vault', sub: 'x' } },
        },
      ],
      narrowed: [],
      undecided: [],
      mayWiden: [],
    });
    expect(accessDiff(head, head)).toEqual({ widened: [], narrowed: [], undecided: [], mayWiden: [] });
  });
});

const eng = (names: readonly string[]): object => ({ name: 'eng', type: 'external', policies: names });

describe('entities by the user claim', () => {
  const id = (type: string, name: string): string => `\${${type}.${name}.id}`;
  const more = {
    vault_identity_entity: { alice: { name: 'alice', policies: ['app'] }, bob: { name: 'bob' } },
    vault_identity_entity_alias: Object.fromEntries(
      ['alice', 'bob'].map((name) => [
        name,
        {
          name: `${name}@acme.example`,
          mount_accessor: `\${vault_jwt_auth_backend.jwt.accessor}`,
          canonical_id: id('vault_identity_entity', name),
        },
      ]),
    ),
    vault_identity_group: {
      team: { name: 'team', policies: ['base'], member_entity_ids: [id('vault_identity_entity', 'bob')] },
      no: { name: 'no', external_member_entity_ids: true, policies: ['no'] },
    },
    vault_identity_group_member_entity_ids: {
      no: { group_id: id('vault_identity_group', 'no'), member_entity_ids: [id('vault_identity_entity', 'bob')] },
    },
  };
  const policies = {
    ...app,
    base: { policy: 'path "kv/data/base" { capabilities = ["list"] }' },
    no: { policy: 'path "kv/data/own" { capabilities = ["deny"] }' },
    own: { policy: 'path "kv/data/own" { capabilities = ["read"] }' },
  };
  const roles = { a: { token_policies: ['own'] } };
  const claims = { iss: 'https://ci.example', aud: 'vault' };

  test('can: a token gets the policies of its entity and of the groups that the entity is a member of', async () => {
    const access = await readAccess(declared({ roles, policies, more }));
    expect(access.undecided).toEqual([]);
    const policiesFor = (sub: string) => whatCan(access, { ...claims, sub }).logins[0]?.policies;
    expect(policiesFor('Alice@acme.example')).toEqual(['own', 'app']);
    expect(policiesFor('bob@acme.example')).toEqual(['own', 'base', 'no']);
    expect(policiesFor('else')).toEqual(['own']);
  });

  test('who: a role by an entity, and without those who lose it', async () => {
    const access = await readAccess(declared({ roles, policies, more }));
    expect(whoCan(access, { path, capability: 'read' }).who).toMatchObject([
      { policies: ['own', 'app'], example: { sub: 'alice@acme.example' } },
    ]);
    const [first] = whoCan(access, { path, capability: 'read' }).who;
    expect(first?.conditions).toEqual([
      ...['iss is "https://ci.example"', 'aud has "vault"', 'sub is "alice@acme.example"'],
    ]);
    const [others, ...more_] = whoCan(access, { path: 'kv/data/own', capability: 'read' }).who;
    expect(more_).toEqual([]);
    expect(others?.conditions.slice(-2)).toEqual(['sub is a string', 'sub is not "bob@acme.example"']);
  });

  test('diff: a policy of an entity, and a member of a group, with the entity in the witness', async () => {
    const { bob: _bob, ...without } = more.vault_identity_entity_alias;
    const base = await readAccess(
      declared({ roles, policies, more: { ...more, vault_identity_entity_alias: without } }),
    );
    const head = await readAccess(declared({ roles, policies, more }));
    const { widened, narrowed } = accessDiff(base, head);
    const shown = (all: typeof widened) =>
      all.map(({ kind, capability, path: at, witness }) => [kind, capability, at, witness.claims['sub']]);
    expect(shown(widened)).toEqual([['access', 'list', 'kv/data/base', 'bob@acme.example']]);
    expect(shown(narrowed)).toEqual([['access', 'read', 'kv/data/own', 'bob@acme.example']]);
  });
});

describe('bound addresses', () => {
  const roles = (...token_bound_cidrs: readonly string[]) => ({ a: { token_bound_cidrs } });
  const read = (...cidrs: readonly string[]) => readAccess(declared({ roles: roles(...cidrs), policies: app }));

  test('who and can say from where', async () => {
    const access = await read('10.0.0.0/8', '2001:db8::/32');
    expect(access.undecided).toEqual([]);
    const [found] = whoCan(access, { path, capability: 'read' }).who;
    expect(found?.from).toEqual(['10.0.0.0/8', '2001:db8::/32']);
    expect(found?.conditions.at(-1)).toBe('from 10.0.0.0/8, 2001:db8::/32');
    const claims = { iss: 'https://ci.example', aud: 'vault', sub: 'me' };
    expect(whatCan(access, claims).logins).toMatchObject([{ role: 'a', from: ['10.0.0.0/8', '2001:db8::/32'] }]);
  });

  test.each<[readonly string[], readonly string[], string | undefined, string | undefined]>([
    [['10.0.0.0/8'], ['10.0.0.0/8', '192.168.0.0/16'], '192.168.0.1', undefined],
    [['10.0.0.0/8'], ['10.0.0.0/7'], '11.0.0.1', undefined],
    [['10.0.0.0/8'], [], '127.0.0.1', undefined],
    [['127.0.0.0/8'], ['127.0.0.1'], undefined, '127.0.0.3'],
    [['2001:db8::/32'], ['2001:db8::/33'], undefined, '2001:db8:8000::1'],
    [['10.0.0.0/8'], ['10.0.0.0/9', '10.128.0.0/9'], undefined, undefined],
    [['10.0.0.0/8'], ['10.9.9.9/8', '10.0.0.7'], undefined, undefined],
    [[], ['0.0.0.0/0', '::/0'], undefined, undefined],
  ])('diff: from %j to %j', async (before, after, widens, narrows) => {
    const { widened, narrowed, undecided } = accessDiff(await read(...before), await read(...after));
    const addresses = (all: typeof widened) => all.map(({ kind, witness }) => [kind, witness.address]);
    const both = (address?: string) =>
      address === undefined ? [] : ['login', 'access'].map((kind) => [kind, address]);
    expect([addresses(widened), addresses(narrowed), undecided]).toEqual([both(widens), both(narrows), []]);
  });

  test('diff: addresses that another role has already are no difference', async () => {
    const two = { a: { token_bound_cidrs: ['10.0.0.0/9'] }, b: { token_bound_cidrs: ['10.128.0.0/9'] } };
    const base = await readAccess(declared({ roles: two, policies: app }));
    expect(accessDiff(base, await read('10.0.0.0/8'))).toEqual({
      widened: [],
      narrowed: [],
      undecided: [],
      mayWiden: [],
    });
  });
});

test('the policy "default" counts where it is declared, for all roles that do not leave it out', async () => {
  const policies = { ...app, default: { policy: 'path "kv/data/shared" { capabilities = ["read"] }' } };
  const roles = {
    a: {},
    b: { token_no_default_policy: true },
    c: { token_no_default_policy: true, token_policies: ['default'] },
  };
  const access = await readAccess(declared({ roles, policies }));
  const { who } = whoCan(access, { path: 'kv/data/shared', capability: 'read' });
  expect(who.map(({ role, policies: names }) => [role, names])).toEqual([
    ['a', ['app', 'default']],
    ['c', ['default']],
  ]);
  const without = await readAccess(declared({ roles, policies: app }));
  expect(without.logins.map((login) => login.policies)).toEqual([['app'], ['app'], []]);
  expect(accessDiff(without, access).widened.map(({ role, path: at }) => [role, at])).toEqual([
    ['a', 'kv/data/shared'],
    ['c', 'kv/data/shared'],
  ]);
});

test('a policy document counts as the policy that is made of it', async () => {
  const rule = [{ path: 'kv/data/app/*', capabilities: ['update'], allowed_parameter: [{ key: 'a', value: ['x'] }] }];
  const [one] = declared({ roles: { a: {} }, policies: { app: { policy: `\${data.vault_policy_document.app.hcl}` } } });
  const access = await readAccess([{ ...(one as object), data: { vault_policy_document: { app: { rule } } } }]);
  expect(access.undecided).toEqual([]);
  expect(whoCan(access, { path, capability: 'update' }).who).toHaveLength(1);
  expect(access.policies.get('app')?.rules[0]?.allowedParameters).toEqual(new Map([['a', ['x']]]));
});

test('all stacks of a cdktf.out are read together, and a root module may have a folder "stacks"', async () => {
  const folder = await temporaryFolder();
  const write = async (name: string, json: unknown): Promise<void> => {
    await mkdir(join(folder, 'stacks', name), { recursive: true });
    await writeFile(join(folder, 'stacks', name, 'cdk.tf.json'), JSON.stringify(json));
  };
  await writeFile(join(folder, 'main.tf'), 'resource "vault_policy" "p" {\n  name   = "p"\n  policy = ""\n}\n');
  await mkdir(join(folder, 'stacks'));
  expect([...(await readAccess(folder)).policies.keys()]).toEqual(['p']);
  await write('logins', declared({ roles: { a: {} } })[0]);
  await write('policies', { resource: { vault_policy: { app: { name: 'app', policy: app.app.policy } } } });
  const access = await readAccess(folder);
  expect(access.undecided).toEqual([]);
  expect(whoCan(access, { path, capability: 'read' }).who).toHaveLength(1);
});

test('10,000 roles, and one with 40 globs for a claim, are read', async () => {
  const roles = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [`r${index}`, { bound_subject: `s${index}` }]),
  );
  const globs = Array.from({ length: 40 }, (_, index) => `a*b${index}*c`).join(',');
  const access = await readAccess(
    declared({
      roles: { ...roles, globs: { bound_claims: { ref: globs }, bound_claims_type: 'glob' } },
      policies: app,
    }),
  );
  expect(whoCan(access, { path, capability: 'read' }).who).toHaveLength(10_001);
});

test.each([
  ['a path that is not there', 'no/such/folder', 'configuration_not_found'],
  ['a file that is not JSON', 'package.json.md', 'configuration_not_found'],
  ['a document that is not Terraform', 'package.json', 'not_terraform_json'],
])('%s is refused', async (_what, source, code) => {
  await expect(readAccess(source)).rejects.toMatchObject({ code });
});

describe('two stacks', () => {
  const stack = (path: string, role: string): unknown => ({
    resource: {
      vault_jwt_auth_backend: { jwt: { path, jwks_url: 'https://ci.example/jwks' } },
      vault_jwt_auth_backend_role: {
        ci: {
          ...{ backend: `\${vault_jwt_auth_backend.jwt.path}`, role_name: role, role_type: 'jwt', user_claim: 'sub' },
          ...{ bound_audiences: ['vault'], token_policies: ['app'] },
        },
      },
    },
  });

  test('with the same addresses are kept apart', async () => {
    const access = await readAccess([stack('one', 'a'), stack('two', 'b')]);
    expect(access.logins.map(({ mount, role }) => [mount, role])).toEqual([
      ['one', 'a'],
      ['two', 'b'],
    ]);
  });

  test("are told apart by a stack's name", async () => {
    const named = (stackName: string) => ({ ...Object(stack('one', 'a')), '//': { metadata: { stackName } } });
    expect((await readAccess([named('here'), named('there')])).logins.map(({ address }) => address)).toEqual([
      'vault_jwt_auth_backend_role.ci',
      'stack "there": vault_jwt_auth_backend_role.ci',
    ]);
  });

  test('that claim one mount, or one role by names that differ by case, are named', async () => {
    const { undecided } = await readAccess([stack('one', 'a'), stack('/one/', 'A')]);
    expect(undecided).toContain(
      'document 2: vault_jwt_auth_backend.jwt: the auth method at "one" is declared by vault_jwt_auth_backend.jwt, too',
    );
    expect(undecided).toContain(
      'document 2: vault_jwt_auth_backend_role.ci: the role "a" at "one" is declared by vault_jwt_auth_backend_role.ci, too',
    );
  });

  test('that declare one policy by names that differ by case are named', async () => {
    const policy = (name: string): unknown => ({ resource: { vault_policy: { p: { name, policy: '' } } } });
    const { undecided } = await readAccess([policy('app'), policy('App')]);
    expect(undecided).toEqual(['document 2: vault_policy.p: the policy "app" is declared twice']);
  });

  test('that declare one auth method of Consul are named', async () => {
    const config_json = JSON.stringify({ BoundAudiences: ['consul'] });
    const method = { resource: { consul_acl_auth_method: { m: { name: 'ci', type: 'jwt', config_json } } } };
    expect((await readAccess([method, method])).undecided).toEqual([
      'document 2: consul_acl_auth_method.m: the auth method "ci" is declared by consul_acl_auth_method.m, too',
    ]);
  });
});

test.each([[null], [[]], ['sub'], [undefined]])('claims that are %j are refused', async (claims) => {
  const access = await readAccess(declared({ roles: { a: {} } }));
  expect(() => whatCan(access, claims as unknown as Record<string, unknown>)).toThrow(/the claims must be an object/);
});

test('a difference in one of 40 globs, and in one of 10,000 roles, is found', async () => {
  const globs = Array.from({ length: 40 }, (_, index) => `team-${index}/*`);
  const withGlobs = (ref: readonly string[]) =>
    readAccess(
      declared({ roles: { a: { bound_claims: { ref: ref.join(',') }, bound_claims_type: 'glob' } }, policies: app }),
    );
  const { widened } = accessDiff(await withGlobs(globs.slice(1)), await withGlobs(globs));
  expect(widened[0]).toMatchObject({ kind: 'login', role: 'a', witness: { claims: { ref: 'team-0/' } } });
  const roles = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [`r${index}`, { bound_subject: `s${index}` }]),
  );
  const base = await readAccess(declared({ roles, policies: app }));
  const head = await readAccess(declared({ roles: { ...roles, r7: { bound_subject: 'other' } }, policies: app }));
  const found = accessDiff(base, head);
  expect(found.widened.map(({ kind, role }) => [kind, role])).toEqual([
    ['login', 'r7'],
    ['access', 'r7'],
  ]);
  expect(found.narrowed).toHaveLength(2);
});

test.each([
  [{ ClaimMappings: { a: 'x', b: 'x' } }, 'two claims are mapped to "x", and Consul takes either'],
  [{ ClaimMappings: { exp: 'end' } }, 'it maps "exp", which is set when a token is signed'],
  [{ ClaimMappings: { '/job': 'job', '/job/env': 'env' } }, 'it maps a claim and "/job/env", a part of it'],
  [{ BoundIssuer: `\${var.issuer}` }, '"BoundIssuer" is not known (a template)'],
])('an auth method of Consul with %j is undecided, by name', async (config, says) => {
  const block = { name: 'ci', type: 'jwt', config_json: JSON.stringify({ BoundAudiences: ['consul'], ...config }) };
  const { consul, undecided } = await readAccess([{ resource: { consul_acl_auth_method: { ci: block } } }]);
  expect(consul?.logins).toEqual([]);
  expect(undecided).toEqual([expect.stringContaining(`consul_acl_auth_method.ci: ${says.split(' (')[0]}`)]);
});

describe('a sensitive value is in no answer', () => {
  const SECRET = 'TOPSECRET-2';
  const role = `
variable "pw" {
  type      = string
  sensitive = true
}
resource "vault_jwt_auth_backend_role" "r" {
  backend         = "jwt"
  role_name       = "r"
  role_type       = "jwt"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  bound_claims    = { key = var.pw }
  token_policies  = ["p"]
}
resource "vault_policy" "p" {
  name   = "p"
  policy = "path \\"kv/\${var.pw}\\" { capabilities = [\\"read\\"] }\\n"
}
`;

  async function accessOf(value: string) {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'main.tf'), role);
    await writeFile(join(folder, 'terraform.tfvars'), `pw = "${value}"\n`);
    return readAccess(folder);
  }

  test('of HCL: it is undecided, and a change of it may be a widening', async () => {
    const [one, other] = [await accessOf(SECRET), await accessOf('OTHER')];
    const undecided = [
      'vault_jwt_auth_backend_role.r: "bound_claims" is not known (var.pw is sensitive)',
      `vault_policy.p: policy "p", path "kv/\${...}": its path is not known before Terraform runs`,
    ];
    expect(one.undecided).toEqual(undecided);
    expect(JSON.stringify(accessDiff(one, other))).not.toContain(SECRET);
    expect(accessDiff(one, await accessOf(SECRET)).mayWiden).toEqual([]);
    expect(accessDiff(one, other).mayWiden).toEqual([
      ...undecided.map((what) => `before: ${what}`),
      ...undecided.map((what) => `after: ${what}`),
    ]);
  });

  test.each([
    ['nonsensitive(var.pw)', 'var.pw is sensitive'],
    ['{ key = base64encode(nonsensitive(var.pw)) }', 'var.pw in base64encode() is sensitive'],
    ['{ key = nonsensitive(var.other) }', 'var.other'],
  ])('of HCL, in a function: %s', async (bounds, why) => {
    const variables = 'variable "other" {\n  sensitive = true\n}\n';
    const main = role.replace('{ key = var.pw }', bounds);
    const folder = await folderWith({ 'main.tf': variables + main, 'terraform.tfvars': `pw = "${SECRET}"\n` });
    expect((await readAccess(folder)).undecided).toContain(
      `vault_jwt_auth_backend_role.r: "bound_claims" is not known (${why})`,
    );
  });

  test('of a plan: the same', async () => {
    const plan = (value: string) => {
      const resource = (type: string, values: object, sensitive: object) => ({
        ...{ mode: 'managed', type, name: 'r', address: `${type}.r`, values, sensitive_values: sensitive },
      });
      const policy = resource('vault_policy', { name: 'p', policy: `path "kv/${value}" {}` }, { policy: true });
      const values = {
        ...{ backend: 'jwt', role_name: 'r', role_type: 'jwt', user_claim: 'sub' },
        bound_claims: { key: value },
      };
      const own = resource('vault_jwt_auth_backend_role', values, { bound_claims: { key: true } });
      return { format_version: '1.2', planned_values: { root_module: { resources: [policy, own] } } };
    };
    const [one, other] = [await readAccess([plan(SECRET)]), await readAccess([plan('OTHER')])];
    expect(one.undecided).toEqual([
      'vault_jwt_auth_backend_role.r: "bound_claims" is not known (it is sensitive)',
      'vault_policy.r: what the policy "p" grants is not known (it is sensitive)',
    ]);
    const diff = accessDiff(one, other);
    expect(JSON.stringify(diff)).not.toContain(SECRET);
    expect(diff.mayWiden).toHaveLength(4);
    expect(accessDiff(one, await readAccess([plan(SECRET)])).mayWiden).toEqual([]);
  });
});

test('an argument that the provider does not have is undecided', async () => {
  const roles = { ci: { bound_claim: { team: 'a' } } };
  const access = await readAccess(declared({ roles, policies: app }));
  expect(access.undecided).toEqual([
    'vault_jwt_auth_backend_role.ci: it has no argument "bound_claim" in the providers that are known, and it is left out',
  ]);
});

test('who: a rule that is undecided is told where it may hold at the path alone', async () => {
  const rules = [
    'kv/data/{{identity.entity.name}}/db',
    'kv/+/app/{{identity.entity.name}}',
    'pki/issue/{{identity.entity.id}}',
  ];
  const policies = Object.fromEntries(
    rules.map((one, index) => [`p${index}`, { policy: `path "${one}" { capabilities = ["read"] }` }]),
  );
  const access = await readAccess(declared({ roles: { main: {} }, policies: { ...app, ...policies } }));
  const told = (asked: string): readonly string[] =>
    whoCan(access, { path: asked, capability: 'read' }).undecided.map((one) => /path "(.*?)"/.exec(one)?.[1] ?? one);
  expect(told(path)).toEqual(rules.slice(0, 2));
  expect(told('kv/data/else/db')).toEqual(rules.slice(0, 1));
  expect(told('kv/metadata/app/x')).toEqual(rules.slice(1, 2));
  expect(told('pki/issue/web')).toEqual(rules.slice(2));
  expect(told('sys/mounts')).toEqual([]);
  expect(access.undecided).toHaveLength(3);
});

test('can: a rule that is undecided is told where the token has its policy', async () => {
  const policies = {
    mine: { policy: 'path "kv/data/{{identity.entity.name}}" { capabilities = ["read"] }' },
    other: { policy: 'path "pki/issue/{{identity.entity.name}}" { capabilities = ["read"] }' },
  };
  const roles = { main: { token_policies: ['mine'] }, ci: { bound_subject: 'ci', token_policies: ['other'] } };
  const access = await readAccess(declared({ roles, policies }));
  const told = (sub: string): readonly string[] =>
    whatCan(access, { iss: 'https://ci.example', aud: 'vault', sub }).undecided;
  expect(told('me')).toEqual([expect.stringContaining('kv/data/')]);
  expect(told('ci')).toEqual([expect.stringContaining('kv/data/'), expect.stringContaining('pki/issue/')]);
});

test('an option or a capability that there is not is refused, where it would have found nothing', async () => {
  await expect(readAccess(declared({}), { vars: {} } as never)).rejects.toThrow('unknown option "vars" of readAccess');
  const access = await readAccess(declared({ roles: { main: {} }, policies: app }));
  expect(() => whoCan(access, { path, capability: 'reed' as never })).toThrow(
    'unknown capability "reed": did you mean "read"?',
  );
  expect(() => whoCan(access, { path } as never)).toThrow('unknown capability "undefined"');
  expect(() => whoCan(access, { pth: path, capability: 'read' } as never)).toThrow(
    'unknown option "pth" of whoCan: did you mean "path"?',
  );
  expect(() => whoCan(access, { resource: 'key', segmnt: 'app', access: 'read' } as never)).toThrow(
    'did you mean "segment"?',
  );
  expect(() => whoCan(access, { capability: 'read' } as never)).toThrow('"path" is "undefined"');
  expect(() => vaultAcl([]).decide({ operation: 'raed' as never, path })).toThrow('did you mean "read"?');
});

test.each([
  ['a folder', 'infra', '"infra" says nothing of access: give what a folder or a file declares, await readAccess'],
  ['what is yet to be read', Promise.resolve({}), 'a value of type object says nothing of access'],
])('%s in the place of what it declares is refused', async (_, given, message) => {
  const access = await readAccess(declared({ roles: { main: {} }, policies: app }));
  expect(() => whoCan(given as never, { path, capability: 'read' })).toThrow(message);
  expect(() => whatCan(given as never, { aud: 'vault' })).toThrow(message);
  expect(() => accessDiff(access, given as never)).toThrow(message);
});

test('can: the tokens of an entity that is disabled are refused', async () => {
  const more = {
    vault_identity_entity: { e: { name: 'e', disabled: true } },
    vault_identity_entity_alias: {
      e: {
        name: 'Gone',
        mount_accessor: `\${vault_jwt_auth_backend.jwt.accessor}`,
        canonical_id: `\${vault_identity_entity.e.id}`,
      },
    },
  };
  const access = await readAccess(declared({ roles: { main: {} }, policies: app, more }));
  const as = (sub: string) => whatCan(access, { iss: 'https://ci.example', aud: 'vault', sub });
  expect(as('gone').refused).toEqual([{ mount: 'ci', role: 'main', code: 'entity_disabled', claim: 'sub' }]);
  expect(as('me').logins).toHaveLength(1);
});

test('who: a claim that a role binds and an entity is known by is told once', async () => {
  const more = {
    vault_identity_entity: { e: { name: 'e', policies: ['app'] } },
    vault_identity_entity_alias: {
      e: {
        name: 'me',
        mount_accessor: `\${vault_jwt_auth_backend.jwt.accessor}`,
        canonical_id: `\${vault_identity_entity.e.id}`,
      },
    },
  };
  const roles = { main: { bound_claims: { sub: 'me' }, token_policies: ['else'] } };
  const access = await readAccess(declared({ roles, policies: { ...app, else: { policy: '' } }, more }));
  const [found] = whoCan(access, { path, capability: 'read' }).who;
  expect(found?.conditions).toEqual(['iss is "https://ci.example"', 'aud has "vault"', 'sub is "me"']);
});

test('one file of HCL is read without the others of its folder', async () => {
  const folder = await temporaryFolder();
  const policy = (name: string): string =>
    `resource "vault_policy" "${name}" {\n  name   = "${name}"\n  policy = "path \\"kv/data/${name}\\" { capabilities = [\\"read\\"] }"\n}\n`;
  await writeFile(join(folder, 'one.tf'), policy('one'));
  await writeFile(join(folder, 'other.tf'), policy('other'));
  expect([...(await readAccess(join(folder, 'one.tf'))).policies.keys()]).toEqual(['one']);
});
