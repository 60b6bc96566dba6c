import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorCodes } from '../../../errors/index.js';
import { read, tableRows } from './markdown.js';

const rows = tableRows(read('docs/errors.md'));

test('docs/errors.md has one row for every error code, in the order of the list, and no other row', () => {
  expect(rows.map(([code]) => code)).toEqual(errorCodes.map((code) => `\`${code}\``));
});

test('every row of docs/errors.md says what happened and what to do', () => {
  const incomplete = rows.filter((cells) => cells.length < 3 || cells.some((cell) => cell === ''));
  expect(incomplete).toEqual([]);
});

test('every file that docs/errors.md names exists', () => {
  const named = [...read('docs/errors.md').matchAll(/`((?:cli|errors|harness|issuer|stacks)\/[\w./-]+)`/g)].map(
    ([, path]) => path ?? '',
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});
