import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpClient, proveAccessDiff } from 'vaultproof';
import { type AccessDifference, accessDiff, readAccess, whatCan, whoCan } from 'vaultproof/access';
import { expect, test } from 'vaultproof/vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { ofProduct } from '../../support/vault-of-tests.js';

const read = (path: string): string => `path "${path}" { capabilities = ["read"] }`;

/** A login of the same names in the root namespace and in "a", which bind a claim to other values. */
function twoLogins(jwksUrl: string) {
  const login = (where: string) => {
    const own = where === 'a' ? { provider: 'vault.a', depends_on: ['vault_namespace.a'] } : {};
    return {
      method: { ...own, path: 'jwt', jwks_url: jwksUrl },
      role: {
        ...own,
        backend: `\${vault_jwt_auth_backend.${where}.path}`,
        role_name: 'ci',
        role_type: 'jwt',
        user_claim: 'sub',
        bound_audiences: ['vault'],
        bound_claims: { team: where },
        token_policies: ['app'],
      },
      policy: { ...own, name: 'app', policy: read(`kv/data/${where}`) },
    };
  };
  const [root, a] = [login('root'), login('a')];
  return {
    provider: { vault: [{}, { alias: 'a', namespace: 'a' }] },
    resource: {
      vault_namespace: { a: { path: 'a' } },
      vault_jwt_auth_backend: { root: root.method, a: a.method },
      vault_jwt_auth_backend_role: { root: root.role, a: a.role },
      vault_policy: { root: root.policy, a: a.policy },
    },
  };
}

test('matchers log in where the test says', async ({ env, skip }) => {
  if (!(await env.vault.supports('namespaces'))) skip('needs namespaces, which this server lacks');
  await env.applyJson(twoLogins(env.issuer.jwksUrlFor(env.vault)));
  const jwt = await env.issuer.sign({ sub: 'ann', aud: 'vault', team: 'a' });
  const [inA, inRoot] = [
    { namespace: 'a', role: 'ci' },
    { role: 'ci', correlationId: 'one' },
  ];
  const refusal = { code: 'claim_mismatch', claim: 'team' } as const;
  await expect(env.vault).toLetIn(jwt, { ...inA, policies: ['app', 'default'] });
  await expect(env.vault).toRefuse(jwt, { ...inRoot, ...refusal });
  await expect(expect(env.vault).toRefuse(jwt, { ...inA, ...refusal })).rejects.toThrow('ann got in');
  await expect(expect(env.vault).toLetIn(jwt, inRoot)).rejects.toThrow('ann was refused');
  // The bounds of a role are read in its namespace, too.
  await expect(expect(env.vault).toRefuse(jwt, { ...inA, code: 'claim_mismatch', claim: 'ref' })).rejects.toThrow(
    'the role binds no "ref"',
  );
});

test('a failed toAllow names the nearest paths of the namespace, and keeps what the token has', async ({
  env,
  skip,
}) => {
  if (!(await env.vault.supports('namespaces'))) skip('needs namespaces, which this server lacks');
  await env.applyJson(twoLogins(env.issuer.jwksUrlFor(env.vault)));
  const jwt = await env.issuer.sign({ sub: 'ann', aud: 'vault', team: 'a' });
  const session = await env.vault.login({ jwt, role: 'ci', namespace: 'a' });
  await expect(session).toAllow('read', 'kv/data/a');
  await expect(expect(session).toAllow('update', 'kv/data/a')).rejects.toThrow(
    /add path "kv\/data\/a" \{ capabilities = \["read", "update"\] \} to one of its policies\s+The nearest paths in its policies: "kv\/data\/a" \(read\)\./,
  );
});

