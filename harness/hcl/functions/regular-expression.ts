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

/**
 * A regular expression of Terraform's syntax, which is Go's, in JavaScript's.
 * @throws ValueProblem
 * @see https://developer.hashicorp.com/terraform/language/functions/regex
 */
export function regularExpression(pattern: string, flags = ''): RegExp {
  const [, set = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  const body = pattern
    .replace(/^\(\?[ims]+\)/, '')
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\[:(\^?)(\w+):\]/g, (whole, _, name: string) => CLASSES[name] ?? whole)
    .replaceAll(/\\Q(.*?)(?:\\E|$)/gs, (_, text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
    .replaceAll(/\\A/g, '(?<![\\s\\S])')
    .replaceAll(/\\z/g, '(?![\\s\\S])')
    .replaceAll(/\\a/g, '\\x07')
    .replaceAll(/\\x\{([\da-fA-F]+)\}/g, '\\u{$1}');
  const isUnicode = /\\[pP]|\\u\{|[\u0080-\u{10ffff}]/u.test(body);
  try {
    return new RegExp(body, flags + set + (isUnicode ? 'u' : ''));
  } catch {
    throw new ValueProblem(`"${pattern}" is not a regular expression`);
  }
}

/** All matches: a string, the list of unnamed groups, or an object of the named ones. */
export function matchesOf(pattern: string, text: string): Value[] {
  return [...text.matchAll(regularExpression(pattern, 'g'))].map((match): Value => {
    if (match.groups) return mapValue(Object.entries(match.groups).map(([name, value]) => [name, value ?? null]));
    return match.length === 1 ? match[0] : match.slice(1).map((group) => group ?? null);
  });
}
