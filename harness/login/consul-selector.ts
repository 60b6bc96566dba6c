import { parseSelector, type Selector, type SelectorMatch } from '../../stacks/consul-selector.js';
import { claimOf, matchesOf, needsClaim } from '../../stacks/consul-selector-truth.js';
import type { SelectableValues } from './consul-claims.js';

/** What a binding rule's selector makes of a token. */
export interface SelectorVerdict {
  /** Whether it matches; undefined where that hangs on a regular expression, which Consul alone reads as Consul does. */
  readonly matched: boolean | undefined;
  /** The `value.x` and `list.x` that it speaks of, each once. */
  readonly fields: readonly string[];
  /** The strings that it compares with and that look like fields: to Consul `value.a == value.b` is such a string. */
  readonly literals: readonly string[];
}

/**
 * Holds a token's values against a selector. An empty one matches everybody; of a claim that the token lacks all
 * comparisons are true but `==`, `in` and `is not empty`.
 * @see https://developer.hashicorp.com/consul/api-docs/acl/binding-rules#selector
 */
export function selectorVerdict(text: string, values: SelectableValues): SelectorVerdict {
  if (text === '') return { matched: true, fields: [], literals: [] };
  const selector = selectorOf(text);
  // What another Consul took, and can't be read here, may speak of any field.
  if (selector === undefined) return { matched: undefined, fields: Object.keys(values), literals: [] };
  const matches = matchesOf(selector);
  const fields = matches.flatMap((match) => fieldsOf(match, values));
  const literals = matches.map(({ value }) => value).filter((value) => /^(?:value|list)\.\w/.test(value));
  return { matched: holds(selector, values), fields: [...new Set(fields)], literals };
}

function selectorOf(text: string): Selector | undefined {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function fieldsOf(match: SelectorMatch, values: SelectableValues): readonly string[] {
  const { kind, name } = claimOf(match);
  return name === undefined ? Object.keys(values).filter((field) => field.startsWith(`${kind}.`)) : [`${kind}.${name}`];
}

function holds(selector: Selector, values: SelectableValues): boolean | undefined {
  if (selector.kind === 'match') return matchHolds(selector, values);
  if (selector.kind === 'not') return not(holds(selector.operand, values));
  const sides = [holds(selector.left, values), holds(selector.right, values)];
  // One side that is false decides an "and", one that is true an "or".
  const decisive = selector.kind === 'or';
  if (sides.includes(decisive)) return decisive;
  return sides.includes(undefined) ? undefined : !decisive;
}

function matchHolds(match: SelectorMatch, values: SelectableValues): boolean | undefined {
  const { path, operator, value, source } = match;
  const seen = path.length === 1 ? namesIn(match, values) : (values[path.join('.')] ?? null);
  if (seen === null) return !needsClaim.includes(operator);
  // Such an escape is a byte to Consul, and not always a sign.
  if (/\\[x0-3]/.test(source)) return undefined;
  switch (operator) {
    case '==':
      return seen === value;
    case '!=':
      return seen !== value;
    case 'in':
      return seen.includes(value);
    case 'not in':
      return !seen.includes(value);
    case 'is empty':
      return seen.length === 0;
    case 'is not empty':
      return seen.length > 0;
    default:
      return undefined;
  }
}

/** The names of a kind's claims that the token has. */
function namesIn(match: SelectorMatch, values: SelectableValues): readonly string[] {
  const prefix = `${claimOf(match).kind}.`;
  const fields = Object.keys(values).filter((field) => field.startsWith(prefix) && values[field] !== null);
  return fields.map((field) => field.slice(prefix.length));
}

function not(verdict: boolean | undefined): boolean | undefined {
  return verdict === undefined ? undefined : !verdict;
}
