import { itemsOf, withArticle } from '../types.js';
import { numberText, typeName, type Value, ValueProblem } from '../values.js';
import { define } from './definition.js';
import { charactersOf, formatted } from './format.js';
import { matchesOf, regularExpression } from './regular-expression.js';

/** @see https://developer.hashicorp.com/terraform/language/functions#string-functions */
export const stringFunctions = {
  chomp: define(['string'], (text) => text.replace(/(?:\r\n|\n|\r)+$/, '')),
  endswith: define(['string', 'string'], (text, end) => text.endsWith(end)),
  format: define(['string', '...any'], formatted, { unknown: 'join' }),
  formatlist: define(['string', '...any'], formattedList, { unknown: 'join' }),
  indent: define(['integer', 'string'], (spaces, text) => {
    if (spaces < 0) throw new ValueProblem(`"indent" needs 0 spaces or more, and ${spaces} are given`);
    return text.replaceAll('\n', `\n${' '.repeat(spaces)}`);
  }),
  join: define(['string', '...list'], (separator, lists) => lists.flat().map(textOf).join(separator), {
    unknown: 'join',
  }),
  // Of one character Go makes one.
  lower: define(['string'], (text) =>
    [...text].map((one) => String.fromCodePoint(one.toLowerCase().codePointAt(0) ?? 0)).join(''),
  ),
  regex: define(['string', 'string'], (pattern, text) => {
    const [first] = matchesOf(pattern, text);
    if (first === undefined)
      throw new ValueProblem(`the pattern "${pattern}" matches nothing in the string: use try() where that may be so`);
    return first;
  }),
  regexall: define(['string', 'string'], (pattern, text) => matchesOf(pattern, text)),
  replace: define(['string', 'string', 'string'], replaced),
  split: define(['string', 'string'], (separator, text) => (separator === '' ? [...text] : text.split(separator))),
  startswith: define(['string', 'string'], (text, start) => text.startsWith(start)),
  strcontains: define(['string', 'string'], (text, part) => text.includes(part)),
  strrev: define(['string'], (text) => charactersOf(text).reverse().join('')),
  substr: define(['string', 'integer', 'integer'], substring),
  title: define(['string'], (text) =>
    text.replaceAll(
      /(^|[^\p{L}\p{N}\p{M}_])(\p{L})/gu,
      (_, before: string, letter: string) => before + inUpperCase(letter),
    ),
  ),
  trim: define(['string', 'string'], trimmed),
  trimprefix: define(['string', 'string'], (text, prefix) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  trimspace: define(['string'], (text) => text.replaceAll(/^[\t-\r\u0085\p{Z}]+|[\t-\r\u0085\p{Z}]+$/gu, '')),
  trimsuffix: define(['string', 'string'], (text, suffix) =>
    suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  upper: define(['string'], (text) => [...text].map(inUpperCase).join('')),
};

/** Characters without an upper case of their own, such as "ß", stay. */
function inUpperCase(character: string): string {
  const upper = character.toUpperCase();
  return upper.length === character.length ? upper : character;
}

function textOf(item: Value): string {
  if (typeof item === 'string') return item;
  if (typeof item === 'number') return numberText(item);
  if (typeof item === 'boolean') return String(item);
  throw new ValueProblem(`an item of the list is ${withArticle(typeName(item))}: expected a string`);
}

/** Lists give an item for each result; what is not a list is the same for all. */
function formattedList(pattern: string, args: readonly Value[]): Value {
  const lists = args.map(itemsOf);
  const lengths = new Set(lists.flatMap((list) => (list ? [list.length] : [])));
  if (lengths.size > 1) throw new ValueProblem('the lists of "formatlist" have different lengths');
  const [length = 1] = lengths;
  return Array.from({ length }, (_, at) =>
    formatted(
      pattern,
      args.map((arg, index) => lists[index]?.[at] ?? arg),
    ),
  );
}

/** A pattern between slashes is a regular expression; `$1` and `${name}` stand for what its groups match. */
function replaced(text: string, part: string, by: string): Value {
  if (part.length < 2 || !part.startsWith('/') || !part.endsWith('/')) return text.replaceAll(part, () => by);
  const pattern = regularExpression(part.slice(1, -1), 'g');
  return text.replaceAll(pattern, (...found) => {
    const groups: Readonly<Record<string, string | undefined>> = typeof found.at(-1) === 'object' ? found.at(-1) : {};
    return by.replaceAll(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
      const name = braced ?? bare;
      if (name === undefined) return whole === '$$' ? '$' : whole;
      const value: unknown = /^\d+$/.test(name) ? found[Number(name)] : groups[name];
      return typeof value === 'string' ? value : '';
    });
  });
}

function substring(text: string, offset: number, length: number): Value {
  const characters = charactersOf(text);
  const start = offset < 0 ? Math.max(0, characters.length + offset) : offset;
  return characters.slice(start, length < 0 ? undefined : start + length).join('');
}

function trimmed(text: string, set: string): Value {
  const isIn = (character: string | undefined): boolean => character !== undefined && set.includes(character);
  const characters = [...text];
  let [start, end] = [0, characters.length];
  while (start < end && isIn(characters[start])) start++;
  while (end > start && isIn(characters[end - 1])) end--;
  return characters.slice(start, end).join('');
}
