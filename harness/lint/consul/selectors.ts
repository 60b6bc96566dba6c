import type { Selector, SelectorMatch } from '../../../stacks/consul-selector.js';
import { claimOf } from '../../../stacks/consul-selector-analysis.js';
import type { Mappings } from './binding-rules.js';

/** A comparison of a selector, and whether it must be true or false for the selector to be true. */
interface Condition {
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
function isEquality({ match, wanted }: Condition): boolean {
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
interface WantedValue {
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

/** A regular expression in pieces: signs, escaped ones, classes. */
const PIECES = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|[\s\S]/g;

/**
 * Whether a regular expression, in each of its alternatives, says how the text begins, and that it ends, or that its last
 * name does.
 */
export function anchorsOf(pattern: string): { readonly begins: boolean; readonly ends: boolean } {
  const parts = alternatives(pattern.replace(/^\(\?[a-zU]+\)/, ''));
  return {
    begins: parts.every((part) => /^(?:\((?:\?:)?)*(?:\^|\\A)/.test(part)),
    ends: parts.every((part) => /(?:(?<!\\)\$|\\z|[/:@](?:\.[*+])?)\)*$/.test(part)),
  };
}

/** The text that a regular expression begins with, and whether it takes nothing else; undefined where it may begin anyhow. */
function beginningOf(pattern: string): { readonly text: string; readonly isWhole: boolean } | undefined {
  if (!pattern.startsWith('^') || alternatives(pattern).length > 1) return undefined;
  const pieces = pattern.slice(1).match(PIECES) ?? [];
  let text = '';
  for (const [index, piece] of pieces.entries()) {
    const sign = signOf(piece);
    // What may be there as often as it likes, or not at all, is no text.
    const isRepeated = /^[*?{]/.test(pieces[index + 1] ?? '');
    if (sign === undefined || isRepeated) return { text, isWhole: piece === '$' && index === pieces.length - 1 };
    text += sign;
  }
  return { text, isWhole: false };
}

/** The sign that a piece stands for, as long as that is one alone. */
function signOf(piece: string): string | undefined {
  if (piece.length === 1) return /[.*+?()[\]{}|^$]/.test(piece) ? undefined : piece;
  return /^(?:\\(\W)|\[([^\\^])\])$/.exec(piece)?.slice(1).join('');
}

/** The sides of every `|` that stands in no group and in no class. */
function alternatives(pattern: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const piece of pattern.match(PIECES) ?? []) {
    if (piece === '(') depth++;
    if (piece === ')') depth--;
    if (piece === '|' && depth === 0) parts.push('');
    else parts[parts.length - 1] += piece;
  }
  return parts;
}
