import type { Selector, SelectorMatch } from '../../../stacks/consul-selector.js';
import { claimOf } from '../../../stacks/consul-selector-truth.js';
import type { Mappings } from './auth-method.js';
import { beginningOf } from './pattern.js';

/** A comparison of a selector, and whether it must be true or false for the selector to be true. */
export interface Condition {
  readonly match: SelectorMatch;
  readonly wanted: boolean;
}

/** Every comparison of a selector. */
export function conditionsOf(selector: Selector, wanted = true): Condition[] {
  if (selector.kind === 'match') return [{ match: selector, wanted }];
  if (selector.kind === 'not') return conditionsOf(selector.operand, !wanted);
  return [...conditionsOf(selector.left, wanted), ...conditionsOf(selector.right, wanted)];
}

/** Whether a selector is true only where one of some comparisons is: on every side of an `or`, on one of an `and`. */
export function requires(selector: Selector, test: (condition: Condition) => boolean, wanted = true): boolean {
  if (selector.kind === 'match') return test({ match: selector, wanted });
  if (selector.kind === 'not') return requires(selector.operand, test, !wanted);
  const [left, right] = [selector.left, selector.right].map((side) => requires(side, test, wanted));
  return (selector.kind === 'and') === wanted ? left === true || right === true : left === true && right === true;
}

/** Whether a condition compares a claim's text as a whole. */
export function isEquality({ match, wanted }: Condition): boolean {
  return match.operator === (wanted ? '==' : '!=');
}

/** Whether a condition asks for a part of a text, or for a pattern. */
export function isPattern({ match: { path, operator }, wanted }: Condition): boolean {
  const isPart = path.length === 2 && path[0] === 'value' && operator === (wanted ? 'in' : 'not in');
  return isPart || operator === (wanted ? 'matches' : 'not matches');
}

/** The claim of which a comparison speaks, by its own name; undefined where none is mapped. */
export function comparedClaim(match: SelectorMatch, mappings: Mappings): string | undefined {
  const { kind, name = '' } = claimOf(match);
  return mappings[kind === 'list' ? 'list' : 'value'].get(name);
}

/** What a comparison wants of a claim: `value`, or with `*` at its end what the value begins with. */
export interface WantedValue {
  readonly claim: string;
  readonly value: string;
}

/** What a comparison wants of one claim, by its own name; undefined where it wants none, or any with some text in it. */
export function wantedValue(condition: Condition, mappings: Mappings): WantedValue | undefined {
  const { match } = condition;
  const claim = comparedClaim(match, mappings);
  if (claim === undefined || match.path.length !== 2) return undefined;
  if (isEquality(condition)) return { claim, value: match.value };
  if (!isPattern(condition) || !match.operator.includes('matches')) return undefined;
  const beginning = beginningOf(match.value);
  return beginning && { claim, value: `${beginning.text}${beginning.isWhole ? '' : '*'}` };
}
