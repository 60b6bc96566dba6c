import { symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readSource, variablesFromText } from '../../../harness/hcl/index.js';
import { compareText } from '../../../harness/hcl/values.js';
import { folderWith } from '../../support/temporary-folder.js';

/** The refusal of a folder with these files. */
async function refusal(
  files: Readonly<Record<string, string>>,
  options = {},
): Promise<{ code: string; message: string }> {
  const folder = await folderWith(files);
  return readSource(folder, options).then(
    () => ({ code: 'read', message: '' }),
    (error: { code: string; message: string }) => ({ code: error.code, message: error.message }),
  );
}

const policy = (value: string): string => `resource "vault_policy" "p" {\n  name   = "p"\n  policy = ${value}\n}\n`;

test('a folder without Terraform, and a path that is not there', async () => {
  expect((await refusal({ 'notes.txt': 'none' })).code).toBe('configuration_not_found');
  await expect(readSource('/nowhere/at/all')).rejects.toMatchObject({ code: 'configuration_not_found' });
  await expect(readSource('/nowhere/at/all.tf')).rejects.toMatchObject({ code: 'configuration_not_found' });
});

test.each([
  ['as JSON', '{"format_version": "1.2", "planned_values": {}}'],
  ['as saved', 'PK\u0003\u0004'],
])('a plan %s is told from another file', async (_, text) => {
  const plan = join(await folderWith({ 'vault.plan': text }), 'vault.plan');
  await expect(readSource(plan)).rejects.toMatchObject({
    code: 'configuration_not_found',
    message: expect.stringContaining('"vault.plan" is a plan'),
  });
});

test('a syntax error has its file, line and column', async () => {
  const { code, message } = await refusal({ 'main.tf': 'locals {\n  a = 1\n  b = \n}\n' });
  expect(code).toBe('syntax_invalid');
  expect(message).toMatch(/^main\.tf:3:7: /);
  expect((await refusal({ 'main.tf.json': '{"locals": ' })).code).toBe('syntax_invalid');
});

test.each([
  ['locals', 'locals {\n  a = local.b\n  b = local.a\n}\noutput "x" {\n  value = local.a\n}\n'],
  [
    'resources',
    'resource "vault_policy" "a" {\n  for_each = toset([vault_policy.b.name])\n  name = each.key\n}\nresource "vault_policy" "b" {\n  name = upper(vault_policy.a["x"].name)\n}\n',
  ],
])('a cycle of %s', async (_, text) => {
  expect((await refusal({ 'main.tf': text })).code).toBe('dependency_cycle');
});

test('a module that calls itself', async () => {
  const files = {
    'main.tf': 'module "a" {\n  source = "./a"\n}\n',
    'a/main.tf': 'module "again" {\n  source = "../a"\n}\n',
  };
  expect((await refusal(files)).code).toBe('dependency_cycle');
});

test.each([
  'hashicorp/vault/aws',
  'git::https://example.com/x.git',
  'https://example.com/x.zip',
  'app.terraform.io/acme/x/vault',
])('a module from %s', async (source) => {
  const { code, message } = await refusal({ 'main.tf': `\nmodule "login" {\n  source = "${source}"\n}\n` });
  expect(code).toBe('module_not_local');
  expect(message).toMatch(/^main\.tf:2:1: the module "login"/);
});

test('a module that is ignored is not read, and what needs it is passed over with it', async () => {
  const folder = await folderWith({
    'main.tf': `module "remote" {\n  source = "acme/x/vault"\n}\n${policy('module.remote.policy')}resource "vault_policy" "kept" {\n  name = "kept"\n}\n`,
  });
  const [document] = await readSource(folder, { ignore: ['module.remote'] });
  expect(Object.keys(document?.json['resource'] as object)).toEqual(['vault_policy']);
  expect(document?.passedOver.map(({ address }) => address)).toEqual(['module.remote', 'vault_policy.p']);
});

