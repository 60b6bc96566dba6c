import { matchesRegexp } from './consul-regexp.js';
import type { Selector, SelectorMatch } from './consul-selector.js';

/** A claim as a selector names it: `value.user`. */
export interface SelectedClaim {
  readonly kind: string;
  /** The name that it is mapped to; none for all claims of the kind. */
  readonly name?: string;
}

/** What a selector lets in. */
export interface SelectorTruth {
  /** Whether any token can match. */
  readonly canMatch: boolean;
  /** Comparisons that a token without the claim satisfies, by which it may match. */
  readonly byAbsence: readonly SelectorMatch[];
}

/** More alternatives than this are not looked through. */
const LIMIT = 4096;

/** A comparison that must be true, or false. */
interface Literal {
  readonly match: SelectorMatch;
  readonly wanted: boolean;
}

/** The claim of which a comparison speaks: `"user" in value` asks whether there is a `value.user`. */
export function claimOf({ path, operator, value }: SelectorMatch): SelectedClaim {
  const [kind = '', name] = path;
  if (name !== undefined) return { kind, name };
  return operator === 'in' || operator === 'not in' ? { kind, name: value } : { kind };
}

/** Whether `matches` or `not matches` is true of a string; undefined where only Consul can say. */
export function patternTruth({ operator, value }: SelectorMatch, text: string): boolean | undefined {
  const isMatch = matchesRegexp(value, text);
  return isMatch === undefined ? undefined : isMatch === (operator === 'matches');
}

/** A comparison as it is written, with all of the outermost `not` that it is in: `not value.user == "a"`. */
export function withNegation(selector: Selector, match: SelectorMatch): string {
  if (selector.kind === 'match') return match.source;
  if (selector.kind === 'not') return selector.source;
  return withNegation(matchesOf(selector.left).includes(match) ? selector.left : selector.right, match);
}

/** The comparisons of a selector. */
export function matchesOf(selector: Selector): SelectorMatch[] {
  if (selector.kind === 'match') return [selector];
  if (selector.kind === 'not') return matchesOf(selector.operand);
  return [...matchesOf(selector.left), ...matchesOf(selector.right)];
}

/**
 * What a selector lets in, found by going through its alternatives. In doubt, as with regular expressions and with very
 * long selectors, it says that a token can match, and by no absence.
 */
export function truthOf(selector: Selector): SelectorTruth {
  const alternatives = alternativesOf(selector, true);
  if (alternatives === undefined) return { canMatch: true, byAbsence: [] };
  const possible = alternatives.map(byClaim).filter((claims) => claims.every(isPossible));
  const byAbsence = new Set<SelectorMatch>();
  for (const claims of possible) {
    for (const literals of claims.filter(isPossibleAbsent)) for (const { match } of literals) byAbsence.add(match);
  }
  return { canMatch: possible.length > 0, byAbsence: [...byAbsence] };
}

/** The ways in which a selector comes true, each as comparisons that must all be so; none where there are too many. */
function alternativesOf(selector: Selector, wanted: boolean): Literal[][] | undefined {
  if (selector.kind === 'match') return [[{ match: selector, wanted }]];
  if (selector.kind === 'not') return alternativesOf(selector.operand, !wanted);
  const left = alternativesOf(selector.left, wanted);
  const right = left && alternativesOf(selector.right, wanted);
  if (left === undefined || right === undefined) return undefined;
  const takesBoth = (selector.kind === 'and') === wanted;
  if ((takesBoth ? left.length * right.length : left.length + right.length) > LIMIT) return undefined;
  if (!takesBoth) return [...left, ...right];
  const both: Literal[][] = [];
  for (const one of left) for (const other of right) both.push([...one, ...other]);
  return both;
}

function byClaim(literals: readonly Literal[]): Literal[][] {
  const claims = new Map<string, Literal[]>();
  for (const literal of literals) {
    const { kind, name } = claimOf(literal.match);
    const key = JSON.stringify([kind, name]);
    claims.set(key, [...(claims.get(key) ?? []), literal]);
  }
  return [...claims.values()];
}

function isPossible(literals: readonly Literal[]): boolean {
  return isPossibleAbsent(literals) || isPossiblePresent(literals);
}

/** Consul takes every comparison but these for true where there is no such claim, `matches` among them. */
export const operatorsRequiringPresence: readonly string[] = ['==', 'in', 'is not empty'];

function isPossibleAbsent(literals: readonly Literal[]): boolean {
  return literals.every(({ match, wanted }) => operatorsRequiringPresence.includes(match.operator) !== wanted);
}

function isPossiblePresent(literals: readonly Literal[]): boolean {
  const asked = { equal: sides(), contained: sides(), matched: sides(), empty: sides(), there: sides() };
  for (const { match, wanted } of literals) {
    const isNegative = match.operator === '!=' || match.operator.includes('not ');
    asked[questionOf(match)][wanted === isNegative ? 'no' : 'yes'].push(match.value);
  }
  const { equal, contained, matched, empty, there } = asked;
  if (there.no.length > 0 || contradicts(equal) || contradicts(contained) || contradicts(matched)) return false;
  if (empty.yes.length > 0 && (empty.no.length > 0 || contained.yes.length > 0)) return false;
  const [is, ...others] = equal.yes;
  const isList = literals[0]?.match.path[0] === 'list';
  if (is === undefined) {
    const parts = isList ? [] : contained.yes;
    return !parts.some((part) => contained.no.some((other) => part.includes(other)));
  }
  return (
    others.every((other) => other === is) &&
    contained.yes.every((part) => is.includes(part)) &&
    !matched.yes.some((pattern) => matchesRegexp(pattern, is) === false) &&
    !matched.no.some((pattern) => matchesRegexp(pattern, is) === true) &&
    !contained.no.some((part) => is.includes(part))
  );
}

interface Sides {
  readonly yes: string[];
  readonly no: string[];
}

function sides(): Sides {
  return { yes: [], no: [] };
}

function contradicts({ yes, no }: Sides): boolean {
  return yes.some((value) => no.includes(value));
}

function questionOf({ path, operator }: SelectorMatch): 'equal' | 'contained' | 'matched' | 'empty' | 'there' {
  if (operator === '==' || operator === '!=') return 'equal';
  if (operator === 'matches' || operator === 'not matches') return 'matched';
  if (operator === 'is empty' || operator === 'is not empty') return 'empty';
  return path.length === 1 ? 'there' : 'contained';
}
