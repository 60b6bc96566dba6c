import { accessDiff, readAccess, whatCan, whoCan } from 'vaultproof/access';
import { expect, test } from 'vitest';
import { bePatient } from '../../support/patience.js';
import { folderWith } from '../../support/temporary-folder.js';

bePatient();

async function accessOf(files: Readonly<Record<string, string>>, variables = {}) {
  return readAccess(await folderWith(files), { variables });
}

const role = (meta: string): string => `
resource "vault_jwt_auth_backend_role" "ci" {
  ${meta}
  backend         = "ci"
  role_name       = "ci"
  role_type       = "jwt"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  token_policies  = ["app"]
}
`;
const policy = (meta: string): string => `
resource "vault_policy" "app" {
  ${meta}
  name   = "app"
  policy = "path \\"kv/data/app\\" { capabilities = [\\"read\\"] }"
}
`;
const asked = { path: 'kv/data/app', capability: 'read' } as const;
const claims = { sub: 'me', aud: 'vault' };
const data = 'data "aws_caller_identity" "me" {}\n';
const production = 'count = data.aws_caller_identity.me.account_id == "1" ? 1 : 0';
const open = 'vault_jwt_auth_backend_role.ci: "count" is not known (data.aws_caller_identity.me.account_id)';

test.each([
  [production, open],
  ['for_each = toset(data.aws_caller_identity.me.names)', expect.stringContaining('.ci: "for_each" is not known (')],
])('a role with %s is undecided', async (meta, undecided) => {
  const access = await accessOf({ 'main.tf': data + role(meta) + policy('') });
  expect(whoCan(access, asked)).toEqual({ who: [], undecided: [undecided] });
  expect(whatCan(access, claims)).toEqual({ logins: [], refused: [], undecided: [undecided] });
});

test('a role is decided where its count is known', async () => {
  const files = { 'main.tf': `variable "on" {\n  type = bool\n}\n${role('count = var.on ? 1 : 0')}${policy('')}` };
  expect(whoCan(await accessOf(files, { on: true }), asked).who.map((one) => one.role)).toEqual(['ci']);
  expect(whoCan(await accessOf(files, { on: false }), asked)).toEqual({ who: [], undecided: [] });
  expect(whoCan(await accessOf(files), asked)).toEqual({
    who: [],
    undecided: ['vault_jwt_auth_backend_role.ci: "count" is not known (var.on)'],
  });
});

test('a policy that may not be there grants nothing, and is named', async () => {
  const { who, undecided } = whoCan(await accessOf({ 'main.tf': data + role('') + policy(production) }), asked);
  expect(who).toEqual([]);
  expect(undecided).toEqual([
    'vault_policy.app: "count" is not known (data.aws_caller_identity.me.account_id)',
    'vault_jwt_auth_backend_role.ci: the policy "app" is not declared',
  ]);
});

test('what is in a module that may not be there is undecided', async () => {
  const main = `${data}module "ci" {\n  source = "./ci"\n  ${production}\n}\n${policy('')}`;
  const { who, undecided } = whoCan(await accessOf({ 'main.tf': main, 'ci/main.tf': role('') }), asked);
  expect({ who, undecided }).toEqual({ who: [], undecided: [`module.ci.${open}`] });
});

test('what each of unknown instances has is not known for the variable of its for_each', async () => {
  const each = 'for_each = var.teams';
  const main = `variable "teams" {}
module "ci" {
  source = "./ci"
  ${each}
  names  = each.value.names
}
resource "vault_jwt_auth_backend" "ci" {
  ${each}
  path         = "ci"
  jwks_url     = "https://keys.example"
  bound_issuer = each.value.issuer
}
${role('').replace('backend         = "ci"', 'backend         = vault_jwt_auth_backend.ci["a"].path')}`;
  const module = `variable "names" {}\n${role('for_each = var.names')}`;
  const { undecided } = await accessOf({ 'main.tf': main, 'ci/main.tf': module });
  expect(undecided.filter((one) => one.includes('is not known'))).toEqual([
    'module.ci.vault_jwt_auth_backend_role.ci: "for_each" is not known (var.teams)',
    'vault_jwt_auth_backend.ci: "bound_issuer" is not known (var.teams), and any issuer is taken for it',
  ]);
});

test('a count in Terraform JSON is an expression, too', async () => {
  const of = (count: unknown) => ({
    resource: {
      vault_jwt_auth_backend_role: {
        ci: { count, backend: 'ci', role_name: 'ci', role_type: 'jwt', user_claim: 'sub', bound_audiences: ['vault'] },
      },
    },
  });
  const undecided = ['vault_jwt_auth_backend_role.ci: "count" is not known (var.count)'];
  expect(whatCan(await readAccess([of(`\${var.count}`)]), claims)).toEqual({ logins: [], refused: [], undecided });
  expect(whatCan(await readAccess([of(1)]), claims).logins).toHaveLength(1);
});

test('a binding rule of Consul that may not be there is undecided', async () => {
  const consul = `${data}
resource "consul_acl_auth_method" "ci" {
  name        = "ci"
  type        = "jwt"
  config_json = jsonencode({ JWKSURL = "https://keys.example", BoundAudiences = ["consul"], ClaimMappings = { sub = "user" } })
}
resource "consul_acl_binding_rule" "write" {
  ${production}
  auth_method = consul_acl_auth_method.ci.name
  bind_type   = "service"
  bind_name   = "app"
}
`;
  const { who, undecided } = whoCan(await accessOf({ 'main.tf': consul }), {
    resource: 'service',
    segment: 'app',
    access: 'write',
  });
  expect({ who, undecided }).toEqual({
    who: [],
    undecided: ['consul_acl_binding_rule.write: "count" is not known (data.aws_caller_identity.me.account_id)'],
  });
});

test('a change of a count that is not known may be a widening', async () => {
  const of = (count: string) => accessOf({ 'main.tf': data + role(count) + policy('') });
  const [before, same, changed] = await Promise.all([
    of(production),
    of(production),
    of(production.replace('== "1"', '!= "1"')),
  ]);
  expect(accessDiff(before, same).mayWiden).toEqual([]);
  expect(accessDiff(before, changed)).toMatchObject({
    widened: [],
    mayWiden: [`before: ${open}`, `after: ${open}`],
  });
});
