import { expect, test } from 'vitest';
import { selectableValues } from '../../../harness/login/consul-selector-verdict.js';

const value = (claim: unknown): unknown => selectableValues({ ClaimMappings: { claim: 'x' } }, { claim })['value.x'];
const list = (claim: unknown): unknown => selectableValues({ ListClaimMappings: { claim: 'x' } }, { claim })['list.x'];

test.each([
  ['text', 'text'],
  ['', ''],
  [true, 'true'],
  [7, '7'],
  [7.9, '7'],
  [-7.9, '-7'],
  [2 ** 60, '1152921504606846976'],
  [1e20, '-9223372036854775808'],
  [Number.POSITIVE_INFINITY, null],
  [null, null],
  [undefined, null],
  [['text'], null],
  [{ a: 1 }, null],
])('a claim of %j is the value %j', (claim, mapped) => {
  expect(value(claim)).toBe(mapped);
});

test.each([
  [
    ['a', 1.5, false, ''],
    ['a', '1', 'false'],
  ],
  ['a', ['a']],
  [[], []],
  [null, null],
  [undefined, null],
])('a claim of %j is the list %j', (claim, mapped) => {
  expect(list(claim)).toEqual(mapped);
});

test('a JSON pointer leads into objects and lists', () => {
  const config = { ClaimMappings: { '/a~1b/1/c': 'x', '/nowhere/at/all': 'y' }, ListClaimMappings: { '/a~1b': 'z' } };
  expect(selectableValues(config, { 'a/b': [1, { c: 'deep' }] })).toEqual({
    'value.x': 'deep',
    'value.y': null,
    'list.z': ['1'],
  });
});

test('a method without mappings shows nothing', () => {
  expect(selectableValues({}, { sub: 'vishpat' })).toEqual({});
});
