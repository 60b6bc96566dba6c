import { accessDiff, readAccess } from 'vaultproof/access';
import { describe, expect, test } from 'vitest';
import { bePatient } from '../../support/patience.js';
import { folderWith } from '../../support/temporary-folder.js';

bePatient();

/** What may be a widening where one thing in some HCL is written otherwise. */
async function changed(files: Readonly<Record<string, string>>, from: string, to: string): Promise<readonly string[]> {
  const after = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replace(from, to)]));
  expect(after).not.toEqual(files);
  const [base, head] = await Promise.all([folderWith(files), folderWith(after)]);
  return accessDiff(await readAccess(base), await readAccess(head)).mayWiden;
}

const ROLES = `
variable "aud" {}
variable "issuer" {}
variable "teams" {}
locals { audience = upper(var.aud) }
resource "vault_jwt_auth_backend" "ci" {
  path         = "ci"
  bound_issuer = var.issuer
  jwks_url     = "https://ci.example/jwks"
}
resource "vault_policy" "app" {
  name   = "app"
  policy = file("../elsewhere/app.hcl")
}
resource "vault_policy" "known" {
  name   = "known"
  policy = "path \\"kv/data/known\\" { capabilities = [\\"read\\"] }"
}
resource "vault_jwt_auth_backend_role" "open" {
  backend         = vault_jwt_auth_backend.ci.path
  role_name       = "open"
  role_type       = "jwt"
  user_claim      = "sub"
  bound_audiences = [var.aud]
  bound_claims    = { project_id = "4711" }
  token_policies  = ["known"]
}
resource "vault_jwt_auth_backend_role" "decided" {
  backend         = vault_jwt_auth_backend.ci.path
  role_name       = "decided"
  role_type       = "jwt"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  bound_claims    = { ref = "a,b" }
  token_policies  = [vault_policy.app.name]
}
resource "vault_jwt_auth_backend_role" "team" {
  for_each        = { for team in var.teams : team => team if team != "x" }
  backend         = vault_jwt_auth_backend.ci.path
  role_name       = each.key
  role_type       = "jwt"
  user_claim      = "sub"
  bound_audiences = [local.audience]
  bound_claims    = { ref = "main" }
}
module "remote" {
  source = "git::https://modules.example/roles"
  bound  = { ref = "main" }
}
`;
const FILES = { 'main.tf': ROLES };

const open = 'vault_jwt_auth_backend_role.open: "bound_audiences" is not known (var.aud)';
const team = 'vault_jwt_auth_backend_role.team: "for_each" is not known (var.teams)';
const app = 'vault_policy.app: what the policy "app" grants is not known (file())';
const issuer = 'vault_jwt_auth_backend.ci: "bound_issuer" is not known (var.issuer), and any issuer is taken for it';
const remote = 'module.remote: the module is not read, a plan has it';
const onBothSides = (...all: readonly string[]) =>
  ['before', 'after'].flatMap((side) => all.map((one) => `${side}: ${one}`)).sort();

test('what is not known is undecided on both sides, and may be no widening where nothing of it differs', async () => {
  const folder = await folderWith(FILES);
  const { undecided, mayWiden } = accessDiff(await readAccess(folder), await readAccess(folder));
  expect({ undecided: undecided.toSorted(), mayWiden }).toEqual({
    undecided: onBothSides(open, team, app, issuer, remote),
    mayWiden: [],
  });
});

