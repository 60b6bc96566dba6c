import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSource } from '../../../harness/hcl/index.js';
import { fixtureFiles } from '../../support/hcl.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** The code of what reading a root module of this one file throws; undefined where it is read. */
async function refusalOf(text: string): Promise<string | undefined> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'main.tf'), text);
  return readSource(folder).then(
    () => undefined,
    (error: { code?: string }) => error.code ?? String(error),
  );
}

const CODES = [
  ...['syntax_invalid', 'declaration_invalid', 'expression_invalid', 'variable_invalid', 'variable_missing'],
  ...['function_unknown', 'file_not_found', 'dependency_cycle', 'value_unknown', 'condition_failed'],
];

test('there are 120 files that Terraform refuses', () => {
  expect(fixtureFiles('refused').length).toBeGreaterThanOrEqual(120);
});

test.each(fixtureFiles('refused'))('what Terraform refuses is refused: %s', async (text) => {
  expect(CODES).toContain(await refusalOf(text));
});

test.each(fixtureFiles('accepted'))('what Terraform plans is read: %s', async (text) => {
  expect(await refusalOf(text)).toBeUndefined();
});

test('an argument that a newer Terraform may have is passed over', async () => {
  expect(await refusalOf('variable "a" {\n  default = 1\n  novelty = true\n}\n')).toBeUndefined();
});
