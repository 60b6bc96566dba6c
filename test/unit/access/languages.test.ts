import { describe, expect, test } from 'vitest';
import { findWord, glob, has, type Language, literal, union } from '../../../harness/access/languages.js';
import { globMatches } from '../../../harness/login/role-bounds.js';
import { randomBy } from '../../support/random.js';

describe('a shortest word is found', () => {
  test.each<[string, Language[], Language[], string | undefined]>([
    ['of one glob', [glob('refs/*')], [], 'refs/'],
    ['in one and not in another', [glob('refs/*')], [glob('refs/heads/*'), literal('refs/')], 'refs/x'],
    ['of two that overlap', [glob('a*c'), glob('ab*')], [], 'abc'],
    ['of two that overlap in the middle', [glob('*ab'), glob('ba*')], [], 'bab'],
    ['of several strings', [union([literal('a'), literal('b')])], [literal('a')], 'b'],
    ['of anything but what is named', [], [glob('x*'), literal('')], 'y'],
    ['none where one glob is within another', [glob('a*b*c')], [glob('a*c')], undefined],
    ['none of two that exclude each other', [glob('a*'), glob('b*')], [], undefined],
    ['none outside of everything', [], [glob('*')], undefined],
    ['where a star stands for itself', [literal('a*')], [literal('ab')], 'a*'],
  ])('%s', (_title, all, not, word) => {
    expect(findWord({ in: all, notIn: not })).toBe(word);
  });
});

test('what is in a language is what the glob matches', () => {
  const random = randomBy(1);
  const text = (letters: readonly string[], longest: number): string =>
    Array.from({ length: random.below(longest) }, () => random.pick(letters)).join('');
  for (let count = 0; count < 3000; count++) {
    const [pattern, word] = [text(['a', 'b', '*'], 6), text(['a', 'b'], 8)];
    expect([pattern, word, has(glob(pattern), word)]).toEqual([pattern, word, globMatches(pattern, word)]);
  }
});

test('a difference of globs is empty only where no short word is in it', () => {
  const random = randomBy(2);
  const words = ['']; // All words of a and b up to five letters.
  for (const word of words) if (word.length < 5) words.push(`${word}a`, `${word}b`);
  const pattern = (): string =>
    Array.from({ length: 1 + random.below(4) }, () => random.pick(['a', 'b', '*'])).join('');
  for (let count = 0; count < 500; count++) {
    const [one, other] = [pattern(), pattern()];
    const found = findWord({ in: [glob(one)], notIn: [glob(other)] });
    const short = words.find((word) => globMatches(one, word) && !globMatches(other, word));
    if (found === undefined) expect([one, other, short]).toEqual([one, other, undefined]);
    else expect([one, other, globMatches(one, found), globMatches(other, found)]).toEqual([one, other, true, false]);
  }
});
