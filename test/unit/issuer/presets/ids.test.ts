import { expect, test } from 'vitest';
import { commitOf, numericId, prefixedId, uuidOf } from '../../../../issuer/presets/preset.js';

const makers = {
  numericId: [numericId, /^[1-9]\d{17}$/],
  prefixedId: [prefixedId, /^repository-[0-9A-Za-z]{16}$/],
  uuidOf: [uuidOf, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/],
  commitOf: [commitOf, /^[0-9a-f]{40}$/],
} as const;

test.each(Object.entries(makers))('%s gives 5,000 names as many ids, of one form', (_name, [make, form]) => {
  const ids = Array.from({ length: 5_000 }, (_, index) => make('repository', `acme/app-${index}`));
  expect(new Set(ids).size).toBe(5_000);
  expect(ids.filter((id) => !form.test(id))).toEqual([]);
});

test.each(Object.entries(makers))('%s keeps apart what reads the same once it is joined', (_name, [make]) => {
  const names = [['a', 'b/c'], ['a/b', 'c'], ['a', 'b', 'c'], ['a/b/c'], ['a","b/c'], ['ab', '/c']];
  expect(new Set(names.map((parts) => make('kind', ...parts))).size).toBe(6);
});

test('one name has another id as an owner than as a repository', () => {
  expect(numericId('owner', 'acme')).not.toBe(numericId('repository', 'acme'));
});
