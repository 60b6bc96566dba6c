import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accessDiff, readAccess, whatCan, whoCan } from 'vaultproof/access';
import { describe, expect, test } from 'vitest';
import { bePatient } from '../../support/patience.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

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

describe('undecided, by name', () => {
  test.each([
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
      `policy "app", path "\${...}/a": its path is not known before Terraform runs`,
    ],
    [
      'a policy that Vault refuses',
      { policies: { app: { policy: 'path "a" { capabilities = ["write"] }' } } },
      `policy "app" can't be read: path "a" has the unknown capability "write"`,
    ],
    [
      'a role that is declared twice',
      { roles: { a: {}, b: { role_name: 'A' } } },
      'vault_jwt_auth_backend_role.b: the role "a" at "ci" is declared by vault_jwt_auth_backend_role.a, too',
    ],
    [
      'addresses',
      { roles: { a: { token_bound_cidrs: ['10.0.0.0/8'] } } },
      'vault_jwt_auth_backend_role.a: "token_bound_cidrs" lets in by address',
    ],
    [
      'policies of a group',
      { more: { vault_identity_group: { g: { name: 'g', policies: ['app'] } } } },
      'vault_identity_group.g: its policies depend on who logs in',
    ],
  ])('%s', async (_what, what, said) => {
    const access = await readAccess(declared({ policies: app, ...what }));
    expect(access.undecided).toContain(said);
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

  test('diff: undecided by name', async () => {
    const access = await readAccess(declared({ roles, policies, more }));
    expect(accessDiff(access, access).undecided).toEqual([
      'vault_jwt_auth_backend_role.a: what its groups give is not compared',
    ]);
  });
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
