import { toPrimitive } from './types.js';
import { Unknown, type Value, ValueProblem } from './values.js';

/**
 * What `!` and `-` give of one value.
 * @see https://developer.hashicorp.com/terraform/language/expressions/operators
 */
export function unary(operator: string, value: Value): Value {
  if (value instanceof Unknown) return new Unknown(`\${${operator}${value.source}}`, value.source);
  if (value === null) throw new ValueProblem(`"${operator}" can't be applied to null: give it a value`);
  if (operator === '!') return toPrimitive(value, 'bool') !== true;
  return -numberOf(value);
}

/** What `+`, `-`, `*`, `/`, `%` and comparisons of numbers give. */
export function calculated(operator: string, left: Value, right: Value): Value {
  const [one, other] = [numberOf(left), numberOf(right)];
  switch (operator) {
    case '+':
      return decimal(one + other);
    case '-':
      return decimal(one - other);
    case '*':
      return decimal(one * other);
    case '/':
      if (one === 0 && other === 0) throw new ValueProblem('division of zero by zero');
      return decimal(one / other);
    case '%':
      return other === 0 ? one : decimal(one % other);
    case '<':
      return one < other;
    case '>':
      return one > other;
    case '<=':
      return one <= other;
    default:
      return one >= other;
  }
}

/** Terraform calculates with decimals of 150 digits; ours have 15, without the last bits' error. */
function decimal(result: number): number {
  return Number.isInteger(result) || !Number.isFinite(result) ? result : Number(result.toPrecision(15));
}

function numberOf(value: Value): number {
  const number = toPrimitive(value, 'number');
  return typeof number === 'number' ? number : 0;
}
