import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accessDiff, readAccess, whatCan, whoCan } from 'vaultproof/access';
import { describe, expect, test } from 'vitest';
import { bePatient } from '../../support/patience.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

bePatient();

/** A login in HCL: an auth method, a role and a policy, each with more arguments. */
const login = (name: string, more = '', policy = `kv/data/${name}/*`): string => `
resource "vault_jwt_auth_backend" "${name}" {
  ${more}
  path     = "jwt"
  jwks_url = "https://idp.acme.example/keys"
}
resource "vault_jwt_auth_backend_role" "${name}" {
  ${more}
  backend         = vault_jwt_auth_backend.${name}.path
  role_name       = "ci"
  role_type       = "jwt"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  bound_claims    = { team = "${name}" }
  token_policies  = ["app"]
}
resource "vault_policy" "${name}" {
  ${more}
  name   = "app"
  policy = "path \\"${policy}\\" { capabilities = [\\"read\\"] }"
}
`;

const provider = (alias: string, namespace: string): string =>
  `provider "vault" {\n  ${alias === '' ? '' : `alias = "${alias}"`}\n  namespace = ${namespace}\n}\n`;

async function accessOf(main: string, files: Readonly<Record<string, string>> = {}) {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries({ 'main.tf': main, ...files })) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return readAccess(folder);
}

/** Who may read a path: namespaces, mounts and roles. */
async function readers(access: Awaited<ReturnType<typeof readAccess>>, path: string): Promise<readonly string[]> {
  return whoCan(access, { path, capability: 'read' }).who.map(
    ({ namespace = '', mount, role, policies }) => `${namespace}:${mount}/${role} by ${policies}`,
  );
}

describe('what is in a namespace', () => {
  test('has policies and paths of its own', async () => {
    const access = await accessOf(provider('a', '"a"') + login('root') + login('a', 'provider = vault.a'));
    expect(access.undecided).toEqual([]);
    expect(await readers(access, 'a/kv/data/a/db')).toEqual(['a:jwt/ci by a/app']);
    expect(await readers(access, 'kv/data/a/db')).toEqual([]);
    expect(await readers(access, 'kv/data/root/db')).toEqual([':jwt/ci by app']);
    expect(whatCan(access, { aud: 'vault', sub: 'x', team: 'a' })).toEqual({
      logins: [{ namespace: 'a', mount: 'jwt', role: 'ci', policies: ['a/app'], paths: { 'a/kv/data/a/*': ['read'] } }],
      refused: [{ mount: 'jwt', role: 'ci', code: 'claim_mismatch', claim: 'team' }],
      undecided: [],
    });
  });

  test('is found by a policy of the root namespace that names it', async () => {
    const access = await accessOf(login('root', '', 'a/kv/data/*'));
    expect(await readers(access, 'a/kv/data/db')).toEqual([':jwt/ci by app']);
  });

  test('has another root policy than the root namespace', async () => {
    const access = await accessOf(
      provider('a', '"a"') + login('a', 'provider = vault.a').replace('["app"]', '["root"]'),
    );
    expect(await readers(access, 'sys/mounts')).toEqual([]);
    expect(access.undecided).toEqual(['vault_jwt_auth_backend_role.a: the policy "root" is not declared']);
  });
});

