import { describe, expect, test } from 'vitest';
import { parseSelector, type Selector, SelectorSyntaxError, selectorTooDeep } from '../../stacks/consul-selector.js';
import { matchesOf, truthOf } from '../../stacks/consul-selector-analysis.js';
import { refusedSelectors, takenSelectors } from '../support/consul-selectors.js';

/** A selector with all its brackets, and its values as JSON. */
function shown(selector: Selector): string {
  if (selector.kind === 'match') {
    const { path, operator, value } = selector;
    return `${path.join('.')} ${operator} ${JSON.stringify(value)}`;
  }
  if (selector.kind === 'not') return `not (${shown(selector.operand)})`;
  return `(${shown(selector.left)}) ${selector.kind} (${shown(selector.right)})`;
}

describe('a selector', () => {
  test.each(takenSelectors)('is read where Consul takes it: %s', (selector) => {
    expect(matchesOf(parseSelector(selector)).length).toBeGreaterThan(0);
  });

  test.each(refusedSelectors)('is a TypeError where Consul refuses it: %s', (selector) => {
    expect(() => parseSelector(selector)).toThrow(TypeError);
    expect(() => parseSelector(selector)).toThrow(SelectorSyntaxError);
  });

  test.each([
    ['value.a == 1 and value.b == 2 or value.c == 3', '((value.a == "1") and (value.b == "2")) or (value.c == "3")'],
    ['value.a == 1 or value.b == 2 and value.c == 3', '(value.a == "1") or ((value.b == "2") and (value.c == "3"))'],
    ['not value.a == 1 and value.b == 2', '(not (value.a == "1")) and (value.b == "2")'],
    ['not (value.a == 1 and value.b == 2)', 'not ((value.a == "1") and (value.b == "2"))'],
    ['list.a contains x', 'list.a in "x"'],
    ['"x" not in list.a', 'list.a not in "x"'],
    ['value["a b"] == c.d', 'value.a b == "c.d"'],
    ['value.a == "\\t\\u0061\\x41\\101\\\\"', 'value.a == "\\taAA\\\\"'],
    ['value.a == `\\t`', 'value.a == "\\\\t"'],
  ])('binds as Consul binds it: %s', (selector, read) => {
    expect(shown(parseSelector(selector))).toBe(read);
  });

  test('that is refused says where to look', () => {
    expect(() => parseSelector('value.a == "1" && value.b == "2"')).toThrow('at "&& value.b == \\"2\\""');
    expect(() => parseSelector('value.a == ')).toThrow('at its end;');
  });
});

describe('parentheses', () => {
  const nested = (depth: number): string => `${'('.repeat(depth)}value.a == "1"${')'.repeat(depth)}`;

  test('are read as deep as Consul can', () => {
    expect(shown(parseSelector(nested(6)))).toBe('value.a == "1"');
    expect(selectorTooDeep(nested(6))).toBeUndefined();
  });

  test.each([
    nested(7),
    nested(30),
    nested(50_000),
    'not '.repeat(50_000) + nested(1),
    '('.repeat(50_000),
    // Not deep, and much in it.
    `((((${Array(80).fill('value.a == "1"').join(' and ')}))))`,
  ])('are refused beyond that: %.40s', (selector) => {
    expect(() => parseSelector(selector)).toThrow(TypeError);
    expect(() => parseSelector(selector)).toThrow(SelectorSyntaxError);
    expect(() => parseSelector(selector)).toThrow('nested deeper than Consul can parse');
    expect(selectorTooDeep(selector)).toContain('nested deeper than Consul can parse');
  });

  test('in a value do not count, and neither do those beside each other', () => {
    expect(selectorTooDeep(`value.a == "${nested(30).replaceAll('"', '')}"`)).toBeUndefined();
    expect(selectorTooDeep(Array(300).fill(nested(1)).join(' or '))).toBeUndefined();
  });

  test('are no reason to name another mistake otherwise', () => {
    expect(selectorTooDeep('value.user = "a"')).toBeUndefined();
    expect(() => parseSelector('((value.user == ')).toThrow('at its end');
  });
});

