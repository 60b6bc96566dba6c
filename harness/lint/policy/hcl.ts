import { DEEPEST } from '../../terraform-json/document.js';
import { UNKNOWN } from '../document/document.js';

/** A value of HCL. */
export type HclValue = string | number | boolean | readonly HclValue[] | HclObject;

/** An object of HCL: its items in their order; a key may come again. */
export interface HclObject {
  readonly items: readonly HclItem[];
}

/** `key = value`, or `key "label" { ... }` with the labels as further keys; a key of {@link UNKNOWN} for unknown items. */
interface HclItem {
  readonly keys: readonly string[];
  readonly value: HclValue;
}

/** Whether a value is an object. */
export function isObject(value: HclValue): value is HclObject {
  return typeof value === 'object' && 'items' in value;
}

/**
 * Parses a text in HCL's first version.
 * @throws PolicySyntaxError with the line
 */
export function parseHcl(text: string): HclObject {
  return new Parser(scanHcl(text)).document();
}

class Parser {
  readonly #tokens: readonly HclToken[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly HclToken[]) {
    this.#tokens = tokens;
  }

  document(): HclObject {
    const items = this.#items('');
    if (this.#peek().kind !== 'end') this.#fail('a closing bracket without an opening one');
    return { items };
  }

  /** Items up to a closing bracket, or to the end. */
  #items(close: '' | '}'): HclItem[] {
    const items: HclItem[] = [];
    const assigned = new Set<string>();
    while (this.#peek().kind !== 'end' && !this.#is(close)) {
      const { item, assigns } = this.#item();
      const [key = ''] = item.keys;
      if (assigns && assigned.has(key)) this.#fail(`"${key}" is set twice`);
      if (assigns) assigned.add(key);
      items.push(item);
      if (this.#is(',')) this.#at++;
    }
    return items;
  }

  #item(): { item: HclItem; assigns: boolean } {
    if (this.#peek().kind === 'unknown') {
      this.#at++;
      return { item: { keys: [UNKNOWN], value: UNKNOWN }, assigns: false };
    }
    const keys: string[] = [];
    while (this.#peek().kind === 'identifier' || this.#peek().kind === 'string') keys.push(this.#next().text);
    const [first] = keys;
    if (first === undefined) this.#fail('a key is missing');
    if (this.#is('{')) return { item: { keys, value: this.#object() }, assigns: false };
    if (!this.#is('=')) this.#fail(`"${keys.join(' ')}" is followed by neither "{" nor "="`);
    if (keys.length > 1) this.#fail(`"${keys.join(' ')}" is more than one key before "="`);
    this.#at++;
    return { item: { keys, value: this.#value() }, assigns: true };
  }

  #object(): HclObject {
    this.#open();
    const items = this.#items('}');
    if (!this.#is('}')) this.#fail('an object does not end');
    this.#close();
    return { items };
  }

  #list(): HclValue[] {
    this.#open();
    const values: HclValue[] = [];
    while (!this.#is(']')) {
      if (this.#is(',')) {
        this.#at++;
        continue;
      }
      values.push(this.#value());
      if (!this.#is(',') && !this.#is(']')) this.#fail('a list has no comma between two values, or does not end');
    }
    this.#close();
    return values;
  }

  #open(): void {
    this.#depth++;
    if (this.#depth > DEEPEST) this.#fail(`it is nested deeper than ${DEEPEST} levels`);
    this.#at++;
  }

  #close(): void {
    this.#depth--;
    this.#at++;
  }

  #value(): HclValue {
    if (this.#is('{')) return this.#object();
    if (this.#is('[')) return this.#list();
    const { kind, text } = this.#next();
    if (kind === 'string' || kind === 'heredoc' || kind === 'unknown') return text;
    if (kind === 'number') return Number(text);
    if (kind === 'boolean') return text === 'true';
    this.#at--;
    return this.#fail('a value is missing');
  }

  #peek(): HclToken {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', line: 0 };
  }

  #next(): HclToken {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #is(punctuation: string): boolean {
    const { kind, text } = this.#peek();
    return kind === 'punctuation' && text === punctuation;
  }

  #fail(reason: string): never {
    throw new PolicySyntaxError(`line ${this.#peek().line}: ${reason}`);
  }
}

/** What a scanner tells apart; `punctuation` is one of `{ } [ ] , =`, `unknown` what Terraform puts in later. */
interface HclToken {
  readonly kind: 'identifier' | 'string' | 'heredoc' | 'number' | 'boolean' | 'punctuation' | 'unknown' | 'end';
  /** What it stands for: a string without its quotes and escapes. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** A text is not HCL, or not a policy. */
export class PolicySyntaxError extends Error {}

const patterns = [
  ['space', /[ \t\n\r]+/y],
  ['space', /(?:#|\/\/)[^\n]*/y],
  ['space', /\/\*.*?\*\//sy],
  ['identifier', /[A-Za-z_\p{L}][\p{L}\p{Nd}_.-]*/uy],
  ['number', /-?(?:0[xX][\da-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d*)?)|\.\d+(?:[eE][-+]?\d*)?/y],
  ['punctuation', /[{}[\],=]/y],
  ['unknown', new RegExp(UNKNOWN, 'y')],
] as const;

const escapes: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"' },
};
const NUMERIC_ESCAPE = /[0-7]{3}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}/y;

/**
 * The tokens of a text in HCL's first version, which is what Vault's policies are written in.
 * @throws PolicySyntaxError
 * @see https://github.com/hashicorp/hcl/tree/hcl1
 */
function scanHcl(source: string): HclToken[] {
  const text = source.replaceAll('\r\n', '\n');
  const tokens: HclToken[] = [];
  let at = 0;
  let line = 1;
  const take = (kind: HclToken['kind'], value: string, end: number): void => {
    tokens.push({ kind, text: value, line });
    advance(end);
  };
  const advance = (end: number): void => {
    line += text.slice(at, end).split('\n').length - 1;
    at = end;
  };
  while (at < text.length) {
    if (text[at] === '"') {
      const { value, end } = scanString(text, at, line);
      take('string', value, end);
      continue;
    }
    if (text.startsWith('<<', at)) {
      const { value, end } = scanHeredoc(text, at, line);
      take('heredoc', value, end);
      continue;
    }
    const [kind, found] = match(text, at, line);
    if (kind === 'space') advance(at + found.length);
    else take(kind === 'identifier' && /^(?:true|false)$/.test(found) ? 'boolean' : kind, found, at + found.length);
  }
  return [...tokens, { kind: 'end', text: '', line }];
}

function match(text: string, at: number, line: number): readonly [(typeof patterns)[number][0], string] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return [kind, found];
  }
  throw new PolicySyntaxError(`line ${line}: there is an illegal character`);
}

/** A string may hold `${...}`, in which quotes and escapes stand for themselves. */
function scanString(text: string, start: number, line: number): { value: string; end: number } {
  let value = '';
  let braces = 0;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] ?? '';
    if (braces === 0 && character === '"') return { value, end: at + 1 };
    if (braces === 0 && character === '\n') break;
    if (braces === 0 && character === '\\') {
      const escaped = scanEscape(text, at + 1, line);
      value += escaped.value;
      at += escaped.length;
      continue;
    }
    if (braces > 0 ? character === '{' : text.startsWith('${', at)) braces++;
    else if (braces > 0 && character === '}') braces--;
    value += character;
    if (braces === 1 && character === '$') value += text[++at] ?? '';
  }
  throw new PolicySyntaxError(`line ${line}: a string does not end`);
}