test.for([
  ['by reference', 'vault_jwt_auth_backend.a.path'],
  ['by its path', '"jwt"'],
] as const)('a role in another namespace than its auth method, %s, is undecided', async ([, backend]) => {
  const apart = `resource "vault_jwt_auth_backend_role" "b" {
    namespace       = "team"
    backend         = ${backend}
    role_name       = "ci"
    role_type       = "jwt"
    user_claim      = "sub"
    bound_audiences = ["vault"]
    token_policies  = ["app"]
  }
  resource "vault_policy" "b" {
    namespace = "team"
    name      = "app"
    policy    = "path \\"kv/data/b\\" { capabilities = [\\"read\\"] }"
  }`;
  const [before, access] = [await accessOf(login('a')), await accessOf(login('a') + apart)];
  const reason =
    'vault_jwt_auth_backend_role.b: its auth method vault_jwt_auth_backend.a is in the root namespace and the role in "team", where a server refuses to write it: give both the same namespace';
  expect(access.undecided).toEqual([reason]);
  expect(whoCan(access, { path: 'team/kv/data/b', capability: 'read' })).toEqual({ who: [], undecided: [reason] });
  expect(whatCan(access, { aud: 'vault', sub: 'x', team: 'a' }).logins).toMatchObject([{ mount: 'jwt', role: 'ci' }]);
  expect(accessDiff(before, access)).toMatchObject({ widened: [], mayWiden: [`after: ${reason}`] });
  // What another namespace declares at that path is its own.
  const mounted = await accessOf(
    login('a') + apart + login('c', 'namespace = "team"').split('resource "vault_jwt_auth_backend_role"')[0],
  );
  expect(mounted.undecided).toEqual([]);
  expect(await readers(mounted, 'team/kv/data/b')).toEqual(['team:jwt/ci by team/app']);
});

