import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { cliInProcess } from '../../support/cli-in-process.js';
import { folderWith } from '../../support/temporary-folder.js';

/** A folder with these files, as it is named from here. */
async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  return relative('', await folderWith(files));
}

interface Printed {
  readonly findings: readonly { readonly file: string; readonly line: number; readonly code: string }[];
  readonly lookedAt: Readonly<Record<string, number>>;
}

async function lint(...args: string[]) {
  const { exitCode, stdout, stderr } = await cliInProcess(['lint', '--json', ...args]);
  const { findings, lookedAt } = JSON.parse(stdout) as Printed;
  return { exitCode, stderr, lookedAt, found: findings.map(({ file, line, code }) => `${file}:${line} ${code}`) };
}

const policy = (name: string, capability: string): string =>
  `resource "vault_policy" "${name}" {\n  name   = "${name}"\n  policy = "path \\"a\\" { capabilities = [\\"${capability}\\"] }"\n}\n`;
const module = `variable "wanted" {}\n${policy('own', `\${var.wanted}`)}`;
const call = (source: string, wanted: string): string =>
  `module "m" {\n  source = "${source}"\n  wanted = "${wanted}"\n}\n`;

test.each([
  ['below it', 'vault', './modules/m', 'vault/modules/m'],
  ['beside it', 'vault', '../modules/m', 'modules/m'],
  ['before it', 'vault', '../a/m', 'a/m'],
])('a module %s is linted with its inputs alone', async (_, root, source, at) => {
  const folder = await folderOf({ [`${root}/main.tf`]: call(source, 'sudo'), [`${at}/main.tf`]: module });
  const place = `${folder}/${at}/main.tf:2 policy-sudo`;
  expect(await lint(folder)).toMatchObject({ exitCode: 1, found: [place], lookedAt: { policy: 1 } });
});

test('a called module in the JSON syntax is linted with its inputs alone', async () => {
  const json = { resource: { vault_policy: { p: { name: 'p', policy: 'path "a" { capabilities = ["sudo"] }' } } } };
  const folder = await folderOf({
    'main.tf': 'module "m" {\n  source = "./m"\n}\n',
    'm/main.tf.json': JSON.stringify(json),
  });
  expect(await lint(folder)).toMatchObject({
    found: [`${folder}/m/main.tf.json:1 policy-sudo`],
    lookedAt: { policy: 1 },
  });
});

test('a module that no root module calls is linted by itself', async () => {
  const folder = await folderOf({ 'main.tf': policy('one', 'read'), 'modules/m/main.tf': policy('two', 'sudo') });
  expect(await lint(folder)).toMatchObject({
    found: [`${folder}/modules/m/main.tf:1 policy-sudo`],
    lookedAt: { policy: 2 },
  });
});

test('an error in a module has its path from here', async () => {
  const folder = await folderOf({
    'vault/main.tf': call('./m', 'x'),
    'vault/m/main.tf': `${module}locals {\n  a = upper(\n}\n`,
  });
  const { exitCode, stderr } = await cliInProcess(['lint', folder]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`syntax_invalid: ${folder}/vault/m/main.tf:`);
});

test('one file is what it declares, with the modules that it calls, in findings and in numbers', async () => {
  const folder = await folderOf({
    'main.tf': `${policy('one', 'read')}${call('./m', 'sudo')}provider "vault" {\n  token = "s.planted"\n}\n`,
    'other.tf': policy('two', 'sudo'),
    'm/main.tf': module,
  });
  expect(await lint(join(folder, 'main.tf'))).toMatchObject({
    exitCode: 1,
    found: [`${folder}/m/main.tf:2 policy-sudo`, `${folder}/main.tf:9 secret-in-provider`],
    lookedAt: { policy: 2 },
  });
  expect(await lint(join(folder, 'other.tf'))).toMatchObject({
    found: [`${folder}/other.tf:1 policy-sudo`],
    lookedAt: { policy: 1 },
  });
  const both = await lint(join(folder, 'main.tf'), join(folder, 'm/main.tf'));
  expect(both.lookedAt).toEqual({ policy: 2 });
});

test.each(['nofile.tf', 'vault/nofile.tf', 'nofile.tf.json', 'nowhere'])('%s does not exist', async (name) => {
  const folder = await folderOf({ 'vault/main.tf': policy('one', 'read') });
  const path = join(folder, name);
  const { exitCode, stderr } = await cliInProcess(['lint', path]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`configuration_not_found: "${path}" does not exist`);
});

const broken = {
  'a/main.tf': policy('a', 'sudo'),
  'b/main.tf': 'locals {\n  x = \n}\n',
  'c/main.tf': policy('c', 'sudo'),
};