/** A document with a login by a namespace of its own, by the argument or by the provider, and what it may do. */
function declared(namespace: string | undefined, { policy = 'kv/data/a/*', groups = false } = {}): object {
  const own = namespace === undefined ? {} : { namespace };
  const role = {
    ...own,
    ...{ backend: `\${vault_jwt_auth_backend.jwt.path}`, role_name: 'ci', role_type: 'jwt', user_claim: 'sub' },
    ...{ bound_audiences: ['vault'], token_policies: ['app'], ...(groups && { groups_claim: 'groups' }) },
  };
  const alias = {
    ...own,
    ...{
      name: 'ops',
      mount_accessor: `\${vault_jwt_auth_backend.jwt.accessor}`,
      canonical_id: `\${vault_identity_group.ops.id}`,
    },
  };
  return {
    resource: {
      vault_jwt_auth_backend: { jwt: { ...own, path: 'jwt', jwks_url: 'https://idp.acme.example/keys' } },
      vault_jwt_auth_backend_role: { ci: role },
      vault_policy: {
        app: { ...own, name: 'app', policy: read(policy) },
        ...(groups && { ops: { ...own, name: 'ops', policy: read('kv/data/ops') } }),
      },
      ...(groups && {
        vault_identity_group: { ops: { ...own, name: 'ops', type: 'external', policies: ['ops'] } },
        vault_identity_group_alias: { ops: alias },
      }),
    },
  };
}

test.for([
  ['a login that moves into a namespace', declared(undefined), declared('team'), ['kv/data/a/x', 'team/kv/data/a/x']],
  ['a login that moves out of one', declared('team/one'), declared(undefined), ['team/one/kv/data/a/x', 'kv/data/a/x']],
  [
    'a policy in a namespace',
    declared('team', { policy: 'kv/data/b' }),
    declared('team'),
    ['team/kv/data/b', 'team/kv/data/a/x'],
  ],
  [
    'a path that is in a namespace',
    declared(undefined),
    declared(undefined, { policy: 'team/kv/data/*' }),
    ['kv/data/a/x', 'team/kv/data/x'],
  ],
  [
    'a group in a namespace',
    declared('team'),
    declared('team', { groups: true }),
    ['team/kv/data/a/x', 'team/kv/data/ops'],
  ],
] as const)('%s is a difference that two servers prove', async ([, from, to, [lost, gained]]) => {
  const [base, head] = [await readAccess([from]), await readAccess([to])];
  const { widened, narrowed, undecided } = await proveAccessDiff(accessDiff(base, head), { base, head });
  expect(undecided).toEqual([]);
  const paths = (all: readonly AccessDifference[]) => all.flatMap(({ path }) => path ?? []);
  expect(paths(widened)).toEqual([gained]);
  expect(paths(narrowed)).toEqual([lost]);
  const reason = expect.stringContaining('lacks namespaces');
  for (const one of [...widened, ...narrowed]) {
    const isNamed = one.namespace !== undefined;
    expect(one).toMatchObject(
      isNamed ? ofProduct<object>({ vault: { proven: false, reason }, openbao: { proven: true } }) : { proven: true },
    );
  }
});

/** The same logins in HCL, in two namespaces of one, which the server stands for. */
async function twoTeams(jwksUrl: string): Promise<string> {
  const provider = (more: string): string => `provider "vault" {\n  ${more}\n}\n`;
  const team = (name: string, own: string): string => `
resource "vault_namespace" "${name}" {
  provider = vault.admin
  path     = "${name}"
}
resource "vault_jwt_auth_backend" "${name}" {
  ${own}
  path       = "jwt"
  jwks_url   = "${jwksUrl}"
  depends_on = [vault_namespace.${name}]
}
resource "vault_jwt_auth_backend_role" "${name}" {
  ${own}
  backend         = vault_jwt_auth_backend.${name}.path
  role_name       = "ci"
  role_type       = "jwt"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  bound_claims    = { team = "${name}" }
  token_policies  = ["app"]
}
resource "vault_policy" "${name}" {
  ${own}
  name       = "app"
  policy     = "path \\"kv/data/${name}\\" { capabilities = [\\"read\\"] }"
  depends_on = [vault_namespace.${name}]
}
`;
  const folder = await temporaryFolder();
  const providers = [
    provider('namespace = "admin/one"'),
    provider('alias = "two"\n  namespace = "admin/two"'),
    provider('alias = "admin"\n  namespace = "admin"'),
  ];
  await writeFile(
    join(folder, 'main.tf'),
    [...providers, team('one', ''), team('two', 'provider = vault.two')].join(''),
  );
  return folder;
}

