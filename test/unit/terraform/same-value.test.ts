import { expect, test } from 'vitest';
import { isSameValue, seconds } from '../../../harness/terraform/field-reader.js';

test.each([
  [null, ''],
  [undefined, []],
  [false, 0],
  [{}, null],
  [[''], []],
  [
    ['b', 'a'],
    ['a', 'b'],
  ],
  [['127.0.0.1/32'], ['127.0.0.1']],
  ['-----END PUBLIC KEY-----\n', '-----END PUBLIC KEY-----'],
  [{ a: ['2', '1'] }, { a: ['1', '2'] }],
])('%j means the same as %j', (left, right) => {
  expect(isSameValue(left, right)).toBe(true);
  expect(isSameValue(right, left)).toBe(true);
});

test.each([
  ['a', 'b'],
  [['a'], ['a', 'b']],
  [['127.0.0.1/31'], ['127.0.0.1']],
  [60, 61],
  [true, null],
  [{ a: 'b' }, {}],
  ['vishpat', ['vishpat']],
])('%j is something else than %j', (left, right) => {
  expect(isSameValue(left, right)).toBe(false);
});

test.each([
  ['10m', 600],
  ['1h30m', 5400],
  ['1d', 86_400],
  ['600', 600],
  [600, 600],
  ['soon', 'soon'],
  ['10m later', '10m later'],
  ['', ''],
])('%j is a duration of %j', (duration, expected) => {
  expect(seconds(duration)).toBe(expected);
});
