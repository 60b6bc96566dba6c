import { isRefusedRegexp } from './consul-regexp.js';

/** How a selector compares; `contains` is `in` the other way round. */
export type SelectorOperator = keyof typeof operatorsOf;

/** One comparison, with the field in `path`: `["value", "user"]`, `["list", "groups"]`, or `["value"]` alone. */
export interface SelectorMatch {
  readonly kind: 'match';
  readonly path: readonly string[];
  readonly operator: SelectorOperator;
  /** What the field is compared with; empty where the operator takes nothing. */
  readonly value: string;
  /** As it is written. */
  readonly source: string;
}

/** A selector, read. */
export type Selector =
  | SelectorMatch
  | {
      readonly kind: 'not';
      readonly operand: Selector;
      /** As it is written. */
      readonly source: string;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Selector; readonly right: Selector };

const VALUE = 'value';
const LIST = 'list';
const MAP = 'map';

/** The fields that an operator is for: a claim's value, a claim's list, or all claims of a kind by their names. */
const operatorsOf = {
  '==': [VALUE],
  '!=': [VALUE],
  matches: [VALUE],
  'not matches': [VALUE],
  in: [VALUE, LIST, MAP],
  'not in': [VALUE, LIST, MAP],
  'is empty': [LIST, MAP],
  'is not empty': [LIST, MAP],
} as const;

/** Operators between a field and a value, in the order in which they are tried. */
const infix: readonly (readonly [RegExp, SelectorOperator])[] = [
  [/[ \t\r\n]*==[ \t\r\n]*/y, '=='],
  [/[ \t\r\n]*!=[ \t\r\n]*/y, '!='],
  [/[ \t\r\n]+contains[ \t\r\n]+/y, 'in'],
  [/[ \t\r\n]+not[ \t\r\n]+contains[ \t\r\n]+/y, 'not in'],
  [/[ \t\r\n]+matches[ \t\r\n]+/y, 'matches'],
  [/[ \t\r\n]+not[ \t\r\n]+matches[ \t\r\n]+/y, 'not matches'],
];
const postfix: readonly (readonly [RegExp, SelectorOperator])[] = [
  [/[ \t\r\n]+is[ \t\r\n]+empty/y, 'is empty'],
  [/[ \t\r\n]+is[ \t\r\n]+not[ \t\r\n]+empty/y, 'is not empty'],
];
const turned: readonly (readonly [RegExp, SelectorOperator])[] = [
  [/[ \t\r\n]+in[ \t\r\n]+/y, 'in'],
  [/[ \t\r\n]+not[ \t\r\n]+in[ \t\r\n]+/y, 'not in'],
];

/**
 * How many comparisons Consul may read for one selector, those that it reads again included: some 0.2 to 0.8 s of CPU, when
 * the rule is written and at every login. What no `and` follows it reads twice, and what no `or` follows twice again, so that
 * a pair of parentheses takes four times as long as what is in it: six pairs are read, seven are not.
 */
const MOST_READ = 20_000;
/** Parentheses and `not` that are nested deeper are not looked into. */
const DEEPEST = 100;
/** A selector with more comparisons is not looked into. */
const MOST_COMPARISONS = 1000;

/** Thrown for a selector that Consul refuses or can't read. Its message says where, and what was expected. */
export class SelectorSyntaxError extends TypeError {
  override readonly name: string = 'SelectorSyntaxError';
}

/**
 * Reads the selector of a binding rule as Consul does, with every part of its grammar.
 * @throws SelectorSyntaxError for one that Consul refuses, or whose parentheses are nested deeper than Consul can read
 * @see https://developer.hashicorp.com/consul/api-docs/features/filtering
 */
export function parseSelector(text: string): Selector {
  const parser = new Parser(text);
  const selector = parser.whole();
  if (parser.isTooDeep()) throw new SelectorSyntaxError(tooDeep(text, parser));
  if (selector === undefined) {
    const rest = text.slice(parser.furthest, parser.furthest + 20);
    throw new SelectorSyntaxError(
      `invalid selector "${text}" at ${rest === '' ? 'its end' : JSON.stringify(rest)}; expected for example 'value.user == "a" and "b" in list.groups'`,
    );
  }
  return selector;
}

