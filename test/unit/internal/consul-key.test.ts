import { expect, test } from 'vitest';
import { consulKeyPath } from '../../../internal/consul-api.js';

test.each([
  ['app/colour', 'app/colour'],
  ['a folder/', 'a%20folder/'],
  ['ä?#%', '%C3%A4%3F%23%25'],
  ['...', '...'],
])('the key "%s" has the path "%s"', (key, path) => {
  expect(consulKeyPath(key)).toBe(path);
});

test.each(['', '/', 'a//b', '/a', 'a/../b', '..', './a'])('"%s" is no key: it would lead to another one', (key) => {
  expect(() => consulKeyPath(key)).toThrow(`"${key}" is not a key such as "app/colour"`);
});

test('what is no string is no key', () => {
  expect(() => consulKeyPath(undefined as unknown as string)).toThrow(TypeError);
  expect(() => consulKeyPath(undefined as unknown as string)).toThrow('the key is "undefined": expected a string');
});

test('a prefix may be empty', () => {
  expect([consulKeyPath('', 'prefix'), consulKeyPath('app/', 'prefix')]).toEqual(['', 'app/']);
  expect(() => consulKeyPath('a/../b', 'prefix')).toThrow('is not a prefix');
});
