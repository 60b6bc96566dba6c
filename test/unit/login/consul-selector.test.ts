import { expect, test } from 'vitest';
import { fieldsIn, selectorMatches } from '../../../harness/login/consul-selector.js';

// Those that are judged are held against a real Consul in test/integration/consul-login/binding-rules.test.ts.
const values = { 'value.team': 'red', 'list.groups': ['eng'] };

test.each([
  'value.team == "red" or value.team == "blue"',
  'not value.team == "blue"',
  '(value.team == "red")',
  'value.team matches "r.*"',
  'value.team contains "r"',
  'value.team is empty',
  'list.groups is empty',
  'value.team == red',
  'value.team == `red`',
  'value.team == "r\\"ed"',
  'value["team"] == "red"',
  'value.team == "red" and',
  'value.team == "red" and list.groups is not empty',
  'value.team == "red" value.team == "red"',
  ' ',
])('the selector %j is left to consul', (selector) => {
  expect(selectorMatches(selector, values)).toBeUndefined();
});

test('an empty selector matches everybody', () => {
  expect(selectorMatches('', {})).toBe(true);
});

test('a selector speaks of fields, and text in quotes is none', () => {
  expect(fieldsIn('value.a == "value.b" and (`list.c` in list.d or value.a matches "\\"value.e")')).toEqual([
    'value.a',
    'list.d',
  ]);
});