/**
 * What is wrong with a selector that would keep Consul busy for seconds, minutes or longer; undefined for any other, right or
 * wrong.
 */
export function selectorTooDeep(text: string): string | undefined {
  const parser = new Parser(text);
  try {
    parser.whole();
  } catch (error) {
    // Consul has the words for what is wrong in another way.
    if (!(error instanceof SelectorSyntaxError)) throw error;
  }
  return parser.isTooDeep() ? tooDeep(text, parser) : undefined;
}

function tooDeep(text: string, parser: Parser): string {
  const start = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  if (parser.isTooLong())
    return `the selector "${start}" has more than ${MOST_COMPARISONS} comparisons: split it into several binding rules`;
  return `the selector "${start}" has parentheses nested deeper than Consul can parse: remove those that are not needed, or split it into several binding rules`;
}

/** Each method leaves the place as it was where it finds nothing. */
class Parser {
  furthest = 0;
  /** How many comparisons Consul reads until it has read as far. */
  private read = 0;
  private compared = 0;
  private depth = 0;
  private place = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  isTooDeep(): boolean {
    return this.read > MOST_READ || this.depth > DEEPEST || this.isTooLong();
  }

  isTooLong(): boolean {
    return this.compared > MOST_COMPARISONS;
  }

  whole(): Selector | undefined {
    this.take(/[ \t\r\n]+/y);
    const selector = this.or();
    this.take(/[ \t\r\n]+/y);
    return this.place === this.text.length ? selector : undefined;
  }

  private or(): Selector | undefined {
    return this.chain('or', /[ \t\r\n]+or[ \t\r\n]+/y, () => this.and());
  }

  private and(): Selector | undefined {
    return this.chain('and', /[ \t\r\n]+and[ \t\r\n]+/y, () => this.not());
  }

  private chain(kind: 'and' | 'or', word: RegExp, operand: () => Selector | undefined): Selector | undefined {
    const operands: Selector[] = [];
    let once = 0;
    for (;;) {
      const next = this.attempt(() => {
        if (operands.length > 0 && this.take(word) === undefined) return undefined;
        const before = this.read;
        const found = operand();
        if (found !== undefined) once = this.read - before;
        return found;
      });
      if (next === undefined) break;
      operands.push(next);
    }
    this.read += once;
    const last = operands.pop();
    return last && operands.reduceRight((right, left): Selector => ({ kind, left, right }), last);
  }

  private not(): Selector | undefined {
    if (this.isTooDeep()) return undefined;
    this.depth++;
    const found = this.negated() ?? this.group() ?? this.match();
    // What is too deep stays so on the way out.
    if (this.depth <= DEEPEST) this.depth--;
    return found;
  }

  private negated(): Selector | undefined {
    const start = this.place;
    const operand = this.attempt(() => (this.take(/not[ \t\r\n]+/y) === undefined ? undefined : this.not()));
    return operand && { kind: 'not', operand, source: this.text.slice(start, this.place) };
  }

  private group(): Selector | undefined {
    return this.attempt(() => {
      if (this.take(/\([ \t\r\n]*/y) === undefined) return undefined;
      const inner = this.or();
      return inner !== undefined && this.take(/[ \t\r\n]*\)/y) !== undefined ? inner : undefined;
    });
  }

  private match(): Selector | undefined {
    const start = this.place;
    this.read++;
    const made = (path: readonly string[], operator: SelectorOperator, value: string): SelectorMatch => {
      const source = this.text.slice(start, this.place);
      requireOperator(path, operator, source);
      if (operator.includes('matches') && isRefusedRegexp(value)) {
        throw new SelectorSyntaxError(`"${source}" has an invalid regular expression: write one of Go's syntax`);
      }
      this.compared++;
      return { kind: 'match', path, operator, value, source };
    };
    return (
      this.attempt(() => {
        const path = this.path();
        const operator = path && this.operator(infix);
        const value = operator && this.value();
        return path && operator && value !== undefined ? made(path, operator, value) : undefined;
      }) ??
      this.attempt(() => {
        const path = this.path();
        const operator = path && this.operator(postfix);
        return path && operator ? made(path, operator, '') : undefined;
      }) ??
      this.attempt(() => {
        const value = this.value();
        const operator = value === undefined ? undefined : this.operator(turned);
        const path = operator && this.path();
        return operator && path && value !== undefined ? made(path, operator, value) : undefined;
      })
    );
  }

