import { expect, test } from 'vitest';
import { lintCodes } from '../../../harness/lint/codes.js';
import { rules } from '../../../harness/lint/rules/index.js';
import { filesIn, read, section, tableRows } from './markdown.js';

const rows = tableRows(section(read('docs/lints.md'), 'The rules'));

test('docs/lints.md has one row for every code, in the order of the list, and no other row', () => {
  expect(rows.map(([code]) => code)).toEqual(lintCodes.map((code) => `\`${code}\``));
});

test('every row of docs/lints.md says what is found, why it matters and what to do', () => {
  expect(rows.filter((cells) => cells.length !== 5 || cells.some((cell) => cell === ''))).toEqual([]);
});

test('docs/lints.md has the severity of every rule', () => {
  const severities = rules.map(({ code, severity }) => [`\`${code}\``, severity]);
  expect(rows.map(([code, severity]) => [code, severity])).toEqual([
    ...severities,
    ['`allowance-without-reason`', 'error'],
    ['`unused-allowance`', 'error'],
  ]);
});

test('every rule is a file named after its code', () => {
  const files = filesIn('harness/lint/rules/', '.ts').map((path) => path.replace(/^.*\/|\.ts$/g, ''));
  expect(files.filter((name) => name !== 'index').toSorted()).toEqual(rules.map(({ code }) => code).toSorted());
});