test('of a folder of HCL it is who the server lets read it, however namespaces are counted', async ({ env, skip }) => {
  if (!(await env.vault.supports('namespaces'))) skip('needs namespaces, which this server lacks');
  const folder = await twoTeams(env.issuer.jwksUrlFor(env.vault));
  await env.applyTerraform(folder);
  const access = await readAccess(folder);
  expect(access.undecided).toEqual([]);
  const allowed: string[] = [];
  for (const namespace of ['one', 'two']) {
    const claims = { sub: 'ann', aud: 'vault', team: namespace };
    const session = await env.vault.login({ jwt: await env.issuer.sign(claims), role: 'ci', namespace });
    expect(whatCan(access, claims).logins).toMatchObject([{ namespace, mount: 'jwt', role: 'ci' }]);
    for (const path of ['one/kv/data/one', 'two/kv/data/one', 'one/kv/data/two', 'two/kv/data/two']) {
      const said = whoCan(access, { path, capability: 'read' }).who.some((one) => one.namespace === namespace);
      const { status } = await httpClient(env.vault.address).request('GET', `/v1/${path}`, {
        headers: { 'x-vault-token': session.token },
      });
      expect([namespace, path, said]).toEqual([namespace, path, status !== 403]);
      if (said) allowed.push(path);
    }
  }
  expect(allowed).toEqual(['one/kv/data/one', 'two/kv/data/two']);
});

test('a change in the namespace of an alias is a difference that two servers prove', async () => {
  const [from, to] = [await twoTeams('https://idp.acme.example/keys'), await temporaryFolder()];
  const text = await readFile(join(from, 'main.tf'), 'utf8');
  await writeFile(join(to, 'main.tf'), text.replace('kv/data/two', 'kv/data/three'));
  const [base, head] = [await readAccess(from), await readAccess(to)];
  const { widened, narrowed, undecided } = await proveAccessDiff(accessDiff(base, head), { base, head });
  expect(undecided).toEqual([]);
  const proven = ofProduct({ vault: false, openbao: true });
  expect(widened).toMatchObject([{ namespace: 'two', path: 'two/kv/data/three', proven }]);
  expect(narrowed).toMatchObject([{ namespace: 'two', path: 'two/kv/data/two', proven }]);
});

test('who may read a path is who the server lets read it', async ({ env, skip }) => {
  if (!(await env.vault.supports('namespaces'))) skip('needs namespaces, which this server lacks');
  const document = twoLogins(env.issuer.jwksUrlFor(env.vault));
  await env.applyJson(document);
  const access = await readAccess([document]);
  expect(access.undecided).toEqual([]);
  const found = new Map<string, boolean>();
  for (const namespace of [undefined, 'a']) {
    const team = namespace ?? 'root';
    const jwt = await env.issuer.sign({ sub: 'ann', aud: 'vault', team });
    const session = await env.vault.login({ jwt, role: 'ci', namespace });
    for (const path of ['kv/data/root', 'kv/data/a', 'a/kv/data/root', 'a/kv/data/a']) {
      const said = whoCan(access, { path, capability: 'read' }).who.some((one) => one.namespace === namespace);
      const { status } = await httpClient(env.vault.address).request('GET', `/v1/${path}`, {
        headers: { 'x-vault-token': session.token },
      });
      found.set(`${team} ${path}`, status !== 403);
      expect([team, path, said]).toEqual([team, path, status !== 403]);
    }
  }
  expect([...found].filter(([, is]) => is).map(([what]) => what)).toEqual(['root kv/data/root', 'a a/kv/data/a']);
});

test('a role in another namespace than its auth method is undecided, and no server writes it', async ({
  env,
  skip,
}) => {
  if (!(await env.vault.supports('namespaces'))) skip('needs namespaces, which this server lacks');
  const { resource, ...others } = twoLogins(env.issuer.jwksUrlFor(env.vault));
  const { vault_jwt_auth_backend_role: roles, vault_jwt_auth_backend: methods } = resource;
  const apart = { ...roles.a, backend: `\${vault_jwt_auth_backend.root.path}` };
  const document = {
    ...others,
    resource: {
      ...resource,
      vault_jwt_auth_backend: { root: methods.root },
      vault_jwt_auth_backend_role: { a: apart },
    },
  };
  const { logins, undecided } = await readAccess([document]);
  expect(logins).toEqual([]);
  expect(undecided).toEqual([expect.stringContaining('is in the root namespace and the role in "a"')]);
  await expect(env.applyJson(document)).rejects.toMatchObject({
    code: 'apply_failed',
    message: expect.stringMatching(/"a\/auth\/jwt\/role\/ci" with 404: no handler for route/),
  });
});
