import { isRecord } from '../../internal/json.js';
import { parseSelector, type Selector, type SelectorMatch, SelectorSyntaxError } from '../../stacks/consul-selector.js';
import { claimOf, matchesOf, operatorsRequiringPresence, patternTruth } from '../../stacks/consul-selector-analysis.js';
import { claimAt, type ReadToken } from './token-claims.js';

/**
 * What selectors and bind names see of a token: strings under `value.<name>`, lists of strings under `list.<name>`. null
 * stands for a claim that the token lacks.
 */
export type SelectableValues = Readonly<Record<string, string | readonly string[] | null>>;

/**
 * Maps a token's claims as an auth method's `ClaimMappings` and `ListClaimMappings` say. As in Consul, numbers lose what is
 * behind the point, a single value is a list of one, and empty strings drop out of lists.
 * @param config the auth method's `Config`
 * @see https://developer.hashicorp.com/consul/docs/security/acl/auth-methods/jwt#claim-mapping
 */
export function selectableValues(
  config: Readonly<Record<string, unknown>>,
  claims: ReadToken['claims'],
): SelectableValues {
  const values = mappingsIn(config['ClaimMappings']).map(([claim, name]) => {
    return [`value.${name}`, stringOf(claimAt(claims, claim))] as const;
  });
  const lists = mappingsIn(config['ListClaimMappings']).map(([claim, name]) => {
    return [`list.${name}`, listOf(claimAt(claims, claim))] as const;
  });
  return Object.fromEntries([...values, ...lists]);
}

/** The pairs of an auth method's `ClaimMappings` or `ListClaimMappings`. */
export function mappingsIn(value: unknown): [claim: string, name: string][] {
  return isRecord(value) ? Object.entries(value).map(([claim, name]) => [claim, String(name)]) : [];
}

/** An object or a list is refused before a selector sees it. */
function stringOf(claim: unknown): string | null {
  if (typeof claim === 'string') return claim;
  if (typeof claim === 'boolean') return String(claim);
  if (typeof claim !== 'number' || !Number.isFinite(claim)) return null;
  // What Go makes of a number of more than 64 bits depends on the processor; this is what x86-64 does.
  return Math.abs(claim) < 2 ** 63 ? String(BigInt(Math.trunc(claim))) : String(-(2n ** 63n));
}

function listOf(claim: unknown): readonly string[] | null {
  if (claim === undefined || claim === null) return null;
  const items: unknown[] = Array.isArray(claim) ? claim : [claim];
  return items.flatMap((item) => stringOf(item) || []);
}

/** What a binding rule's selector makes of a token. */
interface SelectorVerdict {
  /** Whether it matches; undefined where only Consul can say. */
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
  return { matched: evaluate(selector, values), fields: [...new Set(fields)], literals };
}

/** Why only Consul can say whether a selector matches. */
export function whyUndecided(text: string): string {
  try {
    const byte = matchesOf(parseSelector(text)).find(hasByte);
    return byte === undefined
      ? 'its selector has a regular expression that only Consul can evaluate'
      : `its selector has an escape for a byte, which only Consul can compare: ${byte.source}`;
  } catch (error) {
    if (error instanceof SelectorSyntaxError) return `Consul refuses its selector: ${error.message}`;
    throw error;
  }
}

/** Such an escape is a byte to Consul, and not always a sign. */
export function hasByte({ source }: SelectorMatch): boolean {
  return /\\[x0-3]/.test(source);
}

function selectorOf(text: string): Selector | undefined {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof SelectorSyntaxError) return undefined;
    throw error;
  }
}

function fieldsOf(match: SelectorMatch, values: SelectableValues): readonly string[] {
  const { kind, name } = claimOf(match);
  return name === undefined ? Object.keys(values).filter((field) => field.startsWith(`${kind}.`)) : [`${kind}.${name}`];
}

/** Whether a selector matches if one of its comparisons counts for nothing. */
export function matchesWithout(
  selector: Selector,
  without: SelectorMatch,
  values: SelectableValues,
): boolean | undefined {
  return evaluate(selector, values, without);
}

/** @param without a comparison that is taken for what lets more in: for true, and below a `not` for false */
function evaluate(
  selector: Selector,
  values: SelectableValues,
  without?: SelectorMatch,
  wanted = true,
): boolean | undefined {
  if (selector === without) return wanted;
  if (selector.kind === 'match') return evaluateMatch(selector, values);
  if (selector.kind === 'not') return not(evaluate(selector.operand, values, without, !wanted));
  const sides = [selector.left, selector.right].map((side) => evaluate(side, values, without, wanted));
  // One side that is false decides an "and", one that is true an "or".
  const decisive = selector.kind === 'or';
  if (sides.includes(decisive)) return decisive;
  return sides.includes(undefined) ? undefined : !decisive;
}

function evaluateMatch(match: SelectorMatch, values: SelectableValues): boolean | undefined {
  const { path } = match;
  return comparisonTruth(match, path.length === 1 ? namesIn(match, values) : (values[path.join('.')] ?? null));
}

/**
 * Whether a comparison is true of what it sees; undefined where only Consul can say.
 * @param seen null for a claim that the token lacks
 */
export function comparisonTruth(match: SelectorMatch, seen: string | readonly string[] | null): boolean | undefined {
  const { operator, value } = match;
  if (seen === null) return !operatorsRequiringPresence.includes(operator);
  if (hasByte(match)) return undefined;
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
      return typeof seen === 'string' ? patternTruth(match, seen) : undefined;
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
