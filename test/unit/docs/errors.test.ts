import { expect, test } from 'vitest';
import { errorCodes } from '../../../errors/index.js';
import { read, tableRows } from './markdown.js';

const rows = tableRows(read('docs/errors.md'));

test('docs/errors.md has one row for every error code, in the order of the list, and no other row', () => {
  expect(rows.map(([code]) => code)).toEqual(errorCodes.map((code) => `\`${code}\``));
});

test('every row of docs/errors.md says what happened and what to do, and nothing else', () => {
  expect(rows.filter((cells) => cells.length !== 3 || cells.some((cell) => cell === ''))).toEqual([]);
});

test('docs/errors.md is for those who use the package: it names no file of the sources', () => {
  expect(read('docs/errors.md').match(/`(?:cli|errors|harness|internal|issuer|stacks)\/[^`]*`/g)).toBeNull();
});