function scanEscape(text: string, at: number, line: number): { value: string; length: number } {
  const simple = escapes[text[at] ?? ''];
  if (simple !== undefined) return { value: simple, length: 1 };
  NUMERIC_ESCAPE.lastIndex = at;
  const digits = NUMERIC_ESCAPE.exec(text)?.[0];
  const code =
    digits === undefined ? Number.NaN : Number.parseInt(digits.replace(/^[xuU]/, ''), /^\d/.test(digits) ? 8 : 16);
  if (digits === undefined || code > 0x10ffff) throw new PolicySyntaxError(`line ${line}: an escape is illegal`);
  return { value: String.fromCodePoint(code), length: digits.length };
}

/** A heredoc ends at a line that has its anchor alone, and with that line's own end. */
function scanHeredoc(text: string, start: number, line: number): { value: string; end: number } {
  const opening = /<<-?([\p{L}\p{Nd}_]+)\n/uy;
  opening.lastIndex = start;
  const [head, anchor] = opening.exec(text) ?? [];
  if (head === undefined) throw new PolicySyntaxError(`line ${line}: a heredoc has no anchor`);
  const body = start + head.length;
  for (let at = body; at < text.length; ) {
    const end = text.indexOf('\n', at);
    if (end === -1) break;
    const isAnchor =
      text
        .slice(at, end)
        .replace(/^[ \t\f\v\r]*/, '')
        .replace(/\r*$/, '') === anchor;
    if (isAnchor) return { value: text.slice(body, at), end: end + 1 };
    at = end + 1;
  }
  throw new PolicySyntaxError(`line ${line}: a heredoc does not end`);
}