test('a root module that can not be read does not keep the others from being linted', async () => {
  const folder = await folderOf(broken);
  const { exitCode, stdout, stderr } = await cliInProcess(['lint', '--json', folder]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`syntax_invalid: ${folder}/b/main.tf:2:7: `);
  const { findings, errors } = JSON.parse(stdout) as Printed & { readonly errors: readonly unknown[] };
  expect(findings.map(({ file }) => file)).toEqual([`${folder}/a/main.tf`, `${folder}/c/main.tf`]);
  expect(errors).toEqual([
    { file: `${folder}/b/main.tf`, line: 2, code: 'syntax_invalid', message: expect.any(String) },
  ]);
});

test('SARIF and annotations have such an error, too', async () => {
  const folder = await folderOf(broken);
  const { stdout } = await cliInProcess(['lint', '--sarif', folder]);
  expect(JSON.parse(stdout)).toMatchObject({
    runs: [
      {
        invocations: [
          {
            executionSuccessful: false,
            toolExecutionNotifications: [
              {
                descriptor: { id: 'syntax_invalid' },
                locations: [
                  { physicalLocation: { artifactLocation: { uri: `${folder}/b/main.tf` }, region: { startLine: 2 } } },
                ],
              },
            ],
          },
        ],
        results: [{ ruleId: 'policy-sudo' }, { ruleId: 'policy-sudo' }],
      },
    ],
  });
  const annotated = await cliInProcess(['lint', '--github', folder]);
  expect(annotated.stdout).toContain(`::error file=${folder}/b/main.tf,line=2,title=syntax_invalid::`);
});

test('what --ignore names is not linted', async () => {
  const folder = await folderOf({
    'main.tf': `${policy('a', 'sudo')}${policy('b', 'sudo')}${call('./m', 'sudo')}`,
    'm/main.tf': module,
  });
  expect((await lint(folder)).found).toHaveLength(3);
  expect((await lint(folder, '--ignore', 'vault_policy.a')).found).toEqual([
    `${folder}/main.tf:5 policy-sudo`,
    `${folder}/m/main.tf:2 policy-sudo`,
  ]);
  expect(await lint(folder, '--ignore', 'vault_policy')).toMatchObject({ exitCode: 0, found: [] });
  expect((await cliInProcess(['lint', '--ignore', 'x', 'package.json'])).exitCode).toBe(2);
});

test('what is found in several instances of a block is said once, with their addresses', async () => {
  const wanted = 'wanted = each.value';
  const folder = await folderOf({
    'main.tf': `${call('./m', '').replace('wanted = ""', `for_each = { a = "sudo", b = "sudo", c = "deny" }\n  ${wanted}`)}${policy('x', 'sudo')}`,
    'm/main.tf': module,
  });
  const inModule = (key: string): string => `module.m["${key}"].vault_policy.own`;
  const { stdout, stderr } = await cliInProcess(['lint', folder]);
  expect(stdout.split('\n').filter((line) => /^\S|also/.test(line))).toEqual([
    `${folder}/main.tf:6: error policy-sudo: vault_policy.x`,
    `${folder}/m/main.tf:2: error policy-sudo: ${inModule('a')}`,
    `  also ${inModule('b')}`,
  ]);
  expect(stderr).toContain('3 findings (3 errors, 0 warnings)');
  const { stdout: annotations } = await cliInProcess(['lint', '--github', folder]);
  expect(annotations.split('\n')).toEqual([
    expect.stringContaining('vault_policy.x'),
    expect.stringContaining(`::${inModule('a')}, ${inModule('b')} policy`),
  ]);
  expect((await lint(folder)).found).toHaveLength(3);
});

test('a pattern of --ignore is said to match nothing where it does so in all root modules', async () => {
  const folder = await folderOf({
    'a/main.tf': policy('a', 'sudo'),
    'b/main.tf': `${policy('b', 'sudo')}module "off" {\n  source = "../m"\n  count  = 0\n  wanted = "sudo"\n}\nmodule "m" {\n  source = "nowhere/m/vault"\n}\n`,
    'm/main.tf': `${module}resource "vault_mount" "kv" {\n  path = "kv"\n  type = "kv"\n}\n`,
  });
  const patterns = ['vault_policy.a', 'vault_policie', 'module.m', 'module.n', 'vault_mount'];
  const { exitCode, stderr, found } = await lint(folder, '--ignore', patterns.join(','));
  expect({ exitCode, found }).toEqual({ exitCode: 1, found: [`${folder}/b/main.tf:1 policy-sudo`] });
  expect(stderr.split('\n').filter((line) => line.startsWith('--ignore'))).toEqual([
    '--ignore "vault_policie" matches nothing: correct it, or leave it out',
    '--ignore "module.n" matches nothing: correct it, or leave it out',
  ]);
});
