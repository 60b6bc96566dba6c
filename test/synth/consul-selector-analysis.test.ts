import { describe, expect, test } from 'vitest';
import { parseSelector, type Selector } from '../../stacks/consul-selector.js';
import { claimOf, matchesOf, operatorsRequiringPresence, truthOf } from '../../stacks/consul-selector-analysis.js';

/** What a claim may be; undefined stands for a token without it. */
type Claim = string | readonly string[] | undefined;

/** Comparisons of one claim, each with what Consul makes of a value. */
type Comparison = readonly [source: string, holds: (claim: Claim) => boolean];

/** Every string of at most three of these letters. */
const strings = ['', 'a', 'b'].flatMap((one) =>
  ['', 'a', 'b'].flatMap((two) => ['', 'a', 'b'].map((three) => one + two + three)),
);
const ofStrings: readonly Comparison[] = ['a', 'ab'].flatMap((text): Comparison[] => [
  [`value.c == "${text}"`, (claim) => claim === text],
  [`value.c != "${text}"`, (claim) => claim !== text],
  [`value.c contains "${text}"`, (claim) => claim?.includes(text) === true],
  [`value.c not contains "${text}"`, (claim) => claim?.includes(text) !== true],
  [`value.c matches "^${text}"`, (claim) => claim === undefined || (claim as string).startsWith(text)],
  [`value.c not matches "^${text}"`, (claim) => claim === undefined || !(claim as string).startsWith(text)],
]);
const presence: readonly Comparison[] = [
  ['"c" in value', (claim) => claim !== undefined],
  ['"c" not in value', (claim) => claim === undefined],
];

const lists: readonly Claim[] = [[], ['a'], ['b'], ['ab'], ['a', 'b'], ['a', 'ab'], ['b', 'ab'], ['a', 'b', 'ab']];
const ofLists: readonly Comparison[] = [
  ...['a', 'b', 'ab'].flatMap((text): Comparison[] => [
    [`"${text}" in list.c`, (claim) => claim?.includes(text) === true],
    [`"${text}" not in list.c`, (claim) => claim?.includes(text) !== true],
  ]),
  ['list.c is empty', (claim) => claim === undefined || claim.length === 0],
  ['list.c is not empty', (claim) => claim !== undefined && claim.length > 0],
];

const and = (left: Selector, right: Selector): Selector => ({ kind: 'and', left, right });
const or = (left: Selector, right: Selector): Selector => ({ kind: 'or', left, right });

