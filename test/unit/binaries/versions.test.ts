import { expect, test } from 'vitest';
import { defaultVersions, floorVersions } from '../../../harness/binaries/index.js';
import { isOlder } from '../../../harness/binaries/products.js';

test('the default and the floor versions are these', () => {
  expect(defaultVersions).toEqual({ vault: '1.21.1', openbao: '2.7.2', consul: '1.22.7' });
  expect(floorVersions).toEqual({ vault: '1.19.0', openbao: '2.6.1', consul: '1.20.0' });
});

test.each([
  ['1.9.0', '1.10.0'],
  ['1.21.1', '1.21.2'],
  ['1.21.9', '2.0.0'],
  ['1.22.0-rc1', '1.22.0'],
  ['1.22.0-beta1', '1.22.0-rc1'],
  ['nonsense', '1.0.0'],
])('%s is older than %s, and not the other way round', (older, newer) => {
  expect(isOlder(older, newer)).toBe(true);
  expect(isOlder(newer, older)).toBe(false);
});

test.each([
  ['1.21.1', '1.21.1'],
  ['1.21.1+ent', '1.21.1'],
  ['1.21.1-rc1', '1.21.1-rc1'],
])('%s is not older than %s', (left, right) => {
  expect(isOlder(left, right)).toBe(false);
  expect(isOlder(right, left)).toBe(false);
});