describe('what is undecided may be a widening where', () => {
  test.each([
    ['a role loses a bound', 'bound_claims    = { project_id = "4711" }', '', [open]],
    ['a policy of its role differs', 'kv/data/known', 'kv/data/*', [open]],
    [
      'an expression over the same variable differs',
      'file("../elsewhere/app.hcl")',
      'file("../elsewhere/all.hcl")',
      [app],
    ],
    ['a local differs', 'upper(var.aud)', 'lower(var.aud)', [team]],
    ['for_each differs', ' if team != "x"', '', [team]],
    ['a role that has the policy lets in more', '"a,b"', '"a,b,c"', [app]],
    ['another role gets the policy', 'token_policies  = ["known"]', 'token_policies  = ["known", "app"]', [open, app]],
    ['the arguments of a remote module differ', 'bound  = { ref = "main" }', 'bound  = {}', [remote, team]],
    ['the issuer differs', '= var.issuer', '= upper(var.issuer)', [issuer, open, team, app]],
  ])('%s', async (_what, from, to, expected) => {
    const found = await changed(FILES, from, to);
    expect(found.map((one) => one.replace(/^\w+: /, '').replace(/ \(.*?\)/, ''))).toEqual(
      expect.arrayContaining(expected.map((one) => one.replace(/ \(.*?\)/, ''))),
    );
    expect(new Set(found.map((one) => one.split(': ')[1])).size).toBe(expected.length);
  });
});

describe('what is undecided can be no widening where', () => {
  test.each([
    ['a role that has the policy lets in less', '"a,b"', '"a"'],
    ['a role that is known differs', 'bound_audiences = ["vault"]', 'bound_audiences = ["vault", "more"]'],
    [
      'a lifetime of its tokens differs',
      'role_name       = "decided"',
      'role_name       = "decided"\n  token_ttl = 60',
    ],
    [
      'a lifetime at its auth method differs',
      'bound_issuer = var.issuer',
      'bound_issuer = var.issuer\n  tune { max_lease_ttl = "1h" }',
    ],
    ['a description differs', 'bound_issuer = var.issuer', 'bound_issuer = var.issuer\n  description = "CI"'],
    ['a comment differs', 'variable "aud" {}', '# for the issuer\nvariable "aud" {}'],
  ])('%s', async (what, from, to) => {
    const files = what.startsWith('a role that is known')
      ? { 'main.tf': ROLES.replace('token_policies  = [vault_policy.app.name]', 'token_policies = ["known"]') }
      : FILES;
    expect(await changed(files, from, to)).toEqual([]);
  });
});

test('an argument of a local module counts for what it declares', async () => {
  const files = {
    'main.tf': 'variable "aud" {}\nmodule "team" {\n  source = "./team"\n  audience = upper(var.aud)\n}\n',
    'team/main.tf': `variable "audience" {}
resource "vault_jwt_auth_backend_role" "ci" {
  backend = "jwt"
  role_name = "ci"
  role_type       = "jwt"
  user_claim = "sub"
  bound_audiences = [var.audience]
}
`,
  };
  const address = 'module.team.vault_jwt_auth_backend_role.ci: "bound_audiences" is not known';
  expect(await changed(files, 'upper', 'lower')).toEqual([
    expect.stringContaining(`before: ${address}`),
    expect.stringContaining(`after: ${address}`),
  ]);
});

test('a binding rule of the same auth method of Consul counts', async () => {
  const method = `resource "consul_acl_auth_method" "ci" {
  name        = "ci"
  type        = "jwt"
  config_json = jsonencode({ JWKSURL = "https://keys.example", BoundAudiences = ["consul"], ClaimMappings = { sub = "user" } })
}
resource "consul_acl_policy" "deny" {
  name  = "deny"
  rules = "key \\"a\\" { policy = \\"deny\\" }"
}
resource "consul_acl_binding_rule" "deny" {
  auth_method = consul_acl_auth_method.ci.name
  bind_type   = "policy"
  bind_name   = consul_acl_policy.deny.name
}
resource "consul_acl_binding_rule" "role" {
  auth_method = consul_acl_auth_method.ci.name
  bind_type   = "role"
  bind_name   = "elsewhere"
}
`;
  const undeclared = 'consul_acl_binding_rule.role: the role "elsewhere" is not declared';
  expect(await changed({ 'main.tf': method }, '{ policy = \\"deny\\" }', '{ policy = \\"read\\" }')).toEqual([
    `before: ${undeclared}`,
    `after: ${undeclared}`,
  ]);
});

