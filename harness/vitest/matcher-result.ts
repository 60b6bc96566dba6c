import { UsageError } from '../../errors/index.js';
import { printable } from '../../internal/printable.js';

export interface MatcherResult {
  readonly pass: boolean;
  message(): string;
}

export interface MatcherState {
  readonly isNot: boolean;
}

export function passed(sentence: string): MatcherResult {
  return { pass: true, message: () => printable(sentence) };
}

export function failed(sentence: string): MatcherResult {
  return { pass: false, message: () => printable(sentence) };
}

/** A negation would hold for a wrong reason. */
export function refuseNegation({ isNot }: MatcherState, name: string, other: string): void {
  if (isNot) throw new UsageError(`".not.${name}" says nothing of the reason, use ".${other}"`);
}

export function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