test('what is ignored by type, and what needs it, transitively', async () => {
  const folder = await folderWith({
    'main.tf': [
      'data "aws_caller_identity" "me" {}',
      'resource "vault_pki_secret_backend" "pki" {\n  for_each = toset(data.aws_caller_identity.me.names)\n}',
      'resource "vault_identity_group" "g" {\n  name = data.aws_caller_identity.me.account_id\n}',
      'resource "vault_identity_group_alias" "a" {\n  name = "a"\n  canonical_id = vault_identity_group.g.id\n}',
      'resource "vault_policy" "kept" {\n  name = "kept"\n}',
      'output "account" {\n  value = data.aws_caller_identity.me.account_id\n}',
    ].join('\n'),
  });
  const [document] = await readSource(folder, { ignore: ['vault_pki_*', 'data.aws_*'] });
  expect(document?.json).toMatchObject({ resource: { vault_policy: { kept: { name: 'kept' } } }, output: {} });
  expect(document?.passedOver).toEqual([
    { address: 'vault_pki_secret_backend.pki', reason: expect.any(String) },
    { address: 'data.aws_caller_identity.me', reason: expect.any(String) },
    { address: 'vault_identity_group.g', reason: 'it needs "data.aws_caller_identity.me"' },
    { address: 'vault_identity_group_alias.a', reason: 'it needs "vault_identity_group.g"' },
    { address: 'output.account', reason: expect.any(String) },
  ]);
});

test.each([
  [
    'an unknown function',
    policy('shout("x")'),
    'function_unknown',
    'main.tf:3:12: "vault_policy.p": there is no function "shout": ',
  ],
  ['a function of a provider', policy('provider::aws::arn_parse("x")'), 'function_unknown', 'main.tf:3'],
  ['a file that is not there', policy('file("none.hcl")'), 'file_not_found', 'main.tf:3'],
  ['a file outside the folder', policy('file("../outside.hcl")'), 'file_outside_folder', 'main.tf:3'],
  ['an absolute path', policy('file("/etc/passwd")'), 'file_outside_folder', 'main.tf:3'],
  [
    'a name that stands for nothing',
    policy('vault_mount.none.path'),
    'expression_invalid',
    'main.tf:3:12: "vault_policy.p": nothing of the type "vault_mount" is declared in this module: declare it, or correct the name',
  ],
  [
    'an identifier whose last digits would be lost',
    `locals {\n  id = 117474747474747475\n}\n${policy('local.id')}`,
    'expression_invalid',
    'main.tf:2:1: "local.id": the number 117474747474747470 is not exact',
  ],
  ['one in an expression', policy('jsonencode(117474747474747475)'), 'expression_invalid', 'main.tf:3:23: '],
  ['one in JSON', policy('jsondecode("[9007199254740993]")[0]'), 'expression_invalid', 'main.tf:3:12: '],
  ['one in YAML', policy('yamldecode("id: 9007199254740993").id'), 'expression_invalid', 'main.tf:3:12: '],
  ['a local that is not there', policy('local.none'), 'expression_invalid', 'main.tf:3'],
  ['a type that does not fit', policy('1 + "x"'), 'expression_invalid', 'main.tf:3'],
  ['a list for for_each', 'resource "vault_policy" "p" {\n  for_each = ["a"]\n}\n', 'expression_invalid', 'main.tf'],
  [
    'a for_each over what is unknown',
    `${policy('"x"')}resource "vault_policy" "q" {\n  for_each = toset([vault_policy.p.id])\n}\n`,
    'value_unknown',
    'main.tf:6',
  ],
  [
    'a count of what is unknown',
    `${policy('"x"')}resource "vault_policy" "q" {\n  count = vault_policy.p.id\n}\n`,
    'value_unknown',
    'main.tf:6',
  ],
  [
    'more than 10,000 instances',
    'resource "vault_policy" "p" {\n  count = 10001\n}\n',
    'too_many_instances',
    'main.tf:2:11: "vault_policy.p": count is 10001, and at most 10,000 instances are made: give it fewer for a test',
  ],
  [
    'a count that is no number',
    'resource "vault_policy" "p" {\n  count = "some"\n}\n',
    'expression_invalid',
    'main.tf:2:12: "vault_policy.p": count is a string: expected a whole number',
  ],
  [
    'as many in all',
    'resource "vault_policy" "p" {\n  count = 6000\n}\nresource "vault_policy" "q" {\n  count = 6000\n}\n',
    'too_many_instances',
    '',
  ],
  [
    'a resource that is declared twice',
    policy('"x"') + policy('"y"'),
    'declaration_invalid',
    'main.tf:1:1: resource "vault_policy" "p" is declared again in "main.tf": rename one',
  ],
  [
    'a local that is declared twice',
    'locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n',
    'declaration_invalid',
    'main.tf:2:1: local "a" is',
  ],
])('%s', async (_, text, code, start) => {
  const refused = await refusal({ 'main.tf': text });
  expect(refused.code).toBe(code);
  expect(refused.message.startsWith(start)).toBe(true);
});

