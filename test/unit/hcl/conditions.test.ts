import { expect, test } from 'vitest';
import { readSource, readUnapplied } from '../../../harness/hcl/index.js';
import { folderWith } from '../../support/temporary-folder.js';

/** What a folder with this file passes over. */
async function passedOver(main: string, files: Readonly<Record<string, string>> = {}, options: object = {}) {
  const [document] = await readSource(await folderWith({ 'main.tf': main, ...files }), options);
  return document?.passedOver;
}

const lifecycle = (kind: string, condition: string, message = '"no"'): string =>
  `  lifecycle {\n    ${kind} {\n      condition     = ${condition}\n      error_message = ${message}\n    }\n  }\n`;
const policy = (more: string): string => `resource "vault_policy" "p" {\n  name   = "p"\n  policy = ""\n${more}}\n`;

test('a condition that does not hold is refused with its own words, its file and its line', async () => {
  const main = `variable "x" {\n  default = "odd"\n}\n${policy(lifecycle('precondition', 'var.x == "even"', `"\${var.x} is wrong"`))}`;
  await expect(passedOver(main)).rejects.toMatchObject({
    code: 'condition_failed',
    message:
      'main.tf:9:23: the precondition of "vault_policy.p" fails: odd is wrong. Give the values that it asks for, or pass it over with ignore: [\'vault_policy.p.precondition\']',
    details: { address: 'vault_policy.p', ignore: ['vault_policy.p.precondition'] },
  });
  expect(await passedOver(main, {}, { variables: { x: 'even' } })).toEqual([]);
});

test('what is sensitive is hidden in its words', async () => {
  const variable = 'variable "x" {\n  default   = "TOPSECRET"\n  sensitive = true\n}\n';
  const refused = await passedOver(
    `${variable}${policy(lifecycle('precondition', 'var.x == ""', `"is \${var.x}"`))}`,
  ).catch((error: Error) => error.message);
  expect(refused).toContain('fails: is (sensitive value).');
});

test('a condition over what only an apply tells is named', async () => {
  const main = `resource "vault_mount" "kv" {\n  path = "kv"\n  type = "kv"\n${lifecycle('postcondition', 'self.accessor != "" && self.path == "kv"')}}\n`;
  expect(await passedOver(main)).toEqual([
    { address: 'vault_mount.kv.postcondition', reason: '"vault_mount.kv.accessor" is known only after an apply' },
  ]);
});

test('a condition can be ignored, and is not checked for what is passed over or does not exist', async () => {
  const main = policy(lifecycle('precondition', 'terraform.workspace == "prod"'));
  expect(await passedOver(main, {}, { ignore: ['*.precondition'] })).toEqual([
    { address: 'vault_policy.p.precondition', reason: 'its type or address is ignored' },
  ]);
  expect((await passedOver(main, {}, { ignore: ['vault_policy'] }))?.map(({ address }) => address)).toEqual([
    'vault_policy.p',
  ]);
  const data = `data "aws_x" "a" {}\n${main.replace('name   = "p"', 'name   = data.aws_x.a.name')}`;
  expect((await passedOver(data, {}, { ignore: ['data.aws_*'] }))?.map(({ address }) => address)).toEqual([
    'data.aws_x.a',
    'vault_policy.p',
  ]);
});

test('the conditions of a called module, its data sources and its outputs are checked', async () => {
  const call = 'module "m" {\n  source = "./m"\n  for_each = toset(["a"])\n  on = false\n}\n';
  const variable = 'variable "on" {}\n';
  const output =
    'output "o" {\n  value = 1\n  precondition {\n    condition = var.on\n    error_message = "no"\n  }\n}\n';
  const data = `data "vault_policy_document" "d" {\n${lifecycle('precondition', 'var.on')}}\n`;
  for (const [text, address] of [
    [output, 'module.m["a"].output.o'],
    [data, 'module.m["a"].data.vault_policy_document.d'],
  ] as const) {
    await expect(passedOver(call, { 'm/main.tf': variable + text })).rejects.toMatchObject({
      code: 'condition_failed',
      details: { address },
    });
  }
});

test('what is imported is made, and named', async () => {
  const main = `${policy('')}import {\n  to = vault_policy.p\n  id = "p"\n}\n`;
  expect(await passedOver(main)).toEqual([
    { address: 'import.vault_policy.p', reason: 'nothing is there to import: it is made' },
  ]);
});

test('where nothing is applied, conditions are passed over', async () => {
  const folder = await folderWith({ 'main.tf': policy(lifecycle('precondition', 'terraform.workspace == "prod"')) });
  expect(Object.keys((await readUnapplied(folder)).json['resource'] as object)).toEqual(['vault_policy']);
  expect((await readUnapplied(folder, { ignore: ['*.precondition'] })).unmatched).toEqual([]);
});

test('a stack of cdktf has its conditions checked', async () => {
  const conditions = [{ condition: `\${terraform.workspace == "prod"}`, error_message: 'no' }];
  const body = { name: 'p', policy: '', lifecycle: { precondition: conditions } };
  const folder = await folderWith({ 'cdk.tf.json': JSON.stringify({ resource: { vault_policy: { p: body } } }) });
  await expect(readSource(`${folder}/cdk.tf.json`)).rejects.toMatchObject({ code: 'condition_failed' });
});
