import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expressionsFolder, fixtureExpressions, outputsOf } from '../../support/hcl.js';

const expressions = fixtureExpressions();
const recorded = JSON.parse(readFileSync(`${expressionsFolder}/values.json`, 'utf8')) as Readonly<
  Record<string, unknown>
>;

test('500 expressions and more have the values that Terraform gives them', async () => {
  expect(expressions.length).toBeGreaterThan(500);
  expect(Object.keys(recorded)).toEqual(expressions);
  const named = Object.fromEntries(expressions.map((expression, at) => [`e${at}`, expression]));
  const outputs = await outputsOf(expressionsFolder, named);
  const values = Object.fromEntries(expressions.map((expression, at) => [expression, outputs[`e${at}`]]));
  expect(values).toEqual(recorded);
});