test.each(['shout', 'constructor', 'toString'])('a template that calls "%s", which is no function', async (name) => {
  const files = { 'main.tf': policy('templatefile("p.hcl", {})'), 'p.hcl': `\${${name}("x")}` };
  expect(await refusal(files)).toMatchObject({
    code: 'function_unknown',
    message: expect.stringContaining(`there is no function "${name}"`),
  });
});

test.each([
  ['local.team', 'there is no "local.team": did you mean "local.teams"?'],
  ['local.other', 'there is no "local.other": expected "local.names" or "local.teams"'],
  ['var.stag', 'there is no "var.stag": did you mean "var.stage"?'],
  ['vault_mount.kvv.path', 'there is no "vault_mount.kvv": did you mean "vault_mount.kv"?'],
  ['data.vault_auth_backend.x.accessor', 'nothing of the type "data.vault_auth_backend" is declared in this module'],
  ['module.logn.role', 'there is no "module.logn": did you mean "module.login"?'],
  ['module.login.rol', 'there is no "module.login.rol": did you mean "module.login.role"?'],
  ['local.teams[0].nam', 'there is no attribute "nam": did you mean "name"?'],
  ['{ ada = 1 }["grace"]', 'there is no key "grace": expected "ada"'],
  ['local.teams[1]', 'there is no index 1: there is 1 item, and the first is 0'],
  ['reader', '"reader" is no name: put a string in quotes, and write "var.reader" or "local.reader" for a value'],
  ['each.key', '"each" is known only in a block with "for_each"'],
  ['count.index', '"count" is known only in a block with "count"'],
  ['uper("x")', 'there is no function "uper": did you mean "upper"?'],
  [
    'provider::aws::arn_parse("x")',
    'only Terraform has the functions of providers, such as "provider::aws::arn_parse"',
  ],
  ['upper("x", "y")', '"upper" needs 1 argument, and 2 are given'],
  ['templatefile("p.tftpl", {})', '"p.tftpl", line 2: "team" is not given to the template: give it in the call'],
  ['[for x in null : x][0]', "null can't be iterated over: use a list, a set or a map"],
  ['file("policies/none.hcl")', 'there is no file "policies/none.hcl" in the folder of the root module'],
])('%s is told with what may be meant', async (expression, words) => {
  const main = `
locals {
  teams = [{ name = "payments" }]
  names = []
}
variable "stage" {
  default = "test"
}
resource "vault_mount" "kv" {
  path = "kv"
}
module "login" {
  source = "./login"
}
`;
  const files = {
    'main.tf': main + policy(expression),
    'login/main.tf': 'output "role" {\n  value = 1\n}\n',
    'p.tftpl': `x\n\${team}\n`,
  };
  expect((await refusal(files)).message).toContain(words);
});

