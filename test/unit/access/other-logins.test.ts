import { accessDiff, readAccess, whatCan, whoCan } from 'vaultproof/access';
import { expect, test } from 'vitest';
import { bePatient } from '../../support/patience.js';

bePatient();

const policies = {
  app: { name: 'app', policy: 'path "kv/data/app/*" { capabilities = ["read"] }' },
  else: { name: 'else', policy: 'path "kv/data/else/*" { capabilities = ["read"] }' },
};

async function accessOf(resource: object) {
  return readAccess([{ resource: { vault_policy: policies, ...resource } }]);
}

const kubernetes = (namespace: string, fields: object = {}) => ({
  vault_auth_backend: { k: { type: 'kubernetes' } },
  vault_kubernetes_auth_backend_role: {
    all: {
      backend: `\${vault_auth_backend.k.path}`,
      role_name: 'all',
      bound_service_account_names: ['default'],
      bound_service_account_namespaces: [namespace],
      token_policies: ['app'],
      ...fields,
    },
  },
});

test.for([
  ['a role of Kubernetes', kubernetes('*'), 'vault_kubernetes_auth_backend_role.all'],
  [
    'a role of AppRole',
    { vault_approle_auth_backend_role: { r: { role_name: 'r', token_policies: ['app'] } } },
    'vault_approle_auth_backend_role.r',
  ],
  [
    'a user of LDAP',
    { vault_ldap_auth_backend_user: { u: { username: 'u', policies: ['APP'] } } },
    'vault_ldap_auth_backend_user.u',
  ],
  ['a team of GitHub', { vault_github_team: { t: { team: 't', policies: ['app'] } } }, 'vault_github_team.t'],
  [
    'a group of Okta',
    { vault_okta_auth_backend: { o: { group: [{ group_name: 'g', policies: ['app'] }] } } },
    'vault_okta_auth_backend.o',
  ],
  ['a token', { vault_token: { t: { policies: ['app'] } } }, 'vault_token.t'],
  [
    'a user that an endpoint writes',
    { vault_generic_endpoint: { u: { path: 'auth/userpass/users/u', data_json: '{"policies":"else,app"}' } } },
    'vault_generic_endpoint.u',
  ],
] as const)('%s is undecided where its tokens may do what is asked', async ([, resource, address]) => {
  const access = await accessOf(resource);
  const why = `${address}: "app" may do it, and who gets its tokens is not known here`;
  expect(whoCan(access, { path: 'kv/data/app/db', capability: 'read' })).toEqual({ who: [], undecided: [why] });
  expect(whoCan(access, { path: 'kv/data/app/db', capability: 'delete' }).undecided).toEqual([]);
});

test('so is one whose policies are not known, or not declared', async () => {
  const access = await accessOf(kubernetes('*', { token_policies: [`\${var.policy}`, 'none'] }));
  const asked = { path: 'kv/data/x', capability: 'read' } as const;
  expect(whoCan(access, asked).undecided).toEqual([
    'vault_kubernetes_auth_backend_role.all: its policies are not known, and who gets its tokens is not known here',
  ]);
  expect(whoCan(await accessOf(kubernetes('*', { token_policies: ['none'] })), asked).undecided).toEqual([
    'vault_kubernetes_auth_backend_role.all: the policy "none" is not declared, and who gets its tokens is not known here',
  ]);
});

test('so is an entity with an alias at another auth method', async () => {
  const access = await accessOf({
    vault_auth_backend: { userpass: { type: 'userpass' } },
    vault_identity_entity: { ann: { name: 'ann', policies: ['app'] } },
    vault_identity_entity_alias: {
      ann: {
        name: 'ann',
        mount_accessor: `\${vault_auth_backend.userpass.accessor}`,
        canonical_id: `\${vault_identity_entity.ann.id}`,
      },
    },
  });
  expect(whoCan(access, { path: 'kv/data/app/db', capability: 'read' }).undecided).toEqual([
    'vault_identity_entity.ann: "app" may do it, and who gets its tokens is not known here',
  ]);
});

test('can: an auth method that takes JWTs may let a token in', async () => {
  expect(whatCan(await accessOf(kubernetes('*')), { aud: 'vault', sub: 'x' })).toEqual({
    logins: [],
    refused: [],
    undecided: ['vault_kubernetes_auth_backend_role.all: whether its auth method lets the token in is not known here'],
  });
});

