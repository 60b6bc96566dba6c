import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesIn, read, root, section, tableRows } from './markdown.js';

const documents = filesIn('', '.md');

test('every relative link in a Markdown file leads to a file that exists', () => {
  const links = documents.flatMap((document) =>
    [...read(document).matchAll(/(?:\]\(|<img src=")(?!https?:|mailto:|#)([^)"#\s]+)/g)].map(([, target = '']) => ({
      document,
      target,
    })),
  );
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter(({ document, target }) => !existsSync(join(root, dirname(document), target)))).toEqual([]);
});

test('every link to a heading leads to one that exists', () => {
  const links = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)].map(([, target = '', anchor = '']) => ({
      document,
      path: target === '' ? document : join(dirname(document), target),
      anchor,
    })),
  );
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter(({ path, anchor }) => !anchorsOf(path).includes(anchor))).toEqual([]);
});

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(path: string): string[] {
  const headings = read(path)
    .replaceAll(/^```.*?^```$/gms, '')
    .matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('a snippet that is marked as a region of a file', () => {
  const begins = documents.flatMap((document) => read(document).match(/^<!-- region of .*-->$/gm) ?? []);
  const regions = documents.flatMap((document) =>
    [
      ...read(document).matchAll(/<!-- region of (\S+) -->\n```(?:js|ts|hcl|bash)\n(.*?)```\n<!-- end of region -->/gs),
    ].map(([, file = '', snippet]) => ({ document, file, snippet })),
  );

  test('is a js, ts, hcl or bash block between two marks', () => {
    expect(regions).toHaveLength(begins.length);
  });

  test('is there for the first test in README.md', () => {
    expect(regions).toContainEqual(
      expect.objectContaining({ document: 'README.md', file: 'test/integration/first-login.test.ts' }),
    );
  });

  test.each(regions)('equals $file in $document', ({ file, snippet }) => {
    expect(snippet).toBe(read(file));
  });
});

describe('a snippet that is marked as lines of a file', () => {
  const begins = documents.flatMap((document) => read(document).match(/^<!-- lines of .*-->$/gm) ?? []);
  const snippets = documents.flatMap((document) =>
    [...read(document).matchAll(/<!-- lines of (\S+) -->\n```ts\n(.*?)```/gs)].map(([, file = '', snippet = '']) => ({
      document,
      file,
      lines: linesOf(snippet),
    })),
  );

  test('is a ts block below its mark', () => {
    expect(snippets).toHaveLength(begins.length);
  });

  test.each(snippets)('has only lines of $file in $document', ({ file, lines }) => {
    const those = linesOf(read(file));
    expect(lines.filter((line) => !those.includes(line))).toEqual([]);
  });
});

/** The lines of a text that are not empty, without the space around them. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

test('README.md has at most 10,000 bytes', () => {
  expect(Buffer.byteLength(read('README.md'))).toBeLessThanOrEqual(10_000);
});

test('every page of docs/ is in its index', () => {
  const index = read('docs/README.md');
  const pages = filesIn('docs/', '.md').map((path) => path.slice('docs/'.length));
  expect(pages.filter((page) => page !== 'README.md' && !index.includes(`](${page}`))).toEqual([]);
});

test('docs/environment.md lists every VAULTPROOF_* variable of the sources and no other', () => {
  const name = /\bVAULTPROOF_[A-Z]+(?:_[A-Z]+)*\b/g;
  const sources = ['cli/', 'harness/', 'issuer/', 'stacks/', 'test/support/'].flatMap((folder) =>
    filesIn(folder, '.ts'),
  );
  const used = new Set(sources.flatMap((path) => read(path).match(name) ?? []));
  const rows = tableRows(section(read('docs/environment.md'), 'Environment variables'));
  const listed = rows.flatMap(([variables = '']) => variables.match(name) ?? []);
  expect(listed.toSorted()).toEqual([...used].sort());
});
