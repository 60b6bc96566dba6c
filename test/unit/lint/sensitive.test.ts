import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lint } from 'vaultproof/lint';
import { expect, test } from 'vitest';
import { lintHcl } from '../../../cli/lint/hcl.js';
import { findingAnnotation, lines, sarif } from '../../../cli/lint/output.js';
import { readSource } from '../../../harness/hcl/index.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const variables = `
variable "pw" {
  type      = string
  sensitive = true
}
variable "pin" {
  type      = number
  sensitive = true
}
`;
const values = 'pw  = "TOPSECRET-2"\npin = 90210\n';

const role = (policies: string): string => `${variables}
resource "vault_jwt_auth_backend" "j" {
  path     = "jwt"
  jwks_url = "https://idp.acme.example/keys"
}
resource "vault_jwt_auth_backend_role" "r" {
  backend         = vault_jwt_auth_backend.j.path
  role_name       = "r"
  role_type       = "jwt"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  bound_claims    = { team = "a" }
  token_policies  = [${policies}]
}
`;

async function folderOf(text: string): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'main.tf'), text);
  await writeFile(join(folder, 'terraform.tfvars'), values);
  return folder;
}

test.each([
  ['a variable', 'var.pw', 'TOPSECRET-2'],
  ['a part of a string', `"p-\${var.pw}"`, 'TOPSECRET-2'],
  ['a number', 'var.pin', '90210'],
  ['what a function makes of one', 'lower(var.pw)', 'topsecret-2'],
  ['sensitive()', 'sensitive("hidden-policy")', 'hidden-policy'],
])('no finding shows %s that is sensitive', async (_, expression, secret) => {
  const { findings } = await lintHcl({ folder: await folderOf(role(expression)) }, { texts: {}, files: [] });
  expect(findings.map(({ code }) => code)).toContain('undeclared-policy');
  const all = [
    JSON.stringify(findings),
    sarif(findings),
    ...findings.flatMap(lines),
    ...findings.map(findingAnnotation),
  ];
  expect(all.filter((text) => text.includes(secret))).toEqual([]);
  expect(all.join('\n')).toContain('(sensitive value)');
});

test('a finding shows what is not sensitive beside it', async () => {
  const folder = await folderOf(role('"undeclared", var.pw'));
  const { findings } = await lintHcl({ folder }, { texts: {}, files: [] });
  expect(JSON.stringify(findings)).toContain('undeclared');
});

test.each([
  ['an index', `output "x" {\n  value = { a = 1 }[var.pw]\n}\n`],
  [
    'a validation',
    `variable "v" {\n  default = "x"\n  validation {\n    condition     = var.pw == "x"\n    error_message = "not \${var.pw}"\n  }\n}\n`,
  ],
])('the error of %s shows nothing sensitive', async (_, text) => {
  const error = await readSource(await folderOf(variables + text)).catch((refused: unknown) => refused);
  expect(error).toMatchObject({ message: expect.stringContaining('(sensitive value)') });
  expect(JSON.stringify(error)).not.toContain('TOPSECRET');
});

test('no finding of a plan shows what it marks as sensitive', () => {
  const attributes = {
    name: 'r',
    role_name: 'r',
    role_type: 'jwt',
    user_claim: 'sub',
    token_policies: ['TOPSECRET-2'],
  };
  const address = 'vault_jwt_auth_backend_role.r';
  const resource = { address, mode: 'managed', type: 'vault_jwt_auth_backend_role', name: 'r', values: attributes };
  const plan = (more: object) => ({
    format_version: '1.2',
    planned_values: { root_module: { resources: [{ ...resource, ...more }] } },
    resource_changes: [],
    configuration: { root_module: { resources: [] } },
  });
  expect(JSON.stringify(lint(plan({ sensitive_values: {} })))).toContain('TOPSECRET-2');
  const findings = lint(plan({ sensitive_values: { token_policies: [true] } }));
  expect(findings.map(({ code }) => code)).toContain('undeclared-policy');
  expect(JSON.stringify(findings)).not.toContain('TOPSECRET-2');
});
