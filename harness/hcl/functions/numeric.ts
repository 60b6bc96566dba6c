import { type Value, ValueProblem } from '../values.js';
import { define } from './definition.js';

/** @see https://developer.hashicorp.com/terraform/language/functions#numeric-functions */
export const numericFunctions = {
  abs: define(['number'], Math.abs),
  ceil: define(['number'], Math.ceil),
  floor: define(['number'], Math.floor),
  log: define(['number', 'number'], (number, base) => Math.log(number) / Math.log(base)),
  max: define(['...number'], (numbers) => extreme(numbers, Math.max)),
  min: define(['...number'], (numbers) => extreme(numbers, Math.min)),
  parseint: define(['string', 'number'], parsed),
  pow: define(['number', 'number'], (base, exponent) => base ** exponent),
  signum: define(['number'], Math.sign),
  sum: define(['list'], summed),
};

function extreme(numbers: readonly number[], choose: (...numbers: number[]) => number): Value {
  if (numbers.length === 0) throw new ValueProblem('at least one number is needed');
  return choose(...numbers);
}

function parsed(text: string, base: number): Value {
  const digits = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, base);
  const bare = text.toLowerCase().replace(/^[+-]/, '');
  if (bare === '' || ![...bare].every((digit) => digits.includes(digit))) {
    throw new ValueProblem(`the string is not a number in base ${base}`);
  }
  return Number.parseInt(text, base);
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
