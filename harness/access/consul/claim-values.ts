import { containing, findWord, inAnyCase, literal, union } from '../languages.js';

/** What rules ask of a claim that is one value. */
export interface AskedOfClaim {
  /** The strings that it is compared with. */
  readonly equal: ReadonlySet<string>;
  /** The strings that it is asked to contain. */
  readonly parts: ReadonlySet<string>;
  /** The strings, in lower case, with which it makes a name that something is called by. */
  readonly names: ReadonlySet<string>;
  /** Whether it makes a part of any name. */
  readonly isNamed: boolean;
}

/** More parts are not told apart: each may or may not be there. */
const MOST_PARTS = 8;

/** Characters between parts, which begin and end a good name. */
const BETWEEN = [...'xyzqwkj0123456789abcdefghilmnoprstuv'];
/** What makes a name a bad one, at its ends or anywhere. */
const BAD = [...'/. !~'];
const BAD_AT_ENDS = ['-', '_'];
/** Beyond what Consul takes of a policy's name, and of any. */
const LENGTHS = [129, 257];

/**
 * A value of every kind that rules tell apart, undefined for none last.
 * @returns undefined where there are too many kinds
 */
export function valuesToldApart({
  equal,
  parts,
  names,
  isNamed,
}: AskedOfClaim): readonly (string | undefined)[] | undefined {
  // Every string contains an empty one.
  const asked = [...parts].filter((part) => part !== '');
  const between = BETWEEN.find((one) => !asked.some((part) => part.includes(one)));
  if (asked.length > MOST_PARTS || between === undefined) return undefined;
  const isOther = (value: string): boolean => !equal.has(value) && !names.has(value.toLowerCase());
  const others = subsets(asked).flatMap(({ taken, left }) => {
    let good = [between, ...taken.flatMap((part) => [part, between])].join('');
    while (!isOther(good)) good += between;
    const isSame = (value: string): boolean => isOther(value) && !left.some((part) => value.includes(part));
    if (!isSame(good)) return [];
    if (!isNamed) return [good];
    const odd = (makers: readonly ((value: string) => string)[]): string[] =>
      [makers.map((make) => make(good)).find(isSame)].filter((value) => value !== undefined);
    return [
      good,
      ...odd(BAD.map((one) => (value) => value + one)),
      ...odd(BAD_AT_ENDS.map((one) => (value) => one + value)),
      ...odd(BAD_AT_ENDS.map((one) => (value) => value + one)),
      ...(taken.length === 0 ? LENGTHS.map((length) => good.padEnd(length, between)) : []),
    ];
  });
  const named = [...names].flatMap((name) => inAllCases(name, asked, equal));
  return [...new Set<string | undefined>([...equal, ...named, ...others, '', undefined])];
}

/** The ways to write a name that rules tell apart, beside those that they compare with. */
function inAllCases(name: string, parts: readonly string[], equal: ReadonlySet<string>): string[] {
  const possible = parts.filter((part) => name.includes(part.toLowerCase()));
  const simple = [name, name.slice(0, 1).toUpperCase() + name.slice(1), name.toUpperCase()].find(
    (one) => !equal.has(one),
  );
  if (possible.length === 0 && simple !== undefined) return [simple];
  return subsets(possible).flatMap(
    ({ taken, left }) =>
      findWord({
        in: [inAnyCase(name), ...taken.map(containing)],
        notIn: [...left.map(containing), union([...equal].map(literal))],
      }) ?? [],
  );
}

function subsets(items: readonly string[]): { readonly taken: readonly string[]; readonly left: readonly string[] }[] {
  return Array.from({ length: 2 ** items.length }, (_, bits) => ({
    taken: items.filter((_item, index) => (bits & (1 << index)) !== 0),
    left: items.filter((_item, index) => (bits & (1 << index)) === 0),
  }));
}
