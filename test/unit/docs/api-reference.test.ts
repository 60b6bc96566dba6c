import { expect, test } from 'vitest';
import { parseAst } from 'vitest/node';
import { page, pages, publicNames } from '../../../scripts/api-reference.js';
import { filesIn, read } from './markdown.js';

test.each(Object.entries(pages()))('docs/api/%s.md is up to date: "npm run docs:api" writes it', (name, entries) => {
  expect(read(`docs/api/${name}.md`)).toBe(page(entries));
});

test('docs/api has no other page', () => {
  const names = Object.keys(pages()).map((name) => `docs/api/${name}.md`);
  expect(filesIn('docs/api/', '.md')).toEqual(names.toSorted());
});

test.each(Object.values(pages()).flat())('every function of $specifier has an example that parses', ({ file }) => {
  for (const { name, kind, examples } of publicNames(file)) {
    if (kind === 'function') expect(examples, name).not.toEqual([]);
    for (const example of examples) parseAst(example, { lang: 'ts' });
  }
});

test('everything that is exported has a comment', () => {
  const entries = Object.values(pages()).flat();
  const silent = entries.flatMap(({ file }) => publicNames(file).filter(({ text }) => text === ''));
  expect(silent.map(({ name }) => name)).toEqual([]);
});
