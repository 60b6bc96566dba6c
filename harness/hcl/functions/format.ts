import { toPrimitive, withArticle } from '../types.js';
import { toJson, typeName, type Value, ValueProblem } from '../values.js';
import { jsonText } from './encoding.js';
import { type GoFormat, goNumber } from './go-number.js';

const VERB = /%(?:(%)|([ +\-#0]*)(\d+)?(?:\.(\d+))?(?:\[(\d+)\])?([a-zA-Z])|)/g;

/** One verb of a pattern, without what it is of. */
interface Verb {
  readonly letter: string;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
}

/**
 * Terraform's `format`.
 * @throws ValueProblem
 * @see https://developer.hashicorp.com/terraform/language/functions/format
 */
export function formatted(pattern: string, args: readonly Value[]): string {
  let next = 0;
  let highest = 0;
  const text = pattern.replaceAll(
    VERB,
    (_, percent?: string, flags = '', width?: string, precision?: string, index?: string, letter?: string) => {
      if (percent) return '%';
      if (letter === undefined) throw new ValueProblem(`"%" in "format" needs a verb: write "%%" for the sign itself`);
      const at = index === undefined ? next : Number(index) - 1;
      next = at + 1;
      highest = Math.max(highest, next);
      const value = args[at];
      if (value === undefined)
        throw new ValueProblem(`"format" has ${args.length} arguments, and its pattern needs more`);
      const digits = precision === undefined ? undefined : Number(precision);
      return verbText({ letter, flags, width: Number(width ?? 0), precision: digits }, value);
    },
  );
  if (highest < args.length)
    throw new ValueProblem(`"format" has ${args.length} arguments, and its pattern needs ${highest}`);
  return text;
}

function verbText(verb: Verb, value: Value): string {
  const { letter, flags, precision } = verb;
  switch (letter) {
    case 'v':
      return padded(asIs(value, flags.includes('#')), verb);
    case 's':
      return padded(cut(String(primitive(value, 'string')), precision), verb);
    case 'q':
      return padded(jsonText(cut(String(primitive(value, 'string')), precision)), verb);
    case 't':
      return String(primitive(value, 'bool'));
    case 'b':
    case 'd':
    case 'o':
    case 'x':
    case 'X':
      return integerText(verb, Number(primitive(value, 'number')));
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G': {
      const number = Number(primitive(value, 'number'));
      const text = goNumber(number, letter.toLowerCase() as GoFormat, precision);
      return aligned(verb, sign(number, flags), letter === letter.toUpperCase() ? text.toUpperCase() : text);
    }
    default:
      throw new ValueProblem(`"%${letter}" is not a verb of "format"`);
  }
}

function asIs(value: Value, isJson: boolean): string {
  if (typeof value === 'string' && !isJson) return value;
  if (typeof value === 'number' && !isJson) return (value < 0 ? '-' : '') + goNumber(value, 'g');
  return jsonText(toJson(value));
}

const BASES: Readonly<Record<string, readonly [base: number, prefix: string]>> = {
  b: [2, '0b'],
  d: [10, ''],
  o: [8, '0'],
  x: [16, '0x'],
  X: [16, '0x'],
};

function integerText(verb: Verb, number: number): string {
  const { letter, flags, precision } = verb;
  if (!Number.isInteger(number)) throw new ValueProblem(`"%${letter}" of "format" needs a whole number`);
  if (precision === 0 && number === 0) return '';
  const [base, prefix] = BASES[letter] ?? [10, ''];
  const digits = BigInt(Math.abs(number))
    .toString(base)
    .padStart(precision ?? 0, '0');
  const before = sign(number, flags) + (flags.includes('#') ? prefix : '');
  const text = aligned(verb, before, digits, precision === undefined);
  return letter === 'X' ? text.toUpperCase() : text;
}

function sign(number: number, flags: string): string {
  if (number < 0) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

/** A number with its sign, as wide as it is wanted. */
function aligned({ flags, width }: Verb, before: string, digits: string, mayHaveZeros = true): string {
  const missing = Math.max(0, width - before.length - digits.length);
  if (flags.includes('-')) return before + digits + ' '.repeat(missing);
  if (flags.includes('0') && mayHaveZeros) return before + '0'.repeat(missing) + digits;
  return ' '.repeat(missing) + before + digits;
}

/** What is no number, as wide as it is wanted. */
function padded(text: string, { flags, width }: Verb): string {
  const missing = (flags.includes('0') ? '0' : ' ').repeat(Math.max(0, width - charactersOf(text).length));
  return flags.includes('-') ? text + missing : missing + text;
}

function cut(text: string, precision = 0): string {
  return precision === 0 ? text : charactersOf(text).slice(0, precision).join('');
}

function primitive(value: Value, kind: 'string' | 'number' | 'bool'): Value {
  if (value === null) throw new ValueProblem(`an argument of "format" is null: expected a ${kind}`);
  try {
    return toPrimitive(value, kind);
  } catch {
    throw new ValueProblem(`an argument of "format" is ${withArticle(typeName(value))}: expected a ${kind}`);
  }
}

const segmenter = new Intl.Segmenter();

/** A string's characters as its reader sees them. */
export function charactersOf(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every ASCII character is one of its own.
  if (/^[\u0000-\u007f]*$/.test(text)) return [...text];
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}
