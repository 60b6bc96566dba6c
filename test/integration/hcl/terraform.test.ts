import { readFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import {
  expressionsFolder,
  fixtureExpressions,
  fixtureFiles,
  fixtureFolders,
  foldersFolder,
} from '../../support/hcl.js';
import { consoleValues, isPlanned, terraformOutputs } from '../../support/hcl-terraform.js';
import { requires } from '../../support/requirement.js';

// What was recorded, asked of the terraform that is here. `scripts/record-hcl.ts` records all of it again.

beforeEach(requires('terraform'));

const recorded = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;

test('Terraform gives the expressions the recorded values', async () => {
  const expressions = fixtureExpressions();
  const values = await consoleValues(expressionsFolder, expressions);
  const byExpression = Object.fromEntries(expressions.map((expression, at) => [expression, values[at]]));
  expect(byExpression).toEqual(recorded(`${expressionsFolder}/values.json`));
});

// A run takes more than a second: one folder in six is enough to notice another Terraform.
test.each(fixtureFolders().filter((_, at) => at % 6 === 0))(
  'Terraform gives the folder %s its outputs',
  async (name) => {
    expect(await terraformOutputs(`${foldersFolder}/${name}`)).toEqual(
      recorded(`${foldersFolder}/../outputs.json`)[name],
    );
  },
);

test.each(fixtureFiles('refused'))('Terraform refuses %s', async (text) => {
  expect(await isPlanned(text)).toBe(false);
});

test.each(fixtureFiles('accepted'))('Terraform plans %s', async (text) => {
  expect(await isPlanned(text)).toBe(true);
});
