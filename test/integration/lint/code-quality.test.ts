import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliInProcess } from '../../support/cli-in-process.js';
import { folderWith } from '../../support/temporary-folder.js';

/** What GitLab shows of a report. */
interface Issue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

const sudo = `
resource "vault_policy" "admin" {
  for_each = toset(["a", "b"])
  name     = each.key
  policy   = <<-EOT
    path "sys/audit" { capabilities = ["sudo"] }
    path "sys/seal" { capabilities = ["sudo"] }
  EOT
}
`;
const output = 'output "my_token" {\n  value = "x"\n}\n';

/** Lints a folder `infra` of a project that GitLab has checked out. */
async function issuesOf(files: Readonly<Record<string, string>>, severity = 'warning') {
  const project = await folderWith({});
  await mkdir(join(project, 'infra'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, 'infra', name), text);
  const env = { CI_PROJECT_DIR: project, GITHUB_ACTIONS: undefined };
  const args = ['lint', join(project, 'infra'), '--gitlab', '--severity', severity];
  const { exitCode, stdout } = await cliInProcess(args, { env });
  return { exitCode, issues: JSON.parse(stdout) as readonly Issue[] };
}

test('--gitlab prints a code quality report, with paths from the root of the project', async () => {
  const { exitCode, issues } = await issuesOf({ 'main.tf': sudo + output });
  expect(exitCode).toBe(1);
  const policy = (path: string) => ({
    description: expect.stringMatching(
      new RegExp(`^vault_policy\\.admin\\["a"\\], vault_policy\\.admin\\["b"\\] policy "${path}": it grants sudo`),
    ),
    check_name: 'policy-sudo',
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    severity: 'critical',
    location: { path: 'infra/main.tf', lines: { begin: 2 } },
  });
  expect(issues).toEqual([
    policy('sys/audit'),
    policy('sys/seal'),
    {
      description: expect.stringContaining('output.my_token'),
      check_name: 'secret-looking-output',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      severity: 'minor',
      location: { path: 'infra/main.tf', lines: { begin: 10 } },
    },
  ]);
  expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(3);
});

test('a fingerprint stays where lines move and instances are added, and tells findings apart', async () => {
  const of = async (text: string) =>
    (await issuesOf({ 'main.tf': text }, 'error')).issues.map(({ fingerprint }) => fingerprint);
  const before = await of(sudo);
  expect(await of(`\n\n${sudo.replace('["a", "b"]', '["a", "b", "c"]')}`)).toEqual(before);
  const renamed = await of(sudo.replace('"admin"', '"root"'));
  expect(renamed.filter((one) => before.includes(one))).toEqual([]);
});

test('what could not be read is in the report, too, and nothing found is an empty one', async () => {
  const project = await folderWith({ 'one.tf.json': '{}', 'two.tf.json': '{"nope":1}' });
  const args = ['lint', '--gitlab', ...['one', 'two'].map((name) => join(project, `${name}.tf.json`))];
  const { exitCode, stdout } = await cliInProcess(args, { env: { CI_PROJECT_DIR: project } });
  expect({ exitCode, issues: JSON.parse(stdout) }).toEqual({
    exitCode: 2,
    issues: ['one', 'two'].map((name) => ({
      description: expect.stringContaining('this is not terraform'),
      check_name: 'not_terraform_json',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      severity: 'blocker',
      location: { path: `${name}.tf.json`, lines: { begin: 1 } },
    })),
  });
  expect(await issuesOf({ 'main.tf': 'locals {}\n' })).toEqual({ exitCode: 0, issues: [] });
});
