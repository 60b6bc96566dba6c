import { expect, test } from 'vitest';
import { selectorVerdict } from '../../../harness/login/consul-selector-verdict.js';

// Those that are judged are held against a real Consul in test/integration/consul-login/binding-rules.test.ts.
const values = { 'value.team': 'red', 'value.unit': null, 'list.groups': ['eng'] };

test.each([
  'value.team matches `\\pL`',
  'value.team not matches `\\pL`',
  'not value.team matches `\\pL`',
  'value.team == "red" and value.team matches `\\pL`',
  'value.team == "blue" or value.team matches `\\pL`',
  'value.team == "\\xff"',
  'value.team == "\\377"',
  'value.team == "red" and',
  'value.team == "red" value.team == "red"',
  ' ',
])('the selector %j is left to consul', (selector) => {
  expect(selectorVerdict(selector, values).matched).toBeUndefined();
});

test.each([
  ['value.team == "blue" and value.team matches "r.*"', false],
  ['value.team == "red" or value.team matches "r.*"', true],
  ['value.unit matches "r.*"', true],
])('where a pattern decides nothing, %j is judged', (selector, matched) => {
  expect(selectorVerdict(selector, values).matched).toBe(matched);
});

test('an empty selector matches everybody', () => {
  expect(selectorVerdict('', {})).toEqual({ matched: true, fields: [], literals: [] });
});

test.each([
  [
    'value.a == "value.b" and (`list.c` in list.d or value.a matches "\\"x")',
    ['value.team', 'value.unit', 'list.groups'],
  ],
  ['value.a == "value.b" and (`list.c` in list.d or value.a matches "x")', ['value.a', 'list.d']],
  ['value["first-name"] == "x" and not "team" in value', ['value.first-name', 'value.team']],
  ['value is not empty', ['value.team', 'value.unit']],
])('the selector %s speaks of fields, or, where it is none, of any', (selector, fields) => {
  expect(selectorVerdict(selector, values).fields).toEqual(fields);
});