test('a symbolic link that leads out of the folder is not followed', async () => {
  const outside = await folderWith({ 'secret.hcl': 'secret' });
  const folder = await folderWith({ 'main.tf': policy('file("link.hcl")') });
  await symlink(join(outside, 'secret.hcl'), join(folder, 'link.hcl'));
  await expect(readSource(folder)).rejects.toMatchObject({ code: 'file_outside_folder' });
});

test('an identifier in a file of values whose last digits would be lost', async () => {
  const files = { 'main.tf': 'variable "a" {}\n', 'terraform.tfvars.json': '{ "a": 117474747474747475 }' };
  expect(await refusal(files)).toMatchObject({
    code: 'variable_invalid',
    message: expect.stringMatching(
      /^terraform\.tfvars\.json:1:3: "var\.a" is not valid: the number 117474747474747470/,
    ),
  });
});

test('variables without a value are told all at once', async () => {
  const { code, message } = await refusal({
    'main.tf': 'variable "a" {}\nvariable "b" {\n  default = 1\n}\nvariable "c" {}\n',
  });
  expect(code).toBe('variable_missing');
  expect(message).toContain('"a", "c"');
});

test.each([
  ['a value of another type', 'variable "a" {\n  type = number\n}\n', { a: 'x' }, 'variable_invalid'],
  [
    'an object without an attribute',
    'variable "a" {\n  type = object({ b = string })\n}\n',
    { a: {} },
    'variable_invalid',
  ],
  [
    'a value that the validation refuses',
    'variable "a" {\n  validation {\n    condition = length(var.a) > 3\n    error_message = "too short"\n  }\n}\n',
    { a: 'x' },
    'variable_invalid',
  ],
  ['null where it may not be', 'variable "a" {\n  nullable = false\n}\n', { a: null }, 'variable_invalid'],
  ['a name that is not declared', 'variable "a" {}\n', { a: 1, b: 2 }, 'variable_invalid'],
  ['an identifier whose last digits are lost', 'variable "a" {}\n', { a: [117474747474747470] }, 'variable_invalid'],
])('%s', async (_, text, variables, code) => {
  expect((await refusal({ 'main.tf': text }, { variables })).code).toBe(code);
});

test.each([
  ['has no value', '', 'variable_missing', 'main.tf:1:1: '],
  ['is refused by its validation', '  name = "x"\n', 'variable_invalid', 'login/main.tf:1:1: "module.login.var.name"'],
])('a variable of a module that nothing uses and that %s', async (_, given, code, start) => {
  const refused = await refusal({
    'main.tf': `module "login" {\n  source = "./login"\n${given}}\n`,
    'login/main.tf':
      'variable "name" {\n  validation {\n    condition = length(var.name) > 3\n    error_message = "too short"\n  }\n}\n',
  });
  expect(refused.code).toBe(code);
  expect(refused.message).toContain('name');
  expect(refused.message.startsWith(start)).toBe(true);
});

test('values on the command line are strings for primitive types and without a type, else expressions', async () => {
  const types = ['any', '', 'number', 'list(string)', 'bool', 'string'];
  const variables = types.map((type, at) => `variable "v${at}" {${type === '' ? '' : `\n  type = ${type}\n`}}\n`);
  const folder = await folderWith({ 'main.tf': `${variables.join('')}output "all" {\n  value = var.v2 + 1\n}\n` });
  const texts = { v0: '["x"]', v1: '["x"]', v2: '5', v3: '["y"]', v4: 'true', v5: 'true', other: 'x' };
  const { values, undeclared } = await variablesFromText(folder, texts);
  expect(values).toEqual({ v0: ['x'], v1: '["x"]', v2: '5', v3: ['y'], v4: 'true', v5: 'true' });
  expect(undeclared).toEqual(['other']);
  expect((await readSource(folder, { variables: values }))[0]?.json['output']).toEqual({ all: { value: 6 } });
  await expect(variablesFromText(folder, { v3: 'not quoted' })).rejects.toMatchObject({
    code: 'syntax_invalid',
    message: expect.stringMatching(/^main\.tf:\d+:1: "var\.v3"/),
  });
});

