import type { PathPattern } from './path-pattern.js';

/**
 * Which of two patterns with wildcards, both of which hold for a path, decides: positive for the first one. It is the one
 * whose first wildcard comes later, then one without a `*` at its end, then the one with fewer `+`, then the longer one,
 * then the later one by its bytes. An exact one comes before all of them.
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies#priority-matching
 */
export function comparePriority(one: PathPattern, other: PathPattern): number {
  return (
    firstWildcard(one) - firstWildcard(other) ||
    Number(other.isPrefix) - Number(one.isPrefix) ||
    pluses(other) - pluses(one) ||
    Buffer.byteLength(one.text) - Buffer.byteLength(other.text) ||
    Buffer.compare(Buffer.from(one.text), Buffer.from(other.text))
  );
}

function firstWildcard({ kind, text }: PathPattern): number {
  return Buffer.byteLength(kind === 'segments' ? text.slice(0, text.indexOf('+')) : text);
}

function pluses({ kind, segments }: PathPattern): number {
  return kind === 'segments' ? segments.filter((segment) => segment === '+').length : 0;
}
