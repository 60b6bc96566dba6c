import { DEEPEST } from '../../terraform-json/nesting.js';
import { UNKNOWN } from '../document/unknown.js';
import { type HclToken, PolicySyntaxError, scanHcl } from './hcl-scanner.js';

/** A value of HCL. */
export type HclValue = string | number | boolean | readonly HclValue[] | HclObject;

/** An object of HCL: its items in their order; a key may come again. */
export interface HclObject {
  readonly items: readonly HclItem[];
}

/** `key = value`, or `key "label" { ... }` with the labels as further keys; a key of {@link UNKNOWN} for unknown items. */
export interface HclItem {
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