test('a stack of cdktf gets the values of its variables', async () => {
  const json = {
    variable: { stage: { type: 'string' } },
    resource: { vault_policy: { one: { name: `\${var.stage}-one`, '//': { metadata: { path: 'demo/one' } } } } },
  };
  const folder = await folderWith({ 'stacks/demo/cdk.tf.json': JSON.stringify(json) });
  expect(await readSource(folder, { variables: { stage: 'test' } })).toMatchObject([
    { name: 'demo', json: { resource: { vault_policy: { one: { name: 'test-one' } } } } },
  ]);
  await expect(readSource(folder)).rejects.toMatchObject({ code: 'variable_missing' });
});

test('TF_VAR_* count where they are asked for, and are the weakest', async () => {
  const folder = await folderWith({
    'main.tf':
      'variable "a" {\n  default = "d"\n}\nvariable "b" {\n  type = list(string)\n}\noutput "all" {\n  value = [var.a, var.b]\n}\n',
    'x.tfvars': 'b = ["file"]\n',
  });
  process.env['TF_VAR_a'] = 'from the environment';
  process.env['TF_VAR_b'] = '["one", "two"]';
  onTestFinished(() => {
    delete process.env['TF_VAR_a'];
    delete process.env['TF_VAR_b'];
  });
  const all = async (options: object): Promise<unknown> => (await readSource(folder, options))[0]?.json['output'];
  expect(await all({ variables: { b: [] } })).toEqual({ all: { value: ['d', []] } });
  expect(await all({ variablesFromEnvironment: true })).toEqual({
    all: { value: ['from the environment', ['one', 'two']] },
  });
  expect(await all({ variablesFromEnvironment: true, variableFiles: ['x.tfvars'] })).toEqual({
    all: { value: ['from the environment', ['file']] },
  });
});

test('a reference stays one, with the name that its resource has in the document', async () => {
  const folder = await folderWith({
    'main.tf': [
      'resource "vault_mount" "kv" {\n  for_each = toset(["a/b", "c"])\n  path = each.key\n}',
      `resource "vault_policy" "p" {\n  name = "p"\n  policy = "path \\"\${vault_mount.kv["a/b"].path}/*\\" {} # $\${text} \${upper(vault_mount.kv["c"].path)}"\n}`,
    ].join('\n'),
  });
  const [document] = await readSource(folder);
  expect(document?.json['resource']).toMatchObject({
    vault_mount: { 'kv-a_b': { path: 'a/b' }, 'kv-c': { path: 'c' } },
    vault_policy: {
      p: {
        policy: `path "\${vault_mount.kv-a_b.path}/*" {} # $\${text} C`,
        depends_on: ['vault_mount.kv-a_b', 'vault_mount.kv-c'],
      },
    },
  });
  expect(document?.addresses.get('vault_mount.kv-a_b')).toBe('vault_mount.kv["a/b"]');
});

test('a file that was read before is taken from the cache, and a broken entry is parsed again', async () => {
  const cache = await folderWith({});
  process.env['VAULTPROOF_CACHE_DIR'] = cache;
  onTestFinished(() => {
    delete process.env['VAULTPROOF_CACHE_DIR'];
  });
  const folder = await folderWith({ 'main.tf': policy('"x"') });
  const json = async () => (await readSource(folder))[0]?.json;
  const first = await json();
  const { readdir } = await import('node:fs/promises');
  const [entry = ''] = await readdir(join(cache, 'hcl'));
  expect(await json()).toEqual(first);
  await writeFile(join(cache, 'hcl', entry), '{"resource": ');
  expect(await json()).toEqual(first);
  // As another process, which remembers nothing.
  vi.resetModules();
  const other = await import('../../../harness/hcl/index.js');
  expect((await other.readSource(folder))[0]?.json).toEqual(first);
});

