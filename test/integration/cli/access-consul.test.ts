import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const main = (selector: string): string => `
resource "consul_acl_auth_method" "github" {
  name        = "github"
  type        = "jwt"
  config_json = jsonencode({
    JWKSURL        = "https://keys.example/jwks"
    BoundAudiences = ["consul"]
    ClaimMappings  = { repository = "repo", team = "team" }
  })
}
resource "consul_acl_policy" "app" {
  name  = "payments"
  rules = <<-RULES
    key_prefix "app/" { policy = "write" }
    key "app/root"    { policy = "deny" }
  RULES
}
resource "consul_acl_role" "app" {
  name     = "team-payments"
  policies = [consul_acl_policy.app.id]
}
resource "consul_acl_binding_rule" "payments" {
  auth_method = consul_acl_auth_method.github.name
  bind_type   = "policy"
  bind_name   = consul_acl_policy.app.name
  selector    = ${JSON.stringify(selector)}
}
resource "consul_acl_binding_rule" "team" {
  auth_method = consul_acl_auth_method.github.name
  bind_type   = "role"
  bind_name   = "team-$\${value.team}"
  selector    = "value.repo == \\"acme/teams\\""
}
`;

async function infra(selector = 'value.repo == "acme/payments"'): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'main.tf'), main(selector));
  return folder;
}

test('who --consul prints the binding rules that give access, with conditions', async () => {
  const { stdout, stderr, exitCode } = await cli(['who', await infra(), '--consul', 'key:app/db', '--access', 'write']);
  expect({ exitCode, lines: stdout.split('\n') }).toEqual({
    exitCode: 0,
    lines: [
      'consul/github (consul_acl_binding_rule.payments), by payments',
      '  aud has "consul"',
      '  repository is "acme/payments"',
      'consul/github (consul_acl_binding_rule.team), by payments',
      '  aud has "consul"',
      '  repository is "acme/teams"',
      `  its role is "team-\${value.team}", of the claims in lower case`,
    ],
  });
  expect(stderr).toContain('2 logins with "write" of "key:app/db" in Consul');
});

test('who --consul --json has an example for each', async () => {
  const { stdout } = await cliInProcess(['who', await infra(), '--consul', 'key:app/db', '--json']);
  expect(JSON.parse(stdout)).toEqual({
    who: [
      {
        server: 'consul',
        authMethod: 'github',
        rule: 'consul_acl_binding_rule.payments',
        policies: ['payments'],
        conditions: ['aud has "consul"', 'repository is "acme/payments"'],
        example: { aud: 'consul', repository: 'acme/payments' },
      },
      expect.objectContaining({ example: { aud: 'consul', repository: 'acme/teams', team: 'payments' } }),
    ],
    undecided: [],
  });
  const { stdout: none } = await cliInProcess(['who', await infra(), '--consul', 'key:app/root', '--json']);
  expect(JSON.parse(none)).toEqual({ who: [], undecided: [] });
});

test('can says what a token may do in Consul, or why it is refused', async () => {
  const claims = { aud: 'consul', repository: 'acme/payments' };
  const { stdout } = await cliInProcess(['can', await infra(), '--claims', JSON.stringify(claims)]);
  expect(stdout.split('\n')).toEqual([
    'consul/github lets it in, with payments',
    '  key_prefix:app/: read, list, write',
    '  key:app/root: deny',
  ]);
  const { stdout: refused } = await cliInProcess(['can', await infra(), '--claims', '{"aud":"other"}', '--json']);
  expect(JSON.parse(refused)).toEqual({
    logins: [],
    refused: [{ server: 'consul', authMethod: 'github', code: 'audience_mismatch', claim: 'aud' }],
    undecided: [],
  });
});

test('diff proves at two Consuls what a selector lets in newly', async () => {
  const { stdout, exitCode } = await cliInProcess([
    'diff',
    await infra(),
    await infra('"acme/" in value.repo'),
    '--fail-on',
    'widened',
  ]);
  expect(exitCode).toBe(1);
  expect(stdout.split('\n')).toEqual([
    '+ consul/github (consul_acl_binding_rule.payments) lets in, and may then: read, list, write key:app/x',
    '  as for {"aud":"consul","repository":"acme/teams"} (proven)',
  ]);
});

/** Services as which a token may register, where all of a selector holds. */
const services = (selector: string): string => `
resource "consul_acl_auth_method" "github" {
  name        = "github"
  type        = "jwt"
  config_json = jsonencode({ JWKSURL = "https://keys.example/jwks", ClaimMappings = { repository = "repo", ref = "ref" } })
}
resource "consul_acl_role" "deploy" {
  name = "deploy"
  service_identities { service_name = "billing" }
  service_identities { service_name = "shop" }
}
resource "consul_acl_binding_rule" "role" {
  for_each    = toset(["shop"])
  auth_method = consul_acl_auth_method.github.name
  bind_type   = "role"
  bind_name   = consul_acl_role.deploy.name
  selector    = ${JSON.stringify(selector)}
}
`;

test('diff tells once what a login of Consul may newly do, with its address in Terraform', async () => {
  const [base, head] = [await temporaryFolder(), await temporaryFolder()];
  await writeFile(join(base, 'main.tf'), services('value.repo == "acme/shop" and value.ref == "main"'));
  await writeFile(join(head, 'main.tf'), services('value.repo == "acme/shop"'));
  const { stdout, stderr } = await cliInProcess(['diff', base, head, '--offline']);
  const [entry, token, ...rest] = stdout.split('\n');
  expect(entry).toMatch(
    /^\+ consul\/github \(consul_acl_binding_rule\.role\["shop"\]\) lets in, and may then: .*read, write service:billing; .*read intention:\*$/,
  );
  expect([token, rest]).toEqual(['  as for {"repository":"acme/shop"}', []]);
  expect(stderr).toContain('1 widening, 0 narrowings');
  const { stdout: who } = await cliInProcess(['who', head, '--consul', 'service:shop']);
  expect(who).toContain('consul/github (consul_acl_binding_rule.role["shop"]), by');
  const { stdout: can } = await cliInProcess(['can', head, '--claims', '{"repository":"acme/shop"}']);
  expect(can.split('\n')).toContain('  service_prefix:"": read');
});

test.each([
  [['--consul', 'kv:app'], 'unknown resource "kv"'],
  [['--consul', 'key'], '"key" names no key: write key:NAME'],
  [['--consul', 'operator:x'], '"operator" has no names'],
  [['--consul', 'service:web', '--access', 'list'], 'unknown access "list"'],
  [['--consul', 'key:a', '--path', 'kv/a'], 'give --path for Vault, or --consul for Consul'],
  [[], 'give --path for Vault, or --consul for Consul'],
])('who %j is refused', async (args, says) => {
  const { stdout, stderr, exitCode } = await cliInProcess(['who', await infra(), ...args]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(says);
});
