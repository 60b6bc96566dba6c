import { accessDiff, readAccess, strangers, whatCan, whoCan } from 'vaultproof/access';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../../support/temporary-folder.js';

const METHOD = {
  ...{ path: 'oidc', type: 'oidc', oidc_discovery_url: 'https://acme.okta.com', bound_issuer: 'https://acme.okta.com' },
  ...{ oidc_client_id: '0oa1', oidc_client_secret: 'secret-of-the-client' },
};
const ROLE = {
  ...{ backend: `\${vault_jwt_auth_backend.okta.path}`, role_name: 'admin', role_type: 'oidc', user_claim: 'email' },
  ...{ groups_claim: 'groups', bound_claims: { groups: 'vault-admins' }, token_policies: ['admin'] },
  allowed_redirect_uris: ['http://localhost:8250/oidc/callback'],
};
const ASKED = { path: 'secret/x', capability: 'read' } as const;
const ann = { sub: 'a', email: 'ann@acme.example', groups: ['vault-admins'] };

interface Changed {
  readonly method?: object;
  readonly role?: object;
  readonly capabilities?: readonly string[];
  readonly more?: object;
  readonly product?: 'vault' | 'openbao';
}

/** A role for logins in a browser that reads secrets. */
function declared({ method = {}, role = {}, capabilities = ['read'], more = {}, product = 'vault' }: Changed = {}) {
  const policy = `path "secret/*" { capabilities = ${JSON.stringify(capabilities)} }`;
  const resource = {
    vault_jwt_auth_backend: { okta: { ...METHOD, ...method } },
    vault_jwt_auth_backend_role: { admin: { ...ROLE, ...role } },
    vault_policy: { admin: { name: 'admin', policy } },
    ...more,
  };
  return readAccess([{ resource }], { product });
}

const login = { mount: 'oidc', role: 'admin', flow: 'oidc' } as const;

test('who: a role for logins in a browser is among those that may do it', async () => {
  expect(whoCan(await declared(), ASKED)).toEqual({
    who: [
      {
        ...login,
        policies: ['admin'],
        conditions: ['iss is "https://acme.okta.com"', 'groups is "vault-admins"', 'email is a string'],
        example: { groups: 'vault-admins', sub: 'x', email: 'x' },
      },
    ],
    undecided: [],
  });
});

test('who: a role is found by the audience and the party that it needs', async () => {
  const { who } = whoCan(await declared({ role: { bound_audiences: ['vault'] } }), ASKED);
  expect(who).toMatchObject([{ ...login, example: { aud: 'vault', azp: '0oa1' } }]);
  const both = whoCan(await declared({ role: { bound_audiences: ['vault'], bound_claims: { aud: 'ui' } } }), ASKED);
  expect(both.who).toMatchObject([{ example: { aud: ['0oa1', 'vault', 'ui'], azp: '0oa1' } }]);
});

test('who: what an external group may do', async () => {
  const more = {
    vault_identity_group: { g: { name: 'g', type: 'external', policies: ['admin'] } },
    vault_identity_group_alias: {
      g: {
        name: 'ops',
        mount_accessor: `\${vault_jwt_auth_backend.okta.accessor}`,
        canonical_id: `\${vault_identity_group.g.id}`,
      },
    },
  };
  const { who } = whoCan(await declared({ role: { token_policies: [], bound_claims: {} }, more }), ASKED);
  expect(who).toMatchObject([{ ...login, conditions: expect.arrayContaining(['groups has "ops"']) }]);
  const conditionsFor = async (role: object) => {
    const { who: found } = whoCan(await declared({ role: { token_policies: [], ...role }, more }), ASKED);
    return found[0]?.conditions.filter((one) => one.startsWith('groups'));
  };
  // A list has both.
  expect(await conditionsFor({})).toEqual(['groups has "vault-admins"', 'groups has "ops"']);
  const glob = { bound_claims: { groups: 'vault-*' }, bound_claims_type: 'glob' };
  expect(await conditionsFor(glob)).toEqual(['groups has a value that matches "vault-*"', 'groups has "ops"']);
});

describe('who: no one may by a browser where', () => {
  test.each([
    ['the auth method has no client', { method: { oidc_client_id: undefined, oidc_client_secret: undefined } }],
    ['no redirect URI is allowed', { role: { role_type: 'jwt', allowed_redirect_uris: [] } }],
  ])('%s', async (_what, changed) => {
    const { who } = whoCan(await declared(changed), ASKED);
    expect(who.filter(({ flow }) => flow === 'oidc')).toEqual([]);
  });
});

test('who: a role for JWTs beside a client lets in browsers, and JWTs on OpenBao alone', async () => {
  const role = { role_type: 'jwt', bound_audiences: ['0oa1'] };
  const flows = async (product: 'vault' | 'openbao') =>
    whoCan(await declared({ role, product }), ASKED).who.map(({ flow }) => flow);
  expect(await flows('vault')).toEqual(['oidc']);
  expect(await flows('openbao')).toEqual([undefined, 'oidc']);
});

test('can: a person gets in by a browser, and no JWT with the same claims', async () => {
  const paths = { 'secret/*': ['read'] };
  expect(whatCan(await declared(), ann)).toEqual({
    logins: [{ ...login, policies: ['admin'], paths }],
    refused: [{ mount: 'oidc', role: 'admin', code: 'role_type_mismatch' }],
    undecided: [],
  });
  expect(whatCan(await declared(), { ...ann, groups: ['staff'] }).refused).toContainEqual({
    ...{ ...login, code: 'claim_mismatch', claim: 'groups' },
  });
});