test('of several stacks each gets the values of the variables that it declares', async () => {
  const stack = (name: string): string =>
    JSON.stringify({ variable: { [name]: {} }, output: { [name]: { value: `\${var.${name}}` } } });
  const files = { 'stacks/one/cdk.tf.json': stack('a'), 'stacks/two/cdk.tf.json': stack('b') };
  const folder = await folderWith(files);
  const outputs = (await readSource(folder, { variables: { a: 1, b: 2 } })).map(({ json }) => json['output']);
  expect(outputs).toEqual([{ a: { value: 1 } }, { b: { value: 2 } }]);
  await expect(readSource(folder, { variables: { a: 1, b: 2, c: 3 } })).rejects.toMatchObject({
    code: 'variable_invalid',
    details: { variable: 'c' },
  });
});

test('a root module may have a folder "stacks" that cdktf did not write', async () => {
  const folder = await folderWith({ 'main.tf': policy('"x"'), 'stacks/payments/main.tf': policy('"y"') });
  expect(await readSource(folder)).toMatchObject([{ json: { resource: { vault_policy: { p: { policy: 'x' } } } } }]);
});

test('strings are in the order of their bytes, as Terraform has them', () => {
  const strings = ['b', 'a', 'ab', '', '\u{1f600}', '\uff5e', '\u00e9', 'B'];
  expect(strings.toSorted(compareText)).toEqual(['', 'B', 'a', 'ab', 'b', '\u00e9', '\uff5e', '\u{1f600}']);
});

test('a file is named as seen from here where its folder is, and an override in a module counts', async () => {
  const overridden = await folderWith({
    'main.tf': `module "m" {\n  source = "./m"\n}\n`,
    'm/main.tf': policy('"x"'),
    'm/override.tf': policy('"y"'),
  });
  const folder = relative('', overridden);
  expect(await readSource(folder)).toMatchObject([
    { json: { resource: { vault_policy: { 'm-p': { policy: 'y' } } } } },
  ]);
  await writeFile(join(folder, 'm', 'main.tf'), policy('file("none.hcl")'));
  await writeFile(join(folder, 'm', 'override.tf'), '');
  await expect(readSource(folder)).rejects.toMatchObject({
    code: 'file_not_found',
    message: expect.stringContaining(`${folder}/m/main.tf:3:`),
  });
  await expect(readSource(`${folder}/none.tf`)).rejects.toMatchObject({
    code: 'configuration_not_found',
    message: expect.stringContaining(`"${folder}/none.tf" does not exist`),
  });
});

test('YAML that is not valid is told with its line, and the expression with the line of its own', async () => {
  const files = { 'main.tf': `locals {\n  a = yamldecode(file("a.yaml"))\n}\noutput "a" {\n  value = local.a\n}\n` };
  const { code, message } = await refusal({ ...files, 'a.yaml': 'a: 1\nb: 2\nc: [planted\n' });
  expect(code).toBe('expression_invalid');
  expect(message).toMatch(/^main\.tf:2:\d+: "local\.a": the string is not valid YAML in its line [34]/);
  expect(message).not.toContain('planted');
});

test('a value that does not fit is named from its variable on', async () => {
  const type = 'map(object({ id = number }))';
  const files = { 'main.tf': `variable "projects" {\n  type = ${type}\n}\n` };
  const { message } = await refusal(files, { variables: { projects: { shop: { id: 'x' } } } });
  expect(message).toContain('is not valid: projects["shop"].id is a string: expected a number');
});

test('a path that is not there is named as it was given', async () => {
  await expect(readSource('infra/valt')).rejects.toMatchObject({
    code: 'configuration_not_found',
    message: expect.stringContaining('"infra/valt" does not exist'),
  });
});