  private operator(among: readonly (readonly [RegExp, SelectorOperator])[]): SelectorOperator | undefined {
    for (const [pattern, operator] of among) if (this.take(pattern) !== undefined) return operator;
    return undefined;
  }

  private path(): string[] | undefined {
    const first = this.take(/[a-zA-Z][a-zA-Z0-9_]*/y);
    if (first === undefined) return undefined;
    const path = [first];
    for (;;) {
      const next = this.take(/\.[a-zA-Z][a-zA-Z0-9_]*/y)?.slice(1) ?? this.attempt(() => this.index());
      if (next === undefined) return path;
      path.push(next);
    }
  }

  private index(): string | undefined {
    if (this.take(/\[[ \t\r\n]*/y) === undefined) return undefined;
    const name = this.literal();
    return this.take(/[ \t\r\n]*\]/y) === undefined ? undefined : name;
  }

  /** A bare word stands for itself. */
  private value(): string | undefined {
    return this.path()?.join('.') ?? this.take(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?=[ \t\r\n)]|$)/y) ?? this.literal();
  }

  private literal(): string | undefined {
    return this.attempt(() => {
      const literal = this.take(/`[^`]*`|"[^"]*"/y);
      return literal === undefined ? undefined : unquote(literal);
    });
  }

  private attempt<Found>(read: () => Found | undefined): Found | undefined {
    const start = this.place;
    const found = read();
    if (found === undefined) this.place = start;
    return found;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.place;
    const [found] = pattern.exec(this.text) ?? [];
    if (found !== undefined) this.place += found.length;
    if (this.place > this.furthest) this.furthest = this.place;
    return found;
  }
}

function requireOperator(path: readonly string[], operator: SelectorOperator, source: string): void {
  const [kind, name, ...deeper] = path;
  if ((kind !== VALUE && kind !== LIST) || deeper.length > 0) {
    throw new SelectorSyntaxError(
      `"${source}" names the field "${path.join('.')}"; expected "value." or "list." and the name of a mapped claim`,
    );
  }
  const fields: readonly string[] = operatorsOf[operator];
  if (fields.includes(name === undefined ? MAP : kind)) return;
  if (name === undefined) {
    throw new SelectorSyntaxError(`"${source}" compares all claims at once: name one, as in "${kind}.user"`);
  }
  throw new SelectorSyntaxError(
    kind === LIST
      ? `"${source}" compares a list with a value: write "a" in ${path.join('.')}, or map the claim as a value`
      : `"${source}" uses "is empty" with a value: write ${path.join('.')} == "", or map the claim as a list`,
  );
}

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};
const ESCAPE = /\\(?:([abfnrtv\\])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|[\s\S]?)/g;

/** A literal's text by Go's rules, and nothing where those refuse it. */
function unquote(literal: string): string | undefined {
  const body = literal.slice(1, -1);
  if (literal[0] === '`') return body.replace(/\r/g, '');
  if (body.includes('\n')) return undefined;
  let isWrong = false;
  const text = body.replace(ESCAPE, (_, simple?: string, x?: string, u?: string, long?: string, octal?: string) => {
    if (simple !== undefined) return escapes[simple] ?? '';
    const hexadecimal = x ?? u ?? long;
    const code = hexadecimal === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hexadecimal, 16);
    const isNone = Number.isNaN(code) || code > 0x10ffff || (x === undefined && code >= 0xd800 && code <= 0xdfff);
    isWrong = isWrong || isNone;
    return isNone ? '' : String.fromCodePoint(code);
  });
  return isWrong ? undefined : text;
}