describe('the namespace of a resource is', () => {
  test.for([
    ['its own', login('a', 'namespace = "/a/"')],
    [
      'one that is declared',
      `resource "vault_namespace" "a" { path = "a" }${login('a', 'namespace = vault_namespace.a.path_fq')}`,
    ],
    ['below that of its provider', provider('a', '"x"') + login('a', 'provider = vault.a\n  namespace = "a"'), 'x/a'],
    [
      'counted from the default provider',
      provider('', '"admin"') + provider('a', '"admin/a"') + login('root') + login('a', 'provider = vault.a'),
    ],
    [
      'counted from there, where that is not known',
      `variable "ns" {}\n${provider('', 'var.ns')}${login('a', 'namespace = "a"')}`,
    ],
    [
      'below a namespace that is declared',
      `resource "vault_namespace" "x" { path = "x" }\nresource "vault_namespace" "a" {\n  namespace = vault_namespace.x.path\n  path = "a"\n}${login('a', 'namespace = vault_namespace.a.path_fq')}`,
      'x/a',
    ],
  ] as const)('%s', async ([, main, namespace = 'a']) => {
    const access = await accessOf(main);
    expect(access.undecided).toEqual([]);
    expect(await readers(access, `${namespace}/kv/data/a/db`)).toEqual([`${namespace}:jwt/ci by ${namespace}/app`]);
  });

  test.for([
    [
      'the deepest that all providers are in',
      provider('', '"admin/one"') + provider('two', '"admin/two/"'),
      ['one', 'two'],
    ],
    ['that of a provider above the default one', provider('', '"a/b"') + provider('two', '"a"'), ['b', '']],
    ['the root namespace where one has none', provider('', '"admin"') + provider('two', '""'), ['admin', '']],
    [
      'the root namespace where they are apart',
      provider('', '"admin"') + provider('two', '"other"'),
      ['admin', 'other'],
    ],
    ['the root namespace without a default provider', provider('two', '"two"'), ['', 'two']],
    [
      'one that is not known, where all are in it',
      `variable "ns" {}\n${provider('', 'var.ns')}${provider('two', `"\${var.ns}/two"`)}`,
      ['', 'two'],
    ],
    [
      'that of a provider with a name of its own, and of what overrides it',
      `terraform {\n  required_providers {\n    hc = { source = "hashicorp/vault" }\n  }\n}
provider "hc" {\n  namespace = "admin/one"\n}\nprovider "hc" {\n  alias = "two"\n  namespace = "admin/two"\n}\n`,
      ['one', 'two'],
      { 'main_override.tf': 'provider "hc" {\n  address = "https://vault.acme.example"\n}\n' },
    ],
  ] as const)('counted from %s', async ([, providers, [one, two], files = {}]) => {
    const name = providers.includes('provider "hc"') ? 'hc' : 'vault';
    const first = name === 'hc' ? 'provider = hc' : '';
    const access = await accessOf(providers + login('one', first) + login('two', `provider = ${name}.two`), files);
    expect(access.undecided).toEqual([]);
    const within = (namespace: string, path: string): string => (namespace === '' ? path : `${namespace}/${path}`);
    for (const [team, namespace] of [
      ['one', one],
      ['two', two],
    ] as const) {
      const policy = within(namespace, 'app');
      const path = within(namespace, `kv/data/${team}`);
      expect(await readers(access, `${path}/db`)).toEqual([`${namespace}:jwt/ci by ${policy}`]);
      expect(whatCan(access, { aud: 'vault', sub: 'x', team }).logins).toEqual([
        {
          ...(namespace !== '' && { namespace }),
          ...{ mount: 'jwt', role: 'ci', policies: [policy], paths: { [`${path}/*`]: ['read'] } },
        },
      ]);
    }
  });

  test('that of the provider that a module is given', async () => {
    const call = 'module "m" {\n  source = "./m"\n  providers = { vault = vault.a }\n}\n';
    const access = await accessOf(provider('a', '"a"') + call, { 'm/main.tf': login('a') });
    expect(access.undecided).toEqual([]);
    expect(await readers(access, 'a/kv/data/a/db')).toEqual(['a:jwt/ci by a/app']);
  });

  test('undecided where it is not known', async () => {
    const access = await accessOf(
      `variable "ns" {}\n${provider('a', 'var.ns')}${login('a', 'provider = vault.a')}${login('root')}`,
    );
    expect(access.undecided).toEqual([
      'vault_jwt_auth_backend.a: its namespace is not known (var.ns)',
      'vault_jwt_auth_backend_role.a: its namespace is not known (var.ns)',
      'vault_policy.a: its namespace is not known (var.ns)',
    ]);
    expect(await readers(access, 'kv/data/a/db')).toEqual([]);
    const below = await accessOf(
      `variable "ns" {}\n${provider('', '"admin"')}${provider('a', 'var.ns')}${login('root')}`,
    );
    expect(below.undecided).toEqual([
      'provider.vault.a: its namespace is not known (var.ns), and paths are counted from the root namespace',
    ]);
    expect(await readers(below, 'admin/kv/data/root/db')).toEqual(['admin:jwt/ci by admin/app']);
    const [unconfigured] = (await accessOf(login('a', 'provider = vault.b'))).undecided;
    expect(unconfigured).toBe(
      'vault_jwt_auth_backend.a: its namespace is not known (the provider "vault.b" is not configured here)',
    );
  });

  test('in a plan that of the provider that its configuration names', async () => {
    const values = (name: string) => ({ mode: 'managed', type: 'vault_policy', name, address: `vault_policy.${name}` });
    const policy = (path: string) => ({ name: 'app', policy: `path "${path}" { capabilities = ["read"] }` });
    const role = {
      backend: 'jwt',
      role_name: 'ci',
      role_type: 'jwt',
      user_claim: 'sub',
      bound_audiences: ['vault'],
      token_policies: ['app'],
    };
    const ofRole = {
      mode: 'managed',
      type: 'vault_jwt_auth_backend_role',
      name: 'ci',
      address: 'vault_jwt_auth_backend_role.ci',
    };
    const plan = {
      format_version: '1.2',
      planned_values: {
        root_module: {
          resources: [
            { ...values('root'), values: policy('kv/data/root') },
            { ...values('a'), values: policy('kv/data/a') },
            { ...ofRole, values: role },
          ],
        },
      },
      configuration: {
        provider_config: {
          vault: { name: 'vault' },
          'vault.a': { name: 'vault', alias: 'a', expressions: { namespace: { constant_value: 'a' } } },
        },
        root_module: {
          resources: [
            { ...values('root'), provider_config_key: 'vault', expressions: {} },
            { ...values('a'), provider_config_key: 'vault.a', expressions: {} },
            { ...ofRole, provider_config_key: 'vault.a', expressions: {} },
          ],
        },
      },
    };
    const access = await readAccess([plan]);
    expect(access.undecided).toEqual([]);
    expect(await readers(access, 'a/kv/data/a')).toEqual(['a:jwt/ci by a/app']);
    const { configuration } = plan;
    const below = (constant: string) => ({ name: 'vault', expressions: { namespace: { constant_value: constant } } });
    const providers = { vault: below('admin/b'), 'vault.a': { ...below('admin/a'), alias: 'a' } };
    const policyOnly = { root_module: { resources: [{ ...values('root'), values: policy('kv/data/root') }] } };
    const inAdminOf = (of: object) => ({ ...plan, configuration: { ...configuration, provider_config: of } });
    const inAdmin = await readAccess([inAdminOf(providers)]);
    expect(await readers(inAdmin, 'a/kv/data/a')).toEqual(['a:jwt/ci by a/app']);
    const beside = { ...inAdminOf({ vault: below('other') }), planned_values: policyOnly };
    const both = await readAccess([inAdminOf(providers), beside]);
    expect([...both.policies.keys()]).toEqual(['admin/b/app', 'admin/a/app', 'other/app']);
    const open = { name: 'vault', expressions: { namespace: { references: ['var.ns'] } } };
    const notKnown = { vault: open, 'vault.a': { ...open, alias: 'a' } };
    const unknown = await readAccess([inAdminOf(notKnown)]);
    expect(unknown.undecided[0]).toBe(
      'vault_policy.root: its namespace is not known (that of "vault": known after apply)',
    );
  });

  test('in a stack of its own that of its provider, where stacks have several', async () => {
    const stack = (namespace: string) => ({
      provider: { vault: [{ namespace }] },
      resource: {
        vault_policy: { app: { name: 'app', policy: 'path "kv/data/x" { capabilities = ["read"] }' } },
        vault_jwt_auth_backend_role: {
          ci: {
            backend: 'jwt',
            role_name: 'ci',
            role_type: 'jwt',
            user_claim: 'sub',
            bound_audiences: ['vault'],
            token_policies: ['app'],
          },
        },
      },
    });
    const access = await readAccess([stack('a'), stack('b')]);
    expect(access.undecided).toEqual([]);
    expect(await readers(access, 'b/kv/data/x')).toEqual(['b:jwt/ci by b/app']);
    expect(await readers(await readAccess([stack('a')]), 'a/kv/data/x')).toEqual(['a:jwt/ci by a/app']);
  });
});

