import { exact, type Value, ValueProblem } from '../values.js';
import { define } from './definition.js';

/** @see https://developer.hashicorp.com/terraform/language/functions#numeric-functions */
export const numericFunctions = {
  abs: define(['number'], Math.abs),
  ceil: define(['number'], Math.ceil),
  floor: define(['number'], Math.floor),
  log: define(['number', 'number'], (number, base) => finite('log', Math.log(number) / Math.log(base))),
  max: define(['...number'], (numbers) => extreme(numbers, Math.max)),
  min: define(['...number'], (numbers) => extreme(numbers, Math.min)),
  parseint: define(['any', 'integer'], parsed),
  pow: define(['number', 'number'], (base, exponent) => finite('pow', base ** exponent)),
  signum: define(['integer'], Math.sign),
  sum: define(['list'], summed),
};

function extreme(numbers: readonly number[], choose: (...numbers: number[]) => number): Value {
  if (numbers.length === 0) throw new ValueProblem('expected at least one number');
  return choose(...numbers);
}

function finite(name: string, result: number): Value {
  if (Number.isFinite(result)) return result;
  throw new ValueProblem(`"${name}" gives no number of these arguments`);
}

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

function parsed(text: Value, base: number): Value {
  if (typeof text !== 'string') throw new ValueProblem('argument 1 of "parseint" must be a string');
  if (base < 2 || base > DIGITS.length) throw new ValueProblem(`there is no base ${base}: use one from 2 to 62`);
  const [, sign = '', written = ''] = /^([+-]?)(.+)$/s.exec(text) ?? [];
  const digits = [...(base <= 36 ? written.toLowerCase() : written)].map((digit) => DIGITS.indexOf(digit));
  if (digits.length === 0 || !digits.every((digit) => digit >= 0 && digit < base)) {
    throw new ValueProblem(`the string is not a number in base ${base}`);
  }
  const number = digits.reduce((sum, digit) => sum * base + digit, 0);
  return exact(sign === '-' ? -number : number);
}

function summed(items: readonly Value[]): Value {
  if (items.length === 0) throw new ValueProblem('"sum" needs at least one number');
  const total = items.reduce<number>((sum, item) => {
    const number = typeof item === 'string' ? Number(item) : item;
    if (typeof number !== 'number' || Number.isNaN(number)) throw new ValueProblem('an item of "sum" is not a number');
    return sum + number;
  }, 0);
  return Number.isInteger(total) ? total : Number(total.toPrecision(15));
}
