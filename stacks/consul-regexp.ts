/** The places at which a part of an expression may end, of those at which it begins. */
type Step = (text: readonly string[], starts: ReadonlySet<number>) => Set<number>;

/** A sign of which it is known whether a class has it. */
type Holds = (sign: string) => boolean;

/** What this reads no further: it may mean something to Go. */
class UnknownSyntax extends Error {}

/** What Go refuses. */
class RefusedSyntax extends Error {}

/** Go allows no more of a counted repetition, those within it counted, too. */
const MOST_TIMES = 1000;

/** Longer strings are not looked through. */
const LONGEST_TEXT = 10_000;

/**
 * Whether a regular expression of Go's matches somewhere in a string, as `matches` in a selector asks. It reads literals, `.`, classes,
 * groups, alternatives, repetitions, `^`, `$`, `\b` and a leading `(?i)`, which is most of what selectors have.
 * @returns undefined for what it does not read, and for an expression that Consul refuses
 * @see https://pkg.go.dev/regexp/syntax
 */
export function matchesRegexp(pattern: string, text: string): boolean | undefined {
  const ignoresCase = pattern.startsWith('(?i)');
  const read = readRegexp(pattern);
  if (read === undefined || read === 'refused') return undefined;
  // What has no counterpart in UTF-8, and signs beyond ASCII that differ in case alone.
  if (text.length > LONGEST_TEXT || /\p{Cs}/u.test(text)) return undefined;
  if (ignoresCase && /[^\0-\x7f]/.test(pattern + text)) return undefined;
  const signs = [...text];
  return read(signs, new Set([...signs.keys(), signs.length])).size > 0;
}

/** Whether Consul refuses a regular expression; in doubt it is taken not to. */
export function isRefusedRegexp(pattern: string): boolean {
  return readRegexp(pattern) === 'refused';
}

function readRegexp(pattern: string): Step | 'refused' | undefined {
  try {
    return new Reader(pattern).all();
  } catch (error) {
    if (error instanceof UnknownSyntax) return undefined;
    if (error instanceof RefusedSyntax) return 'refused';
    throw error;
  }
}

