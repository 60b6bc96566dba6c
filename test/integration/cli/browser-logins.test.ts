import { expect, test } from 'vitest';
import { cliInProcess } from '../../support/cli-in-process.js';
import { folderWith } from '../../support/temporary-folder.js';

/** A role for logins in a browser, of one group, and one for JWTs. */
const hcl = (group: string): string => `
resource "vault_policy" "admin" {
  name   = "admin"
  policy = "path \\"secret/*\\" { capabilities = [\\"read\\"] }"
}
resource "vault_jwt_auth_backend" "okta" {
  path               = "oidc"
  type               = "oidc"
  oidc_discovery_url = "https://acme.okta.com"
  oidc_client_id     = "0oa1"
  oidc_client_secret = "secret-of-the-client"
}
resource "vault_jwt_auth_backend_role" "admin" {
  backend               = vault_jwt_auth_backend.okta.path
  role_name             = "admin"
  role_type             = "oidc"
  user_claim            = "email"
  bound_claims          = { groups = "${group}" }
  token_policies        = ["admin"]
  allowed_redirect_uris = ["http://localhost:8250/oidc/callback"]
}
resource "vault_jwt_auth_backend_role" "ci" {
  backend         = "jwt"
  role_name       = "ci"
  role_type       = "jwt"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  bound_subject   = "${group}"
  token_policies  = ["admin"]
}
`;

const folderOf = (group: string): Promise<string> => folderWith({ 'main.tf': hcl(group) });

async function linesOf(...args: readonly string[]): Promise<readonly string[]> {
  return (await cliInProcess(args)).stdout.split('\n');
}

test('who says that a role lets in by a browser', async () => {
  expect(await linesOf('who', await folderOf('admins'), '--path', 'secret/x')).toEqual([
    'oidc/admin (in a browser), by admin',
    '  iss is "https://acme.okta.com"',
    '  groups is "admins"',
    '  email is a string',
    'jwt/ci, by admin',
    '  aud has "vault"',
    '  sub is "admins"',
  ]);
});

test('can says that a person gets in by a browser, and no JWT', async () => {
  const folder = await folderOf('admins');
  const claims = { sub: 'a', email: 'ann@acme.example', groups: ['admins'] };
  expect(await linesOf('can', folder, '--claims', JSON.stringify(claims), '--role', 'admin')).toEqual([
    'oidc/admin (in a browser) lets it in, with admin',
    '  secret/*: read',
    'oidc/admin refuses every JWT: role_type_mismatch',
  ]);
  const others = JSON.stringify({ ...claims, groups: ['staff'] });
  expect(await linesOf('can', folder, '--claims', others, '--role', 'admin')).toEqual([
    'oidc/admin refuses every JWT: role_type_mismatch',
    'oidc/admin (in a browser) refuses it: claim_mismatch (groups)',
  ]);
});

test('diff says whom a change lets in, by a browser and with a JWT, and proves both', async () => {
  const [base, head] = [await folderOf('admins'), await folderOf('staff')];
  const lines = await linesOf('diff', base, head);
  expect(lines.slice(0, 4)).toEqual([
    '+ oidc/admin (in a browser) lets in, and may then: read secret/x',
    '  as for {"groups":"staff","sub":"x","email":"x"} (proven)',
    '+ jwt/ci lets in, and may then: read secret/x',
    '  as for {"aud":"vault","sub":"staff"} (proven)',
  ]);
});

test('diff --github annotates the role', async () => {
  const [base, head] = [await folderOf('admins'), await folderOf('staff')];
  const [line] = await linesOf('diff', base, head, '--offline', '--github');
  expect(line).toMatch(/^::warning file=.*main\.tf,line=13,title=oidc\/admin \(in a browser\) lets in/);
});
