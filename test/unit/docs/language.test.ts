import { expect, test } from 'vitest';
import { parseAst } from 'vitest/node';
import { filesIn, read } from './markdown.js';

/** Phrases that CONTRIBUTING.md replaces by others. */
const phrases = [
  'that is none',
  'are none',
  'is none of',
  'whoever',
  'what became of',
  'for who',
  'to whom',
  'unless told',
  'say otherwise',
  'says otherwise',
  'small letters',
  'as it is',
  'as they are',
  'but for',
  'for ever',
  'amiss',
  'goes by',
  'held against',
  'is no more',
  'has become of',
  'a text',
  'in the place of',
] as const;

const wanted = new RegExp(`\\b(?:${phrases.join('|').replaceAll(' ', '\\s+')})\\b`, 'gi');

// Their rows are the names of tests and of hostile tokens, and are held by other tests.
const measured = ['docs/vault-and-consul.md', 'docs/hostile-tokens.md'];

const documents = filesIn('', '.md').filter((path) => path !== 'CHANGELOG.md');

const sources = ['cli/', 'harness/', 'issuer/', 'stacks/'].flatMap((folder) => [
  ...filesIn(folder, '.ts'),
  ...filesIn(folder, '.js'),
]);

test.each(documents)('%s has none of the phrases that read like a translation', (path) => {
  expect(phrasesIn(path, proseOf(path))).toEqual([]);
});

test.each(sources)('the strings of %s have none of them', (path) => {
  expect(phrasesIn(path, stringsOf(read(path)))).toEqual([]);
});

test('strings and templates are looked at, comments are not', () => {
  const source = ['const a: string = "as it is";', '// whoever', 'const b = `a', 'but for b`;'].join('\n');
  expect(phrasesIn('a.ts', stringsOf(source))).toEqual(['a.ts:1: as it is', 'a.ts:4: but for']);
});

function phrasesIn(path: string, text: string): string[] {
  return [...text.matchAll(wanted)].map(
    ({ index, 0: phrase }) => `${path}:${text.slice(0, index).split('\n').length}: ${phrase}`,
  );
}

/** The string literals of a source, each at its place; everything else is blank. */
function stringsOf(source: string): string {
  const kept = source.replaceAll(/[^\n]/g, ' ').split('');
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    if (!isNode(node)) return;
    if (
      node.type === 'TemplateElement' ||
      (node.type === 'Literal' && 'value' in node && typeof node.value === 'string')
    ) {
      kept.splice(node.start, node.end - node.start, ...source.slice(node.start, node.end).split(''));
    }
    Object.values(node).forEach(visit);
  };
  visit(parseAst(source, { lang: 'ts' }));
  return kept.join('');
}

function isNode(value: unknown): value is { type: string; start: number; end: number } {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'end' in value;
}

/** A document with the lines empty that are not prose: code, and the table of CONTRIBUTING.md that lists the phrases. */
function proseOf(path: string): string {
  const empty = (text: string): string => text.replaceAll(/[^\n]+/g, '');
  const prose = read(path)
    .replaceAll(/^```.*?^```$/gms, empty)
    .replaceAll(/^\| not \| but \|\n(?:\|.*\n)+/gm, empty);
  return measured.includes(path) ? prose.replaceAll(/^\|.*$/gm, '') : prose;
}
