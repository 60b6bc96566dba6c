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

describe('the namespace of a resource is', () => {
  test.for([
    ['its own', login('a', 'namespace = "/a/"')],
    [
      'one that is declared',
      `resource "vault_namespace" "a" { path = "a" }${login('a', 'namespace = vault_namespace.a.path_fq')}`,
    ],
    ['below that of its provider', provider('a', '"x"') + login('a', 'provider = vault.a\n  namespace = "a"'), 'x/a'],
    [
      'counted from the provider without an alias',
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
    const elsewhere = await accessOf(
      provider('', '"admin"') + provider('a', '"other"') + login('root') + login('a', 'provider = vault.a'),
    );
    expect(elsewhere.undecided[0]).toBe(
      'vault_jwt_auth_backend.a: its namespace is not known ("vault.a" has the namespace "other", which is not below "admin" of "vault")',
    );
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
    expect(await readers(await readAccess([stack('a'), stack('a')]), 'kv/data/x')).toHaveLength(2);
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

  test('of the namespace from which paths are counted is undecided', async () => {
    const [root, inTeam] = [await accessOf(login('a')), await accessOf(provider('', '"team"') + login('a'))];
    expect(accessDiff(root, inTeam).mayWiden).toEqual([
      'provider.vault: its namespace was "" and is "team", and paths are counted from it on both sides',
    ]);
    expect(accessDiff(root, root).mayWiden).toEqual([]);
  });
});