const widenedBy = async (before: Changed, after: Changed) =>
  accessDiff(await declared(before), await declared(after)).widened;

test('diff: whom a change lets in by a browser, and what those may do', async () => {
  expect(await widenedBy({}, {})).toEqual([]);
  expect(await widenedBy({}, { role: { bound_claims: { groups: 'staff' } } })).toMatchObject([
    { ...login, kind: 'login', witness: { claims: { groups: 'staff' } } },
    { ...login, kind: 'access', path: 'secret/x' },
  ]);
  expect(await widenedBy({}, { capabilities: ['read', 'update'] })).toMatchObject([
    { ...login, kind: 'access', path: 'secret/x', capability: 'update' },
  ]);
  expect(await widenedBy({ role: { bound_audiences: ['0oa1'] } }, {})).toMatchObject([
    { kind: 'login', witness: { claims: { aud: 'x', azp: '0oa1' } } },
    { kind: 'access' },
  ]);
});

test('diff: a role that changes from JWTs to browsers lets in those, and no JWTs any more', async () => {
  const plain = { method: { oidc_client_id: undefined, oidc_client_secret: undefined } };
  const before = await declared({ ...plain, role: { role_type: 'jwt', bound_audiences: ['0oa1'] } });
  const { widened, narrowed } = accessDiff(before, await declared());
  expect(widened.map(({ kind, flow }) => [kind, flow])).toEqual([
    ['login', 'oidc'],
    ['access', 'oidc'],
  ]);
  expect(narrowed.map(({ kind, flow }) => [kind, flow])).toEqual([
    ['login', undefined],
    ['access', undefined],
  ]);
});

describe('diff: what no claim shows may be a widening', () => {
  test.each<[argument: string, before: Changed, after: Changed]>([
    ['oidc_discovery_url', {}, { method: { oidc_discovery_url: 'https://other.okta.com' } }],
    ['oidc_client_id', {}, { method: { oidc_client_id: '0oa2' } }],
    ['allowed_redirect_uris', {}, { role: { allowed_redirect_uris: ['https://other.example'] } }],
    ['max_age', { role: { max_age: 60 } }, {}],
  ])('%s', async (argument, before, after) => {
    const { widened, mayWiden } = accessDiff(await declared(before), await declared(after));
    expect(widened).toEqual([]);
    expect(mayWiden).toEqual([expect.stringContaining(`"${argument}" has changed`)]);
  });
});

test('diff: what is undecided of a login may be a widening where it lets in more by a browser', async () => {
  const open = { token_policies: ['elsewhere'] };
  const mayWiden = async (before: object, after: object) => {
    const sides = [before, after].map((bound_claims) => declared({ role: { ...open, bound_claims } }));
    const [base, head] = await Promise.all(sides);
    return base && head && accessDiff(base, head).mayWiden;
  };
  const said = 'after: vault_jwt_auth_backend_role.admin: the policy "elsewhere" is not declared';
  expect(await mayWiden({ groups: 'admins' }, { groups: 'admins', hd: 'acme.example' })).toEqual([]);
  expect(await mayWiden({ groups: 'admins', hd: 'acme.example' }, { groups: 'admins' })).toContain(said);
});

describe('undecided, by name', () => {
  test.each<[what: string, changed: Changed, said: string]>([
    [
      'a role without redirect URIs, which no server writes',
      { role: { allowed_redirect_uris: [] } },
      'vault_jwt_auth_backend_role.admin: it has no "allowed_redirect_uris", without which a server refuses to write a role of type "oidc"',
    ],
    [
      'a client that is not known',
      { method: { oidc_client_id: `\${var.client}` } },
      'vault_jwt_auth_backend.okta: "oidc_client_id" is not known (var.client), and any client is taken for it, or none for JWTs',
    ],
  ])('%s', async (_what, changed, said) => {
    expect((await declared(changed)).undecided).toEqual([said]);
  });

  test('a client that is sensitive is not printed', async () => {
    const hcl = `
variable "client" {
  default   = "0oa1"
  sensitive = true
}
resource "vault_jwt_auth_backend" "okta" {
  type               = "oidc"
  path               = "oidc"
  oidc_discovery_url = "https://acme.okta.com"
  oidc_client_id     = var.client
  oidc_client_secret = "secret-of-the-client"
}
resource "vault_jwt_auth_backend_role" "admin" {
  backend               = vault_jwt_auth_backend.okta.path
  role_name             = "admin"
  role_type             = "oidc"
  user_claim            = "email"
  bound_audiences       = ["vault"]
  allowed_redirect_uris = ["http://localhost:8250/oidc/callback"]
  token_policies        = ["root"]
}
`;
    const found = whoCan(await readAccess(await folderWith({ 'main.tf': hcl })), ASKED);
    expect(found.who).toMatchObject([{ ...login, example: { aud: 'vault', email: 'x', sub: 'x' } }]);
    expect(JSON.stringify(found)).not.toContain('0oa1');
  });
});

test('strangers of a login in a browser are refused by the OIDC flow', async () => {
  const { logins } = await declared({ role: { groups_claim: undefined } });
  const bounds = logins.find((one) => one.bounds.flow === 'oidc')?.bounds ?? {};
  const found = strangers(bounds, { ...ann, aud: '0oa1', groups: 'vault-admins' });
  expect(found.map(({ who, code }) => [who, code])).toEqual([
    ['another groups', 'claim_mismatch'],
    ['no groups', 'claim_missing'],
    ['no email', 'claim_missing'],
  ]);
});
