import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { terraformProvisioner } from 'vaultproof';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findTerraform } from '../../../harness/terraform/executable.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

beforeEach(() => {
  vi.stubEnv('VAULTPROOF_TERRAFORM_PATH', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** A folder with executables that answer to `version` as they are told. */
async function folderWith(answers: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(await temporaryFolder(), 'bin');
  await mkdir(folder);
  for (const [name, answer] of Object.entries(answers)) {
    await writeFile(join(folder, name), `#!/bin/sh\necho '${answer}'\n`);
    await chmod(join(folder, name), 0o755);
  }
  return folder;
}

test('neither on PATH is an error that says so', async () => {
  vi.stubEnv('PATH', '/nonexistent');
  await expect(findTerraform()).rejects.toMatchObject({ code: 'terraform_not_found' });
  await using terraform = terraformProvisioner();
  await expect(terraform.apply('demo', {})).rejects.toMatchObject({ code: 'terraform_not_found' });
});

test.each([
  [
    'terraform is taken before tofu',
    { terraform: 'Terraform v1.11.4', tofu: 'OpenTofu v1.9.0' },
    'terraform',
    '1.11.4',
  ],
  ['tofu is taken where terraform is not', { tofu: 'OpenTofu v1.9.0' }, 'tofu', '1.9.0'],
  [
    'tofu is taken where terraform is too old',
    { terraform: 'Terraform v1.4.6', tofu: 'OpenTofu v1.6.0' },
    'tofu',
    '1.6.0',
  ],
])('on PATH %s', async (_, answers, product, version) => {
  vi.stubEnv('PATH', await folderWith(answers));
  expect(await findTerraform()).toMatchObject({ product, version });
});

test('one that is too old, and no other, is an error with both versions', async () => {
  vi.stubEnv('PATH', await folderWith({ terraform: 'Terraform v1.4.6' }));
  await expect(findTerraform()).rejects.toMatchObject({
    code: 'terraform_too_old',
    details: { version: '1.4.6', floor: '1.5' },
  });
});

test('an option counts before the variable, and the variable before PATH', async () => {
  const folder = await folderWith({ one: 'Terraform v1.6.0', other: 'OpenTofu v1.7.0', terraform: 'Terraform v1.8.0' });
  vi.stubEnv('PATH', folder);
  vi.stubEnv('VAULTPROOF_TERRAFORM_PATH', join(folder, 'other'));
  expect(await findTerraform()).toMatchObject({ product: 'tofu', version: '1.7.0' });
  expect(await findTerraform(join(folder, 'one'))).toMatchObject({ product: 'terraform', version: '1.6.0' });
});

test.each(['/nonexistent/terraform', '/etc/hostname', '/bin/true'])('"%s" is named and is none', async (path) => {
  await expect(findTerraform(path)).rejects.toMatchObject({ code: 'terraform_not_found' });
});

test('an empty path is wrong use', async () => {
  await expect(findTerraform('')).rejects.toThrow(TypeError);
});
