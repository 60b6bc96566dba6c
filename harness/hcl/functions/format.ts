import { toPrimitive } from '../types.js';
import { numberText, toJson, typeName, type Value, ValueProblem } from '../values.js';
import { jsonText } from './json-text.js';

const VERB = /%(?:(%)|([ +\-#0]*)(\*|\d+)?(?:\.(\d+))?(?:\[(\d+)\])?([a-zA-Z]))/g;

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
    (_, percent?: string, flags = '', width?: string, precision?: string, index?: string, verb = '') => {
      if (percent) return '%';
      const at = index === undefined ? next : Number(index) - 1;
      next = at + 1;
      highest = Math.max(highest, next);
      if (at >= args.length)
        throw new ValueProblem(`"format" has ${args.length} arguments, and its pattern needs more`);
      const digits = precision === undefined ? undefined : Number(precision);
      return padded(verbText(verb, args[at] ?? null, flags, digits), flags, Number(width ?? 0), verb);
    },
  );
  if (highest < args.length)
    throw new ValueProblem(`"format" has ${args.length} arguments, and its pattern needs ${highest}`);
  return text;
}

function verbText(verb: string, value: Value, flags: string, precision: number | undefined): string {
  switch (verb) {
    case 'v':
      if (typeof value === 'string') return flags.includes('#') ? JSON.stringify(value) : cut(value, precision);
      if (typeof value === 'number' && precision === undefined) return signed(numberText(value), flags);
      return value === null ? 'null' : jsonText(toJson(value));
    case 's':
      return cut(String(primitive(value, 'string')), precision);
    case 'q':
      return JSON.stringify(String(primitive(value, 'string')));
    case 't':
      return String(primitive(value, 'bool'));
    case 'c':
      return String.fromCodePoint(number(value));
    case 'd':
      return signed(numberText(Math.trunc(number(value))), flags);
    case 'b':
      return signed(Math.trunc(number(value)).toString(2), flags);
    case 'o':
      return signed(Math.trunc(number(value)).toString(8), flags);
    case 'x':
    case 'X': {
      const text =
        typeof value === 'string' ? Buffer.from(value).toString('hex') : Math.trunc(number(value)).toString(16);
      return signed(`${flags.includes('#') ? '0x' : ''}${text}`, flags)[verb === 'X' ? 'toUpperCase' : 'toLowerCase']();
    }
    case 'f':
    case 'F':
      return signed(number(value).toFixed(precision ?? 6), flags);
    case 'e':
    case 'E': {
      const text = number(value)
        .toExponential(precision ?? 6)
        .replace(/e([+-])(\d)$/, 'e$10$2');
      return signed(verb === 'E' ? text.toUpperCase() : text, flags);
    }
    case 'g':
    case 'G':
      return signed(
        precision === undefined ? String(number(value)) : String(Number(number(value).toPrecision(precision))),
        flags,
      );
    default:
      throw new ValueProblem(`"%${verb}" is not a verb of "format"`);
  }
}

function padded(text: string, flags: string, width: number, verb: string): string {
  const length = [...text].length;
  if (length >= width) return text;
  if (flags.includes('-')) return text + ' '.repeat(width - length);
  if (!flags.includes('0') || /[sqvt]/.test(verb)) return ' '.repeat(width - length) + text;
  const [sign = ''] = /^[+-]/.exec(text) ?? [];
  return sign + '0'.repeat(width - length) + text.slice(sign.length);
}

function signed(text: string, flags: string): string {
  if (text.startsWith('-')) return text;
  if (flags.includes('+')) return `+${text}`;
  return flags.includes(' ') ? ` ${text}` : text;
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}

function number(value: Value): number {
  return Number(primitive(value, 'number'));
}

function primitive(value: Value, kind: 'string' | 'number' | 'bool'): Value {
  if (value === null) throw new ValueProblem(`an argument of "format" is null, and a ${kind} is needed`);
  try {
    return toPrimitive(value, kind);
  } catch {
    throw new ValueProblem(`an argument of "format" is a ${typeName(value)}, and a ${kind} is needed`);
  }
}
