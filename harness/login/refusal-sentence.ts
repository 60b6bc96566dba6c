import type { ErrorCode } from '../../errors/index.js';
import type { TriedBindingRule } from './consul-binding.js';
import type { Refusal } from './refusal.js';
import type { UnmetBound } from './role-bounds.js';

/** The message of a refused login: the code and what was compared, what else is known, and the server's words. */
export function refusalSentence(code: ErrorCode, refusal: Omit<Refusal, 'code'>): string {
  const { claim, expected, found, claims = [], note, rules, serverMessage } = refusal;
  // The other codes say which claim they are about.
  const named = claim !== undefined && code.startsWith('claim_') ? ` of ${JSON.stringify(claim)}` : '';
  const others = claims.filter(({ name }) => name !== claim);
  const parts = [
    `login refused: ${code}${named}${(SIDES[code] ?? sidesOf)(expected, found)}`,
    note === undefined ? [] : note,
    others.length === 0 ? [] : `these do not match either: ${others.map(describeBound).join(', ')}`,
    rules === undefined ? [] : `tried ${rules.map(describeRule).join(' | ') || 'no binding rule'}`,
    `the server said: ${serverMessage}`,
  ];
  return parts.flat().join('; ');
}

function describeBound({ name, expected, found }: UnmetBound): string {
  return `${JSON.stringify(name)}${sidesOf(expected, found)}`;
}

/** What is compared, in words; most codes have {@link sidesOf}. */
const SIDES: { readonly [code in ErrorCode]?: (expected: unknown, found: unknown) => string } = {
  signature_invalid: keyIds,
  unknown_key: keyIds,
  method_not_found: nameAndThoseThere,
  role_not_found: nameAndThoseThere,
};

function keyIds(expected: unknown, found: unknown): string {
  return sidesOf(expected, found, ' kid');
}

const MOST_NAMES = 10;

function nameAndThoseThere(expected: unknown, found: unknown): string {
  if (!Array.isArray(expected)) return sidesOf(expected, found);
  const names = expected.slice(0, MOST_NAMES).map((name) => JSON.stringify(name));
  const more = expected.length > MOST_NAMES ? ` and ${expected.length - MOST_NAMES} more` : '';
  const verb = expected.length > 1 ? 'are' : 'is';
  return ` (asked for ${JSON.stringify(found)}, there ${verb} ${names.join(', ') || 'none'}${more})`;
}

function sidesOf(expected: unknown, found: unknown, what = ''): string {
  const sides = [
    expected === undefined ? [] : `expected${what} ${JSON.stringify(expected)}${timeOf(expected)}`,
    found === undefined ? [] : `found${what} ${JSON.stringify(found)}`,
  ].flat();
  return sides.length === 0 ? '' : ` (${sides.join(', ')})`;
}

/** JavaScript's dates go no further. */
const LAST_SECOND = 8.64e12;

/** Of what is expected of a time, such as `{ after: 1796017308 }`, that time. */
function timeOf(expected: unknown): string {
  const { after, before } = Object(expected) as { readonly after?: unknown; readonly before?: unknown };
  const seconds = after ?? before;
  if (typeof seconds !== 'number' || Math.abs(seconds) > LAST_SECOND) return '';
  return `, which is ${new Date(seconds * 1000).toISOString()}`;
}

function describeRule(rule: TriedBindingRule): string {
  const { bindType, bindName, template, selector, matched, values, exists, notes } = rule;
  const saw = Object.entries(values).map(([field, value]) => `${field} ${JSON.stringify(value)}`);
  return [
    `${bindType} "${bindName}"`,
    template === bindName ? '' : ` with the name "${template}"`,
    selector === '' ? ' for everybody' : ` for ${selector}`,
    saw.length === 0 ? '' : ` saw ${saw.join(', ')}`,
    matched === undefined ? '' : matched ? ', which matches' : ', which does not match',
    exists === false ? `, and there is no such ${bindType}` : '',
    ...notes.map((note) => ` (${note})`),
  ].join('');
}
