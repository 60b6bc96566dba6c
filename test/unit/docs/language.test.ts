import { expect, test } from 'vitest';
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

test.each(documents)('%s has none of the phrases that read like a translation', (path) => {
  const text = proseOf(path);
  const found = [...text.matchAll(wanted)].map(
    ({ index, 0: phrase }) => `${path}:${text.slice(0, index).split('\n').length}: ${phrase}`,
  );
  expect(found).toEqual([]);
});

/** A document with the lines empty that are not prose: code, and the table of CONTRIBUTING.md that lists the phrases. */
function proseOf(path: string): string {
  const empty = (text: string): string => text.replaceAll(/[^\n]+/g, '');
  const prose = read(path)
    .replaceAll(/^```.*?^```$/gms, empty)
    .replaceAll(/^\| not \| but \|\n(?:\|.*\n)+/gm, empty);
  return measured.includes(path) ? prose.replaceAll(/^\|.*$/gm, '') : prose;
}