test('a role that HEAD removes, or that was not there, is told apart', async () => {
  const role = `variable "aud" {}
resource "vault_jwt_auth_backend_role" "ci" {
  backend = "jwt"
  role_name = "ci"
  role_type       = "jwt"
  user_claim = "sub"
  bound_audiences = [var.aud]
}
`;
  const [there, gone] = [
    await readAccess(await folderWith({ 'main.tf': role })),
    await readAccess(await folderWith({ 'main.tf': 'variable "aud" {}' })),
  ];
  expect(accessDiff(gone, there).mayWiden).toEqual([expect.stringContaining('after: vault_jwt_auth_backend_role.ci')]);
  expect(accessDiff(there, gone).mayWiden).toEqual([]);
});

describe('what lets in tokens whatever their claims are may be a widening', () => {
  const login = (backend: string, role = ''): Readonly<Record<string, string>> => ({
    'main.tf': `variable "keys" {}
locals { url = lower(var.keys) }
resource "vault_jwt_auth_backend" "ci" {
  path         = "ci"
  bound_issuer = "https://ci.example"
  ${backend}
}
resource "vault_jwt_auth_backend_role" "ci" {
  backend         = vault_jwt_auth_backend.ci.path
  role_name       = "ci"
  role_type       = "jwt"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  ${role}
}
`,
  });
  const said = (address: string, argument: string): string =>
    `${address}: "${argument}" has changed, and which tokens that lets in is not compared`;
  const backend = 'vault_jwt_auth_backend.ci';

  test.each([
    ['the key set is another', 'jwks_url = "https://a.example"', '//a.', '//b.', 'jwks_url'],
    ['a pinned CA goes', 'jwks_url = "https://a.example"\n  jwks_ca_pem = "x"', 'jwks_ca_pem = "x"', '', 'jwks_url'],
    [
      'discovery takes its place',
      'jwks_url = "https://a.example"',
      'jwks_url',
      'oidc_discovery_url',
      'oidc_discovery_url',
    ],
    ['a key is added', 'jwt_validation_pubkeys = ["a"]', '"a"', '"a", "b"', 'jwt_validation_pubkeys'],
    ['a pair is another', 'jwks_pairs = [{ jwks_url = "https://a.example" }]', '//a.', '//b.', 'jwks_pairs'],
    ['an expression differs', 'jwks_url = local.url', 'lower(', 'upper(', 'jwks_url'],
  ])('%s', async (_what, written, from, to, argument) => {
    expect(await changed(login(written), from, to)).toEqual([said(backend, argument)]);
  });

  test('a leeway is longer', async () => {
    const files = login('jwks_url = "https://a.example"', 'expiration_leeway = 60');
    expect(await changed(files, '= 60', '= 86400')).toEqual([
      said('vault_jwt_auth_backend_role.ci', 'expiration_leeway'),
    ]);
  });

  test('a key that goes, the order of keys, and an expression that stays are no widening', async () => {
    expect(await changed(login('jwt_validation_pubkeys = ["a", "b"]'), '"a", "b"', '"b"')).toEqual([]);
    expect(await changed(login('jwt_validation_pubkeys = ["a", "b"]'), '"a", "b"', '"b", "a"')).toEqual([]);
    expect(await changed(login('jwks_url = local.url'), 'variable "keys"', '# Of all.\nvariable "keys"')).toEqual([]);
  });

  test('the key set of Consul is another', async () => {
    const files = {
      'main.tf': `resource "consul_acl_auth_method" "ci" {
  name        = "ci"
  type        = "jwt"
  config_json = jsonencode({ JWKSURL = "https://a.example", BoundAudiences = ["consul"], ExpirationLeeway = 1000000000 })
}
`,
    };
    expect(await changed(files, '//a.', '//b.')).toEqual([said('consul_acl_auth_method.ci', 'JWKSURL')]);
    expect(await changed(files, '1000000000', '2000000000')).toEqual([
      said('consul_acl_auth_method.ci', 'ExpirationLeeway'),
    ]);
  });
});