test('diff: what is declared otherwise is undecided and may be a widening, and what is the same is not', async () => {
  const [one, all] = [await accessOf(kubernetes('x')), await accessOf(kubernetes('*'))];
  const why = 'vault_kubernetes_auth_backend_role.all: who gets its tokens, and what they may do, is not compared';
  expect(accessDiff(one, all)).toEqual({
    widened: [],
    narrowed: [],
    undecided: [`before: ${why}`, `after: ${why}`],
    mayWiden: [`before: ${why}`, `after: ${why}`],
  });
  expect(accessDiff(one, one)).toEqual({ widened: [], narrowed: [], undecided: [], mayWiden: [] });
  const none = await accessOf({});
  expect(accessDiff(none, one).mayWiden).toEqual([`after: ${why}`]);
  expect(accessDiff(one, none)).toMatchObject({ undecided: [`before: ${why}`], mayWiden: [] });
});

test('diff: a policy of another login that changes may be a widening', async () => {
  const before = await accessOf(kubernetes('x'));
  const app = { ...policies.app, policy: policies.app.policy.replace('read', 'update') };
  const after = await accessOf({ ...kubernetes('x'), vault_policy: { ...policies, app } });
  expect(accessDiff(before, after).mayWiden).toContain(
    'after: vault_kubernetes_auth_backend_role.all: who gets its tokens, and what they may do, is not compared',
  );
});

test('diff: a login is not declared otherwise for a name that another has, too', async () => {
  const sides = ['x', '*'].map((namespace) => {
    const { vault_kubernetes_auth_backend_role: roles, ...more } = kubernetes(namespace, { role_name: 'app' });
    const other = { ...roles.all, role_name: 'other', bound_service_account_namespaces: ['app'] };
    return accessOf({ ...more, vault_kubernetes_auth_backend_role: { ...roles, other } });
  });
  const [one, all] = await Promise.all(sides);
  expect(one && all && accessDiff(one, all).undecided).toEqual([
    expect.stringMatching(/^before: vault_kubernetes_auth_backend_role\.all:/),
    expect.stringMatching(/^after: vault_kubernetes_auth_backend_role\.all:/),
  ]);
});

const consul = (token: object, more: object = {}) =>
  readAccess([
    {
      resource: {
        consul_acl_policy: {
          app: { name: 'app', rules: 'key_prefix "app/" { policy = "write" }' },
          else: { name: 'else', rules: 'key_prefix "else/" { policy = "read" }' },
        },
        consul_acl_role: { app: { name: 'app', policies: [`\${consul_acl_policy.app.id}`] } },
        consul_acl_token: { t: token },
        ...more,
      },
    },
  ]);

test.each([
  ['its policy', { policies: ['app'] }],
  ['its policy by reference', { policies: [`\${consul_acl_policy.app.name}`] }],
  ['its role', { roles: ['app'] }],
  ['its role by reference', { roles: [`\${consul_acl_role.app.id}`] }],
])('a token of Consul is undecided where it may do what is asked by %s', async (_by, token) => {
  const access = await consul(token);
  const asked = { resource: 'key', access: 'write' } as const;
  const why = 'consul_acl_token.t: its token may do it, and who has that is not known here';
  expect(whoCan(access, { ...asked, segment: 'app/db' })).toEqual({ who: [], undecided: [why] });
  expect(whoCan(access, { ...asked, segment: 'else/db' }).undecided).toEqual([]);
  const changed = await consul({ policies: ['else'] });
  expect(accessDiff(changed, access).mayWiden).toEqual([
    'before: consul_acl_token.t: who gets its tokens, and what they may do, is not compared',
    'after: consul_acl_token.t: who gets its tokens, and what they may do, is not compared',
  ]);
  expect(accessDiff(access, access)).toEqual({ widened: [], narrowed: [], undecided: [], mayWiden: [] });
});

test('what is attached to a token of Consul counts as the token does', async () => {
  const attached = { token_id: `\${consul_acl_token.t.id}` };
  const access = await consul(
    {},
    {
      consul_acl_token_policy_attachment: { p: { ...attached, policy: 'app' } },
      consul_acl_token_role_attachment: { r: { ...attached, role: 'app' } },
    },
  );
  const asked = { resource: 'key', segment: 'app/db', access: 'read' } as const;
  expect(whoCan(access, asked).undecided).toEqual([
    expect.stringContaining('consul_acl_token_policy_attachment.p'),
    expect.stringContaining('consul_acl_token_role_attachment.r'),
  ]);
  expect(accessDiff(await consul({}), access).mayWiden).toHaveLength(2);
});
