import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type ReadOptions, readSource } from '../../../harness/hcl/index.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

type Files = Readonly<Record<string, string | undefined>>;

async function write(folder: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    if (text === undefined) await rm(path);
    else await writeFile(path, text);
  }
}

async function policyIn(folder: string, options?: ReadOptions): Promise<unknown> {
  const [document] = await readSource(folder, options);
  const resource = document?.json['resource'] as { vault_policy: { p: { policy: string } } } | undefined;
  return resource?.vault_policy.p.policy;
}

const variable = 'variable "x" {\n  default = "before"\n}\n';
const policy = (expression: string): string => `resource "vault_policy" "p" {\n  policy = ${expression}\n}\n`;

test('a folder that has not changed is evaluated once', async () => {
  const folder = await temporaryFolder();
  await write(folder, { 'main.tf': variable + policy('join("", [var.x, file("x.txt")])'), 'x.txt': 'before' });
  const [first] = await readSource(folder, { variables: { x: 'same' }, ignore: ['vault_mount'] });
  const [second] = await readSource(folder, { variables: { x: 'same' }, ignore: ['vault_mount'] });
  expect(second?.json).toBe(first?.json);
});

test.each<[change: string, files: Files, changed: Files]>([
  ['a file', { 'main.tf': policy('"before"') }, { 'main.tf': policy('"after"') }],
  [
    'another file',
    { 'main.tf': policy('local.x'), 'x.tf': 'locals {\n  x = "before"\n}\n' },
    { 'x.tf': 'locals {\n  x = "after"\n}\n' },
  ],
  ['a file that is added', { 'main.tf': policy('"before"') }, { 'x_override.tf': policy('"after"') }],
  ['values of variables', { 'main.tf': variable + policy('var.x') }, { 'terraform.tfvars': 'x = "after"\n' }],
  [
    'a module',
    {
      'main.tf': `module "m" {\n  source = "./m"\n}\n${policy('module.m.x')}`,
      'm/main.tf': 'output "x" {\n  value = "before"\n}\n',
    },
    { 'm/main.tf': 'output "x" {\n  value = "after"\n}\n' },
  ],
  ['a file that is read', { 'main.tf': policy('file("x.txt")'), 'x.txt': 'before' }, { 'x.txt': 'after' }],
  [
    'a file that a template reads',
    { 'main.tf': policy('templatefile("x.tpl", {})'), 'x.tpl': `\${file("x.txt")}`, 'x.txt': 'before' },
    { 'x.txt': 'after' },
  ],
  ['a file that is there now', { 'main.tf': policy('try(file("x.txt"), "before")') }, { 'x.txt': 'after' }],
  [
    'a file that is gone',
    { 'main.tf': policy('fileexists("x.txt") ? "before" : "after"'), 'x.txt': '' },
    { 'x.txt': undefined },
  ],
  [
    'what is in a folder',
    { 'main.tf': policy('one(fileset(".", "*.txt"))'), before: '', 'before.txt': '' },
    { 'before.txt': undefined, 'after.txt': '' },
  ],
])('%s is read again where it has changed', async (_, files, changed) => {
  const folder = await temporaryFolder();
  await write(folder, files);
  expect(await policyIn(folder)).toContain('before');
  expect(await policyIn(folder)).toContain('before');
  await write(folder, changed);
  expect(await policyIn(folder)).toContain('after');
});

test('a file that is read and has gone is missed', async () => {
  const folder = await temporaryFolder();
  await write(folder, { 'main.tf': policy('file("x.txt")'), 'x.txt': 'before' });
  await policyIn(folder);
  await write(folder, { 'x.txt': undefined });
  await expect(policyIn(folder)).rejects.toMatchObject({ code: 'file_not_found' });
});

test('other values of variables and other patterns count, wherever they are from', async () => {
  const folder = await temporaryFolder();
  await write(folder, { 'main.tf': variable + policy('var.x') });
  expect(await policyIn(folder)).toBe('before');
  expect(await policyIn(folder, { variables: { x: 'given' } })).toBe('given');
  vi.stubEnv('TF_VAR_x', 'stubbed');
  expect(await policyIn(folder, { variablesFromEnvironment: true })).toBe('stubbed');
  vi.unstubAllEnvs();
  expect(await policyIn(folder, { ignore: ['vault_policy'] })).toBeUndefined();
  expect(await policyIn(folder)).toBe('before');
});
