import { VaultproofError } from '../errors/index.js';
import { isRecord } from './json.js';

const SHOWN = '(sensitive value)';
/** Shorter ones are a part of many words: they are hidden where they stand alone. */
const SHORTEST_PART = 4;

/** Values that no message may show, such as those of Terraform's sensitive variables. */
export class SensitiveValues {
  readonly #values = new Set<string>();

  get size(): number {
    return this.#values.size;
  }

  add(value: string): void {
    if (value === '') return;
    this.#values.add(value);
    // As JSON and quoted strings have it.
    this.#values.add(JSON.stringify(value).slice(1, -1));
  }

  /** Adds those of another. */
  addFrom(other: SensitiveValues): void {
    for (const value of other.#values) this.#values.add(value);
  }

  /** Adds all strings and numbers in a value of JSON. */
  addAll(value: unknown): void {
    if (typeof value === 'string') this.add(value);
    else if (typeof value === 'number') this.add(String(value));
    else if (Array.isArray(value) || isRecord(value)) for (const item of Object.values(value)) this.addAll(item);
  }

  has(value: string): boolean {
    return this.#values.has(value);
  }

  isIn(text: string): boolean {
    return [...this.#values].some((value) => (value.length < SHORTEST_PART ? text === value : text.includes(value)));
  }

  /** A text without them. */
  hide(text: string): string {
    if (this.#values.has(text)) return SHOWN;
    const longestFirst = [...this.#values].sort((one, other) => other.length - one.length);
    return longestFirst.reduce(
      (shown, value) =>
        value.length < SHORTEST_PART ? shown.replaceAll(`"${value}"`, SHOWN) : shown.replaceAll(value, SHOWN),
      text,
    );
  }

  /** A value of JSON without them; its names stay. */
  hideIn<Shown>(value: Shown): Shown;
  hideIn(value: unknown): unknown {
    if (this.size === 0) return value;
    if (typeof value === 'string') return this.hide(value);
    if (typeof value === 'number') return this.#values.has(String(value)) ? SHOWN : value;
    if (Array.isArray(value)) return value.map((item) => this.hideIn(item));
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.hideIn(item)]));
  }

  /** An error without them. */
  hideInError(error: unknown): unknown {
    if (!(error instanceof VaultproofError) || this.size === 0) return error;
    const { code, message, details, cause } = error;
    const shown = cause instanceof Error && this.isIn(cause.message) ? undefined : cause;
    return new VaultproofError(code, this.hide(message), { details: this.hideIn(details), cause: shown });
  }
}
