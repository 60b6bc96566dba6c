import { cp, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { npxIn } from '../../support/cli.js';
import { type PythonOrReason, pythonWithHvac } from '../../support/python.js';
import { isDemanded } from '../../support/requirement.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { answers } from '../../support/what-runs.js';
import { read } from '../../unit/docs/markdown.js';

// docs/cookbook.md, "Test in another language", as it stands, in a project with HCL at infra/vault.

const [section = ''] = /^## Test in another language$.*?(?=^## )/ms.exec(read('docs/cookbook.md')) ?? [];
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(section)?.[1] ?? '';

let python: PythonOrReason;
let folder: string;
let path: string;

beforeAll(async () => {
  python = await pythonWithHvac();
}, 180_000);

beforeEach(async ({ skip }) => {
  if ('missing' in python) {
    if (isDemanded('python')) throw new Error(`VAULTPROOF_REQUIRE asks for python: ${python.missing}`);
    return skip(python.missing);
  }
  folder = await temporaryFolder();
  const login = fileURLToPath(new URL('../../fixtures/hcl/logins/github-actions-basic', import.meta.url));
  await cp(login, join(folder, 'infra', 'vault'), { recursive: true });
  await writeFile(join(folder, 'test_login.py'), block('python'));
  path = [await npxIn(folder), join(python.path, '..'), process.env['PATH']].join(delimiter);
});

const run = (script: string) => execa('bash', ['-eu', '-c', script], { cwd: folder, env: { PATH: path } });

test('pytest runs inside an environment', async () => {
  const { stdout } = await run(block('console'));
  expect(stdout).toContain('2 passed');
});

test('an environment is left open for several commands, and ended', async () => {
  const { stdout } = await run(block('bash'));
  expect(stdout).toContain('2 passed');
  const [, address = ''] = /VAULT_ADDR='(.*)'/.exec(await readFile(join(folder, 'servers.env'), 'utf8')) ?? [];
  expect(address).not.toBe('');
  await vi.waitFor(async () => expect(await answers(address)).toBe(false), { timeout: 10_000, interval: 50 });
});