describe('a selector can match', () => {
  test.each([
    'value.a == "1" or value.a == "2"',
    'value.a == "1" and value.b == "2"',
    'value.a == "abc" and value.a contains "b" and value.a != "x"',
    'value.a contains "b" and value.a not contains "bc"',
    'value.a matches "^a" and value.a matches "b$"',
    'value.a matches "^a" and value.a not matches "^a"',
    '"a" in list.g and "b" in list.g and "c" not in list.g',
    '"a" in value and value.a != "x"',
    'list.g is not empty and "a" not in list.g',
    'not (value.a == "1" and value.a == "2")',
  ])('%s', (selector) => {
    expect(truthOf(parseSelector(selector)).canMatch).toBe(true);
  });
});

describe('a selector can never match', () => {
  test.each([
    'value.a == "1" and value.a == "2"',
    'value.a == "1" and value.a != "1"',
    'value.a == "1" and not value.a == "1"',
    'value.a == "abc" and value.a contains "d"',
    'value.a == "abc" and value.a not contains "b"',
    'value.a contains "bc" and value.a not contains "b"',
    '"a" in list.g and "a" not in list.g',
    '"a" in list.g and list.g is empty',
    'list.g is empty and list.g is not empty',
    '"a" in value and "a" not in value',
    'value.a == "1" and "a" not in value',
    '"a" in value and value.a matches "^a" and value.a not matches "^a"',
    '(value.a == "1" or value.a == "2") and value.a == "3"',
    'not (value.a != "1" or value.a != "2")',
  ])('%s', (selector) => {
    expect(truthOf(parseSelector(selector))).toEqual({ canMatch: false, byAbsence: [] });
  });
});

describe('an absent claim satisfies', () => {
  test.each([
    ['value.a != "1"', ['value.a != "1"']],
    ['value.a matches "^a$"', ['value.a matches "^a$"']],
    ['value.a not matches "^a$"', ['value.a not matches "^a$"']],
    ['value.a not contains "a"', ['value.a not contains "a"']],
    ['not value.a == "1"', ['value.a == "1"']],
    ['"a" not in list.g', ['"a" not in list.g']],
    ['list.g is empty', ['list.g is empty']],
    ['value is empty', ['value is empty']],
    ['"a" not in value', ['"a" not in value']],
    ['value.u == "x" and value.a != "1"', ['value.a != "1"']],
    ['value.a == "1" or value.a != "2"', ['value.a != "2"']],
    ['value.u == "x" and not (value.a == "1" or "b" in list.g)', ['value.a == "1"', '"b" in list.g']],
  ])('%s', (selector, found) => {
    expect(truthOf(parseSelector(selector)).byAbsence.map(({ source }) => source)).toEqual(found);
  });
});

describe('no absent claim satisfies', () => {
  test.each([
    'value.a == "1"',
    'value.a contains "1"',
    '"a" in list.g',
    'list.g is not empty',
    'value is not empty',
    'not value.a != "1"',
    'not value.a matches "^a$"',
    'not list.g is empty',
    '"a" in value and value.a matches "^a$"',
    'value.a contains "" and value.a != "1"',
    'list.g is not empty and "a" not in list.g',
    'value.a == "1" or value.b == "2"',
  ])('%s', (selector) => {
    expect(truthOf(parseSelector(selector))).toEqual({ canMatch: true, byAbsence: [] });
  });
});

test('what has more alternatives than can be looked through is taken as it is', () => {
  const pairs = Array.from({ length: 20 }, (_, at) => `(value.a != "${at}" or value.b != "${at}")`);
  expect(truthOf(parseSelector(pairs.join(' and ')))).toEqual({ canMatch: true, byAbsence: [] });
});
