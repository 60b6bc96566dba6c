/** A pattern as its characters, where several stand for any one of them, and {@link ANY} for any number of any. */
type Pattern = readonly (string | readonly string[] | typeof ANY)[];

const ANY = Symbol('*');

/** A set of strings: those that any of its patterns matches. */
export interface Language {
  readonly patterns: readonly Pattern[];
}

/** The language of one string. */
export function literal(text: string): Language {
  return { patterns: [[...text]] };
}

/** The language of a glob: `*` stands for any number of characters. */
export function glob(text: string): Language {
  return { patterns: [[...text].map((character) => (character === '*' ? ANY : character))] };
}

/** The language of the strings that have another one in them. */
export function containing(text: string): Language {
  return { patterns: [[ANY, ...text, ANY]] };
}

/** The language of the strings that are another one in lower case. */
export function inAnyCase(text: string): Language {
  return {
    patterns: [
      [...text].map((character) => [...new Set([character, character.toUpperCase(), ...(TWINS[character] ?? [])])]),
    ],
  };
}

/** A sign of its own that is this letter in lower case. */
const TWINS: Readonly<Record<string, readonly string[]>> = { k: ['\u212a'], å: ['\u212b'] };

/** The strings that are in any of several languages. */
export function union(languages: readonly Language[]): Language {
  return { patterns: languages.flatMap(({ patterns }) => patterns) };
}

/** What a string must be: in all of some languages, and in none of others. */
export interface Wanted {
  readonly in?: readonly Language[];
  readonly notIn?: readonly Language[];
}

/** The places in each pattern that a beginning of a string may have led to. */
type Places = readonly (readonly number[])[];

/** Characters for what no pattern names, the first that is not named counts. */
const FRESH = ['x', 'y', 'z', 'q', 'w', 'k', 'j', '0', '-', '_'];

/**
 * A shortest string that is in all of some languages and in none of others, found by going through the states of the automata
 * that stand for them, so that there is none where none is found.
 *
 * @example
 * findWord({ in: [glob('refs/*')], notIn: [glob('refs/heads/*')] }); // refs/
 */
export function findWord({ in: all = [], notIn = [] }: Wanted): string | undefined {
  const few = all.find(({ patterns }) => patterns.every((pattern) => pattern.every((one) => typeof one === 'string')));
  if (few !== undefined) {
    const words = few.patterns.map((pattern) => pattern.join(''));
    return words.find((word) => all.every((one) => has(one, word)) && !notIn.some((one) => has(one, word)));
  }
  return firstWord(all, notIn);
}

/** Whether a string is in a language. */
export function has(language: Language, word: string): boolean {
  let places = begin(language);
  for (const character of word) places = step(language, places, character);
  return accepts(language, places);
}

function firstWord(all: readonly Language[], notIn: readonly Language[]): string | undefined {
  const languages = [...all, ...notIn];
  const named = new Set(languages.flatMap(({ patterns }) => patterns.flat(2)));
  const fresh = FRESH.find((one) => !named.has(one)) ?? String.fromCodePoint(0x3b1);
  const start = languages.map(begin);
  const queue: { readonly word: string; readonly states: readonly Places[] }[] = [{ word: '', states: start }];
  const seen = new Set([JSON.stringify(start)]);
  for (const { word, states } of queue) {
    const accepted = languages.map((language, index) => accepts(language, states[index] ?? []));
    if (accepted.every((isIn, index) => isIn === index < all.length)) return word;
    for (const character of new Set([fresh, ...nextCharacters(languages, states)])) {
      const next = languages.map((language, index) => step(language, states[index] ?? [], character));
      if (next.some((places, index) => index < all.length && places.every((one) => one.length === 0))) continue;
      const key = JSON.stringify(next);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push({ word: word + character, states: next });
    }
  }
  return undefined;
}

function begin({ patterns }: Language): Places {
  return patterns.map((pattern) => closed(pattern, [0]));
}

function nextCharacters(languages: readonly Language[], states: readonly Places[]): string[] {
  return languages.flatMap(({ patterns }, index) =>
    patterns.flatMap((pattern, which) =>
      (states[index]?.[which] ?? []).flatMap((place) => {
        const wanted = pattern[place];
        return wanted === undefined || wanted === ANY ? [] : [wanted].flat();
      }),
    ),
  );
}

function step({ patterns }: Language, places: Places, character: string): Places {
  return patterns.map((pattern, index) => {
    const next = (places[index] ?? []).flatMap((place) => {
      if (pattern[place] === ANY) return [place];
      return [pattern[place]].flat().includes(character) ? [place + 1] : [];
    });
    return closed(pattern, next);
  });
}

/** With the places behind each `*`, which may stand for nothing. */
function closed(pattern: Pattern, places: readonly number[]): readonly number[] {
  const all = new Set(places);
  for (const place of all) if (pattern[place] === ANY) all.add(place + 1);
  return [...all].sort((a, b) => a - b);
}

function accepts({ patterns }: Language, places: Places): boolean {
  return patterns.some((pattern, index) => places[index]?.includes(pattern.length) === true);
}
