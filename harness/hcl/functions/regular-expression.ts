import { mapValue, type Value, ValueProblem } from '../values.js';

const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** What a pattern is made of, outside and inside of brackets. */
const TOKEN =
  /\\Q.*?(?:\\E|$)|\\[pP](?:\{\^?\w+\}|[A-Z])|\\x\{[\da-fA-F]+\}|\\x[\da-fA-F]{2}|\\[0-7]{3}|\\.|\[:\^?\w+:\]|\(\?[^:)>=!]*[:)>=!]|\{\d+(?:,\d*)?\}|./gsu;
/** A general category; anything else is a script. */
const CATEGORY = /^[A-Z][a-z]?$/;
const LOOKS_AROUND = /^\(\?(?:<?[=!]|>)/;

/**
 * A regular expression of Terraform's syntax, which is Go's, in JavaScript's.
 * @throws ValueProblem
 * @see https://developer.hashicorp.com/terraform/language/functions/regex
 */
export function regularExpression(pattern: string, flags = ''): RegExp {
  const [leading = '', set = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  const refused = (): ValueProblem => new ValueProblem(`"${pattern}" is not a regular expression`);
  try {
    const source = translated(pattern.slice(leading.length), set, refused);
    return new RegExp(source, `${flags}v${set.includes('i') ? 'i' : ''}`);
  } catch {
    throw refused();
  }
}

function translated(pattern: string, flags: string, refused: () => ValueProblem): string {
  const tokens: readonly string[] = pattern.match(TOKEN) ?? [];
  let source = '';
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (token !== '[') {
      if (LOOKS_AROUND.test(token)) throw refused();
      source += outside(token, flags, refused);
      continue;
    }
    const isNegated = tokens[at + 1] === '^';
    const first = at + (isNegated ? 2 : 1);
    // A bracket that is the first is a character.
    const end = tokens.indexOf(']', first + 1);
    if (end < 0) throw refused();
    const items = tokens.slice(first, end);
    source += `[${isNegated ? '^' : ''}${items.map((item, index) => inside(item, index, items, refused)).join('')}]`;
    at = end;
  }
  return source;
}

function outside(token: string, flags: string, refused: () => ValueProblem): string {
  if (token.startsWith('\\Q')) return [...token.slice(2).replace(/\\E$/, '')].map(literal).join('');
  if (token.startsWith('\\')) return escaped(token, refused);
  if (token === '.') return flags.includes('s') ? '[\\s\\S]' : '[^\\n]';
  if (token === '^' && flags.includes('m')) return '(?<![^\\n])';
  if (token === '$' && flags.includes('m')) return '(?![^\\n])';
  if (token.startsWith('(?P<')) return `(?<${token.slice(4)}`;
  return /^[{}\]]$/.test(token) ? literal(token) : token;
}

function inside(item: string, index: number, items: readonly string[], refused: () => ValueProblem): string {
  const [, negation, name = ''] = /^\[:(\^?)(\w+):\]$/.exec(item) ?? [];
  if (negation !== undefined) {
    const range = CLASSES[name];
    if (range === undefined) throw refused();
    return `[${negation}${range}]`;
  }
  const isRange = item === '-' && index > 0 && index < items.length - 1;
  if (isRange) return '-';
  // An assertion is no character.
  if (/^\\[AzbBQ]/.test(item)) throw refused();
  if (item.startsWith('\\')) return escaped(item, refused);
  return [...item].map(literal).join('');
}

/** `\pL`, `\x{41}`, `\.` */
function escaped(token: string, refused: () => ValueProblem): string {
  const [, letter = '', negation = '', name = ''] = /^\\([pP])\{?(\^?)(\w+)\}?$/.exec(token) ?? [];
  if (name !== '') {
    const isNegated = (letter === 'P') !== (negation === '^');
    return `\\${isNegated ? 'P' : 'p'}{${CATEGORY.test(name) ? name : `Script=${name}`}}`;
  }
  if (token.startsWith('\\x')) return `\\u{${token.slice(2).replaceAll(/[{}]/g, '')}}`;
  if (/^\\[0-7]{3}$/.test(token)) return `\\u{${Number.parseInt(token.slice(1), 8).toString(16)}}`;
  const character = token.slice(1);
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  if (/^[\dA-Za-z\u0080-\u{10ffff}]?$/u.test(character)) throw refused();
  return literal(character);
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...'bBdDwWfnrtv'].map((letter) => [letter, `\\${letter}`])),
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  a: '\\x07',
  s: '[\\t\\n\\f\\r ]',
  S: '[^\\t\\n\\f\\r ]',
};

/** A character that stands for itself. */
function literal(character: string): string {
  return /[\w\u0080-\u{10ffff}]/u.test(character)
    ? character
    : `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`;
}

/**
 * All matches: a string, the list of unnamed groups, or an object of the named ones.
 * @throws ValueProblem for a pattern with groups of both kinds
 */
export function matchesOf(pattern: string, text: string): Value[] {
  return [...text.matchAll(regularExpression(pattern, 'g'))].map((match): Value => {
    if (!match.groups) return match.length === 1 ? match[0] : match.slice(1).map((group) => group ?? null);
    const named = Object.entries(match.groups);
    if (named.length < match.length - 1)
      throw new ValueProblem(`"${pattern}" has groups with a name and groups without one: name all, or none`);
    return mapValue(named.map(([name, value]) => [name, value ?? null]));
  });
}
