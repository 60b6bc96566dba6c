import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { inspect } from 'node:util';
import { expect, test } from 'vaultproof/vitest';
import { cli } from '../support/cli.js';
import { folderWith } from '../support/temporary-folder.js';

/** A login whose role binds a claim to the value of a sensitive variable. */
const main = `
variable "jwks_url" {}
variable "tenant" {
  sensitive = true
}
resource "vault_jwt_auth_backend" "ci" {
  path     = "ci"
  jwks_url = var.jwks_url
}
resource "vault_jwt_auth_backend_role" "team" {
  backend         = vault_jwt_auth_backend.ci.path
  role_name       = "team"
  role_type       = "jwt"
  user_claim      = "sub"
  bound_audiences = ["app"]
  bound_claims    = { tenant = var.tenant, ref = "main" }
}
`;

test('a refused login shows no bound that HCL calls sensitive', async ({ env }) => {
  const folder = await folderWith({ 'main.tf': main });
  const variables = { jwks_url: env.issuer.jwksUrlFor(env.vault), tenant: 'canary-4711' };
  await env.applyTerraform(folder, { variables });
  const login = async (tenant: string, ref: string) =>
    env.vault.login({ jwt: await env.issuer.sign({ sub: 'ann', aud: 'app', tenant, ref }), mount: 'ci', role: 'team' });
  const refused = (await login('other', 'main').catch((error: unknown) => error)) as Error;
  expect(refused).toMatchObject({
    name: 'LoginRefusedError',
    code: 'claim_mismatch',
    claim: 'tenant',
    expected: ['(sensitive value)'],
    found: 'other',
    status: 400,
  });
  expect(refused.message).toContain('(sensitive value)');
  expect([inspect(refused), JSON.stringify(refused), refused.stack].join('\n')).not.toContain('canary');
  await expect(login('canary-4711', 'other')).rejects.toMatchObject({
    claim: 'ref',
    expected: ['main'],
    found: 'other',
  });
  expect((await login('canary-4711', 'main')).policies).toEqual(['default']);
});

test('up shows none in the login to try', async () => {
  const folder = await folderWith({ 'main.tf': main });
  const given = ['--var', 'jwks_url=JWKS_URL', '--var', 'tenant=canary-4711'];
  const running = cli(['up', folder, ...given]);
  const lines = createInterface({ input: running.stderr });
  const shown: string[] = [];
  lines.on('line', (line) => shown.push(line));
  while (!shown.some((line) => line.includes('vaultproof login --mount'))) await once(lines, 'line');
  running.kill('SIGTERM');
  expect((await running).exitCode).toBe(0);
  expect(shown.join('\n')).toContain('"tenant":"(sensitive value)"');
  expect(shown.join('\n')).not.toContain('canary');
});

test('a refused login in a browser shows none, either', async ({ env }) => {
  const folder = await folderWith({
    'main.tf': `
variable "issuer" {}
variable "tenant" {
  sensitive = true
}
resource "vault_jwt_auth_backend" "oidc" {
  path               = "oidc"
  type               = "oidc"
  oidc_discovery_url = var.issuer
  oidc_client_id     = "vault"
  oidc_client_secret = "x"
}
resource "vault_jwt_auth_backend_role" "people" {
  backend               = vault_jwt_auth_backend.oidc.path
  role_name             = "people"
  user_claim            = "sub"
  bound_claims          = { tenant = var.tenant }
  allowed_redirect_uris = ["http://localhost:8250/oidc/callback"]
}
`,
  });
  const variables = { issuer: env.issuer.discoveryUrlFor(env.vault), tenant: 'canary-4711' };
  await env.applyTerraform(folder, { variables });
  const signIn = (authUrl: string) => env.issuer.signIn(authUrl, { sub: 'ann', tenant: 'other' });
  const refused = await env.vault.loginWithOidc({ role: 'people', signIn }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'claim_mismatch', expected: ['(sensitive value)'], found: 'other' });
  expect([inspect(refused), JSON.stringify(refused)].join('\n')).not.toContain('canary');
});
