import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAccess } from '../../../harness/access/index.js';
import { readUnapplied } from '../../../harness/hcl/index.js';
import { folderWith, temporaryFolder } from '../../support/temporary-folder.js';

/** The resources of a folder with these files, without values for its variables. */
async function resourcesOf(files: Readonly<Record<string, string>>) {
  const folder = await folderWith(files);
  const { json } = await readUnapplied(folder);
  return json['resource'] as Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

const projects = `
variable "projects" {
  type = map(object({ id = string }))
}
resource "vault_policy" "p" {
  for_each = var.projects
  name     = "p-\${each.key}"
}
`;

test.each([
  ['by its key', 'vault_policy.p[each.key].name', `\${vault_policy.p.name}`],
  ['by a literal', 'vault_policy.p["billing"].name', `\${vault_policy.p.name}`],
  ['all of them', 'one(vault_policy.p[*].name)', `\${vault_policy.p.name}`],
  ['each of them', 'one([for p in vault_policy.p : p.name])', `\${vault_policy.p.name}`],
  ['as a map', '{ for k, p in vault_policy.p : k => p.name }', `\${vault_policy.p in a template}`],
  ['a function of them', 'values(vault_policy.p)[0].name', expect.stringContaining('values(vault_policy.p)')],
])('an instance for a variable without a value is referred to %s', async (_, expression, value) => {
  const role = `resource "vault_jwt_auth_backend_role" "r" {\n  for_each = var.projects\n  role_name = ${expression}\n}\n`;
  expect(
    (await resourcesOf({ 'main.tf': projects + role }))['vault_jwt_auth_backend_role']?.['r']?.['role_name'],
  ).toEqual(value);
});

test('one instance stands for those of a for_each over such instances', async () => {
  const chained = `resource "vault_identity_group" "g" {\n  for_each = vault_policy.p\n  policies = [each.value.name]\n}\n`;
  expect(Object.keys((await resourcesOf({ 'main.tf': projects + chained }))['vault_identity_group'] ?? {})).toEqual([
    'g',
  ]);
});

test.each([`module.one[each.key].name`, `module.one["billing"].name`])(
  'an output is referred to by %s',
  async (output) => {
    const main = `module "one" {\n  source = "./one"\n  for_each = var.projects\n}\nresource "vault_policy" "q" {\n  for_each = var.projects\n  name = ${output}\n}\n`;
    const files = { 'main.tf': projects + main, 'one/main.tf': 'output "name" {\n  value = "one"\n}\n' };
    expect((await resourcesOf(files))['vault_policy']?.['q']?.['name']).toBe('one');
  },
);

test.each([
  ['a key of an object', `policies = keys({ (var.name) = 1 })`],
  ['a key of an object that is written out', `metadata = { (var.name) = "x" }`],
  ['a dynamic block', `dynamic "metadata" {\n    for_each = var.name\n    content {}\n  }`],
  ['a path of a template', `name = templatefile("\${var.name}.tftpl", {})`],
  ['a key of a map', `name = { a = "x" }[var.name]`],
])('%s that is not known makes the argument unknown', async (_, argument) => {
  const files = {
    'main.tf': `variable "name" {}\nresource "vault_identity_group" "g" {\n  type = "internal"\n  ${argument}\n}\n`,
  };
  const group = (await resourcesOf(files))['vault_identity_group']?.['g'];
  const { '//': _comment, type, ...others } = group ?? {};
  expect(type).toBe('internal');
  expect(Object.values(others)).toEqual([expect.stringMatching(/^\$\{.+\}$/)]);
});

test.each([
  ['a literal', 'file("none.yaml")'],
  ['a path from the module', `yamldecode(file("\${path.module}/none.yaml"))`],
  ['a path that is joined', `templatefile(join("/", [path.root, "none.tftpl"]), {})`],
])('a file that does not exist is refused: %s', async (_, expression) => {
  const files = { 'main.tf': `resource "vault_policy" "p" {\n  for_each = toset([${expression}])\n}\n` };
  await expect(resourcesOf(files)).rejects.toMatchObject({
    code: 'file_not_found',
    message: expect.stringMatching(/^main\.tf:2:.*there is no file "[^"]*none\./),
  });
});

test('a file outside of the modules is unknown', async () => {
  const files = { 'main.tf': 'resource "vault_policy" "p" {\n  policy = file("/etc/none.hcl")\n}\n' };
  expect((await resourcesOf(files))['vault_policy']?.['p']?.['policy']).toBe(`\${file(...)}`);
});

test('what is to be ignored is a list', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'main.tf'), projects);
  for (const ignore of ['vault_policy', [1]] as never[]) {
    await expect(readUnapplied(folder, { ignore })).rejects.toThrow('expected a list of types and addresses');
  }
});

test.each([
  ['name   = join("-", var.x)', 'its name is not known (var.x in join())'],
  [`name   = "a-\${lower(trimspace(var.x))}"`, 'its name is not known (var.x in lower())'],
  ['for_each = toset(concat(["a"], var.x))', '"for_each" is not known (var.x in concat())'],
  [
    `policy = jsonencode({ path = { "\${var.x}" = { policy = "read" } } })`,
    'what the policy "p" grants is not known (var.x in a template)',
  ],
])('what is not known within a function is named: %s', async (argument, said) => {
  const name = argument.startsWith('name') ? '' : '  name = "p"\n';
  const main = `variable "x" {}\nresource "vault_policy" "p" {\n  ${argument}\n${name}}\n`;
  const { undecided } = await readAccess(await folderWith({ 'main.tf': main }));
  expect(undecided).toEqual([`vault_policy.p: ${said}`]);
});