describe.each([
  ['a string', [...ofStrings, ...presence], [undefined, ...strings]],
  ['a list', ofLists, [undefined, ...lists]],
] as const)('what a selector says of %s', (_what, comparisons, claims) => {
  const known = comparisons.map(([source, holds]) => ({ source, holds, selector: parseSelector(source) }));

  test('can match where some token satisfies three comparisons at once', () => {
    const wrong: string[] = [];
    for (const one of known) {
      for (const two of known) {
        for (const three of known) {
          const all = [one, two, three];
          const { canMatch } = truthOf(and(and(one.selector, two.selector), three.selector));
          if (!canMatch && claims.some((claim) => all.every(({ holds }) => holds(claim)))) {
            wrong.push(all.map(({ source }) => source).join(' and '));
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('holds by absence where a token without the claim satisfies both, and nowhere else', () => {
    const wrong: string[] = [];
    for (const one of known) {
      for (const two of known) {
        const both = and(one.selector, two.selector);
        const absent = one.holds(undefined) && two.holds(undefined);
        const byAbsence = new Set(truthOf(both).byAbsence);
        if (byAbsence.size !== (absent ? new Set(matchesOf(both)).size : 0))
          wrong.push(`${one.source} and ${two.source}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('is turned round by "not"', () => {
    const wrong: string[] = [];
    for (const one of known) {
      for (const two of known) {
        const neither: Selector = { kind: 'not', operand: or(one.selector, two.selector), source: '' };
        const either: Selector = { kind: 'not', operand: and(one.selector, two.selector), source: '' };
        const some = (holds: (claim: Claim) => boolean): boolean => claims.some(holds);
        const asked = `${one.source}, ${two.source}`;
        if (!truthOf(neither).canMatch && some((claim) => !one.holds(claim) && !two.holds(claim))) wrong.push(asked);
        if (!truthOf(either).canMatch && some((claim) => !one.holds(claim) || !two.holds(claim))) wrong.push(asked);
        const absent = !one.holds(undefined) && !two.holds(undefined);
        if (truthOf(neither).byAbsence.length > 0 !== absent) wrong.push(asked);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('no token satisfies', () => {
  test.each([
    'value.c == "a" and value.c == "b" and value.c == "a"',
    'value.c == "ab" and value.c matches "^b"',
    'value.c == "ab" and value.c not matches "^a"',
    'value.c == "ab" and value.c contains "a" and value.c contains "c"',
    'value.c == "😀" and value.c not matches "^.$"',
    'value.c contains "a" and value.c not contains "a"',
    'value.c contains "x" and value.c contains "abc" and value.c not contains "b"',
    '"c" in value and value.c matches "a" and value.c not matches "a"',
    'list.c is empty and list.c is not empty',
    '"c" not in list and list.c is not empty',
    '"c" not in value and value.c contains "a"',
    '"a" in list.c and "b" in list.c and "b" not in list.c',
    'not ("a" not in list.c) and list.c is empty',
    '(value.c == "a" or value.c == "b") and (value.c == "d" or value.c == "e")',
  ])('%s', (source) => {
    expect(truthOf(parseSelector(source))).toEqual({ canMatch: false, byAbsence: [] });
  });
});

describe('some token satisfies', () => {
  test.each([
    'value.c == "a" and value.c == "a"',
    'value.c == "ab" and value.c matches "^a" and value.c not matches "^b"',
    'value.c == "a" and value.d == "b"',
    'value.c == "a" and list.c is empty',
    '"ab" in list.c and "a" not in list.c',
    // JavaScript cannot read these, and Go can, or says so itself.
    'value.c == "a" and value.c matches "(?i)A"',
    'value.c == "a" and value.c not matches "(?i)b"',
    'value.c == "a" or (value.c == "b" and value.c == "d")',
  ])('%s', (source) => {
    expect(truthOf(parseSelector(source)).canMatch).toBe(true);
  });
});

describe('the claim of a comparison', () => {
  test.each([
    ['value.user == "a"', { kind: 'value', name: 'user' }],
    ['"a" in list.groups', { kind: 'list', name: 'groups' }],
    ['"user" in value', { kind: 'value', name: 'user' }],
    ['"groups" not in list', { kind: 'list', name: 'groups' }],
    ['value is empty', { kind: 'value' }],
    ['list is not empty', { kind: 'list' }],
  ])('%s', (source, claim) => {
    expect(matchesOf(parseSelector(source)).map(claimOf)).toStrictEqual([claim]);
  });

  test('is needed by three operators', () => {
    expect(operatorsRequiringPresence).toEqual(['==', 'in', 'is not empty']);
  });
});

describe('the comparisons of a selector', () => {
  test('are in its order, through "not", "and" and "or"', () => {
    const selector = parseSelector('not (value.a == "1" and value.b == "2") or value.c == "3"');
    expect(matchesOf(selector).map(({ path }) => path.join('.'))).toEqual(['value.a', 'value.b', 'value.c']);
  });
});

describe('alternatives are looked through', () => {
  /** Two to the power of `count`. */
  const power = (count: number): Selector =>
    Array.from({ length: count }, (_, at) => parseSelector(`value.a${at} != "1" or value.b${at} != "1"`)).reduce(and);
  const one = parseSelector('value.c != "1"');
  const found = (selector: Selector): number => truthOf(selector).byAbsence.length;

  test('up to 4096 of "and"', () => {
    expect(found(power(12))).toBe(24);
    expect(found(power(13))).toBe(0);
    expect(truthOf(power(13)).canMatch).toBe(true);
  });

  test('up to 4096 of "or"', () => {
    expect(found(or(power(11), power(11)))).toBeGreaterThan(0);
    expect(found(or(one, or(power(11), power(11))))).toBe(0);
    expect(found(or(or(power(11), power(11)), one))).toBe(0);
  });

  test('not at all where one side has too many', () => {
    expect(found(and(power(13), one))).toBe(0);
    expect(found(and(one, power(13)))).toBe(0);
    expect(found({ kind: 'not', operand: { kind: 'not', operand: power(13), source: '' }, source: '' })).toBe(0);
  });
});

test('a claim that can be nothing refuses every token, whatever is asked of another one', () => {
  expect(truthOf(parseSelector('value.a == "x" and value.a == "y" and value.b == "z"'))).toEqual({
    canMatch: false,
    byAbsence: [],
  });
});