describe('a change', () => {
  test('that moves a login into a namespace lets in there, and no longer where it was', async () => {
    const [root, inA] = [
      await accessOf(login('a')),
      await accessOf(provider('t', '"team"') + login('a', 'provider = vault.t')),
    ];
    const { widened, narrowed, undecided } = accessDiff(root, inA);
    const claims = { aud: 'vault', sub: 'x', team: 'a' };
    expect({ widened, narrowed, undecided }).toEqual({
      widened: [
        { namespace: 'team', mount: 'jwt', role: 'ci', kind: 'login', witness: { claims } },
        {
          namespace: 'team',
          mount: 'jwt',
          role: 'ci',
          kind: 'access',
          path: 'team/kv/data/a/x',
          capability: 'read',
          witness: { claims },
        },
      ],
      narrowed: [
        { mount: 'jwt', role: 'ci', kind: 'login', witness: { claims } },
        { mount: 'jwt', role: 'ci', kind: 'access', path: 'kv/data/a/x', capability: 'read', witness: { claims } },
      ],
      undecided: [],
    });
  });

  test('of the namespace from which paths are counted is undecided, one from one of its namespaces to another is not', async () => {
    const [root, inTeam] = [await accessOf(login('a')), await accessOf(provider('', '"team"') + login('a'))];
    expect(accessDiff(root, inTeam).mayWiden).toEqual([
      'provider.vault: paths were counted from the namespace "" and are from "team"',
    ]);
    const inAdmin = provider('', '"admin/one"') + provider('two', '"admin/two"');
    const moved = accessDiff(
      await accessOf(inAdmin + login('a')),
      await accessOf(inAdmin + login('a', 'provider = vault.two')),
    );
    expect(moved.mayWiden).toEqual([]);
    expect(moved.widened.flatMap(({ path }) => path ?? [])).toEqual(['two/kv/data/a/x']);
    expect(moved.narrowed.flatMap(({ path }) => path ?? [])).toEqual(['one/kv/data/a/x']);
    expect(accessDiff(root, root).mayWiden).toEqual([]);
  });
});