const isDigit: Holds = (sign) => /^[0-9]$/.test(sign);
const isWord: Holds = (sign) => /^\w$/.test(sign);
const isSpace: Holds = (sign) => /^[\t\n\f\r ]$/.test(sign);
const CLASSES: Readonly<Record<string, Holds>> = {
  d: isDigit,
  w: isWord,
  s: isSpace,
  D: (sign) => !isDigit(sign),
  W: (sign) => !isWord(sign),
  S: (sign) => !isSpace(sign),
};
const SIGNS: Readonly<Record<string, string>> = { a: '\u0007', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

class Reader {
  private readonly rest: string[];
  private readonly ignoresCase: boolean;
  /** How often counted repetitions repeat what they are in at most, all together. */
  private times = 1;

  constructor(pattern: string) {
    this.ignoresCase = pattern.startsWith('(?i)');
    this.rest = [...(this.ignoresCase ? pattern.slice('(?i)'.length) : pattern)];
  }

  all(): Step {
    const found = this.alternatives();
    if (this.rest.length > 0) throw new RefusedSyntax('a group ends that does not begin');
    return found;
  }

  private alternatives(): Step {
    const sides = [this.sequence()];
    while (this.take('|')) sides.push(this.sequence());
    return (text, starts) => {
      const ends = new Set<number>();
      for (const side of sides) for (const end of side(text, starts)) ends.add(end);
      return ends;
    };
  }

  private sequence(): Step {
    const parts: Step[] = [];
    while (this.rest.length > 0 && this.rest[0] !== '|' && this.rest[0] !== ')') parts.push(this.repeated());
    return (text, starts) => parts.reduce((places, part) => part(text, places), new Set(starts));
  }

  private repeated(): Step {
    const one = this.one();
    const times = this.repetition();
    if (times === undefined) return one;
    this.take('?');
    if (/^[*+?]/.test(this.rest[0] ?? '')) throw new RefusedSyntax('a repetition of a repetition');
    if (this.rest[0] === '{') throw new UnknownSyntax('a repetition of a repetition, or a brace');
    const { least, most } = times;
    return (text, starts) => repeat(one, text, starts, least, most);
  }

  private repetition(): { readonly least: number; readonly most: number } | undefined {
    if (this.take('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.take('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.take('?')) return { least: 0, most: 1 };
    if (this.rest[0] !== '{') return undefined;
    const [whole, low = '', comma, high = ''] = /^\{(\d{1,4})(?:(,)(\d{0,4}))?\}/.exec(this.rest.join('')) ?? [];
    // A brace that begins no repetition is itself.
    if (whole === undefined) throw new UnknownSyntax('a brace');
    this.rest.splice(0, whole.length);
    const least = Number(low);
    const most = comma === undefined ? least : high === '' ? Number.POSITIVE_INFINITY : Number(high);
    this.times *= Math.max(1, most === Number.POSITIVE_INFINITY ? least : most);
    if (most < least || least > MOST_TIMES || (most > MOST_TIMES && most !== Number.POSITIVE_INFINITY))
      throw new RefusedSyntax('a repetition of too many');
    if (this.times > MOST_TIMES) throw new UnknownSyntax('repetitions of too many');
    return { least, most };
  }

  private one(): Step {
    const sign = this.rest.shift() ?? '';
    if (sign === '(') return this.group();
    if (sign === '[') return anySign(this.set());
    if (sign === '.') return anySign((one) => one !== '\n');
    if (sign === '^') return at((_text, place) => place === 0);
    if (sign === '$') return at((text, place) => place === text.length);
    if (sign === '\\') return this.escape();
    if (/[*+?]/.test(sign)) throw new RefusedSyntax('a repetition of nothing');
    if (sign === '{') throw new UnknownSyntax('a brace');
    return anySign(this.same(sign));
  }

  private group(): Step {
    if (this.take('?')) {
      // Looking around is not for Go; flags and names are left to it.
      if (/^(?:[=!]|<[=!])/.test(this.rest.slice(0, 2).join(''))) throw new RefusedSyntax('an assertion');
      if (!this.take(':')) throw new UnknownSyntax('flags or a name');
    }
    const inner = this.alternatives();
    if (!this.take(')')) throw new RefusedSyntax('a group that does not end');
    return inner;
  }

  private escape(): Step {
    const next = this.rest.shift();
    if (next === undefined) throw new RefusedSyntax('an escape of nothing');
    if (next === 'b' || next === 'B') return at((text, place) => isBoundary(text, place) === (next === 'b'));
    if (next === 'A') return at((_text, place) => place === 0);
    if (next === 'z') return at((text, place) => place === text.length);
    return anySign(CLASSES[next] ?? this.same(escaped(next)));
  }

  private set(): Holds {
    const isNegated = this.take('^');
    const members: Holds[] = [];
    // A bracket that comes first is a member.
    for (let isFirst = true; isFirst || this.rest[0] !== ']'; isFirst = false) members.push(this.member());
    this.rest.shift();
    return (sign) => members.some((holds) => holds(sign)) !== isNegated;
  }

  private member(): Holds {
    const from = this.memberSign();
    if (typeof from !== 'string') return from;
    if (this.rest[0] !== '-' || this.rest[1] === ']') return this.same(from);
    this.rest.shift();
    const to = this.memberSign();
    if (typeof to !== 'string') throw new RefusedSyntax('a range to a class');
    const [first, last] = [codeOf(from), codeOf(to)];
    if (last < first) throw new RefusedSyntax('a range that ends before it begins');
    const isIn: Holds = (sign) => codeOf(sign) >= first && codeOf(sign) <= last;
    return this.ignoresCase ? (sign) => isIn(sign.toLowerCase()) || isIn(sign.toUpperCase()) : isIn;
  }

  private memberSign(): string | Holds {
    const sign = this.rest.shift();
    if (sign === undefined) throw new RefusedSyntax('a class that does not end');
    if (sign === '[' && this.rest[0] === ':') throw new UnknownSyntax('a class by its name');
    if (sign !== '\\') return sign;
    const next = this.rest.shift();
    if (next === undefined) throw new RefusedSyntax('an escape of nothing');
    return CLASSES[next] ?? escaped(next);
  }

  private same(wanted: string): Holds {
    if (!this.ignoresCase) return (sign) => sign === wanted;
    return (sign) => sign.toLowerCase() === wanted.toLowerCase();
  }

  private take(sign: string): boolean {
    if (this.rest[0] !== sign) return false;
    this.rest.shift();
    return true;
  }
}

/** Punctuation stands for itself. */
function escaped(sign: string): string {
  const found = SIGNS[sign] ?? (/^[!-/:-@[-`{-~]$/.test(sign) ? sign : undefined);
  if (found === undefined) throw new UnknownSyntax('an escape');
  return found;
}

function codeOf(sign: string): number {
  return sign.codePointAt(0) ?? 0;
}

function anySign(holds: Holds): Step {
  return (text, starts) => {
    const ends = new Set<number>();
    for (const place of starts) {
      const sign = text[place];
      if (sign !== undefined && holds(sign)) ends.add(place + 1);
    }
    return ends;
  };
}

function at(holds: (text: readonly string[], place: number) => boolean): Step {
  return (text, starts) => new Set([...starts].filter((place) => holds(text, place)));
}

function isBoundary(text: readonly string[], place: number): boolean {
  return isWord(text[place - 1] ?? '') !== isWord(text[place] ?? '');
}

function repeat(one: Step, text: readonly string[], starts: ReadonlySet<number>, least: number, most: number) {
  let places = new Set(starts);
  for (let count = 0; count < least && places.size > 0; count++) places = one(text, places);
  const ends = new Set(places);
  for (let count = least; count < most && places.size > 0; count++) {
    places = new Set([...one(text, places)].filter((place) => !ends.has(place)));
    for (const place of places) ends.add(place);
  }
  return ends;
}
