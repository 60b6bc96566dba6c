import { describe, expect, test } from 'vitest';
import {
  durationInSeconds,
  flag,
  goDuration,
  integer,
  jsonObject,
  text,
  textSet,
} from '../../../harness/provision/arguments.js';

describe('what terraform converts is converted', () => {
  test.each([
    ['a number to text', text, 7, '7'],
    ['a boolean to text', text, true, 'true'],
    ['text to a number', integer, '-60', -60],
    ['text to a boolean', flag, 'false', false],
    ['a digit to a boolean', flag, '1', true],
  ])('%s', (_what, type, value, converted) => {
    expect(type.parse(value)).toBe(converted);
  });

  test.each([
    ['a list to text', text, ['a']],
    ['a word to a number', integer, 'seven'],
    ['a fraction to a whole number', integer, 1.5],
    ['a number to a boolean', flag, 1],
  ])('%s is not converted', (_what, type, value) => {
    expect(type.safeParse(value).success).toBe(false);
  });
});

test('a set has neither an order nor doubles', () => {
  expect(textSet.parse(['b', 'a', 'b'])).toEqual(['a', 'b']);
});

test('a JSON object is written as go writes it', () => {
  expect(jsonObject.parse(' { "b": "<&>", "a": [ {"d": 1, "c": null} ] } ')).toBe(
    '{"a":[{"c":null,"d":1}],"b":"\\u003c\\u0026\\u003e"}',
  );
});

test.each(['[]', '"text"', 'null', '{', ''])('%s is no JSON object', (json) => {
  expect(jsonObject.safeParse(json).success).toBe(false);
});

test.each([
  ['0', '0s'],
  ['90s', '90s'],
  ['1m30s', '90s'],
  ['1h30m', '5400s'],
  ['1.5h', '5400s'],
  ['500ms', '0.5s'],
  ['.5h', '1800s'],
  ['+1m', '60s'],
  ['-1m', '-60s'],
  ['1000000\u00b5s', '1s'],
])('the duration %s is %s', (source, seconds) => {
  expect(durationInSeconds.parse(source)).toBe(seconds);
  expect(goDuration.parse(source)).toBe(source);
});

test.each(['', '10', '3600', '1d', 'h', '.h', '1h 30m', '1h-1m', '-'])('"%s" is no duration', (source) => {
  expect(durationInSeconds.safeParse(source).success).toBe(false);
  expect(goDuration.safeParse(source).success).toBe(false);
});
