import { hint } from '../../internal/did-you-mean.js';
import type { Lazy } from './values.js';

/** More are not compared with a name: an expression may be tried for each of many. */
const MOST_COMPARED = 100;

/** What to say of a name that stands for nothing in a module. */
export function unknownName(name: string): string {
  if (name === 'each') return '"each" is known only in a block with "for_each"';
  if (name === 'count') return '"count" is known only in a block with "count"';
  if (name.includes('_')) return ofUnknownType(name);
  return `"${name}" is no name: put a string in quotes, and write "var.${name}" or "local.${name}" for a value`;
}

/** What to say of an attribute that something does not have. */
export function unknownMember({ what, names }: Lazy, name: string): string {
  // Types of data sources, which nothing lists.
  if (what === 'data' || what === 'ephemeral') return ofUnknownType(`${what}.${name}`);
  const known = names();
  const advice =
    known.length === 0 ? 'declare it, or correct the name' : hintFor(name, known, (one) => `${what}.${one}`);
  return `there is no "${what}.${name}": ${advice}`;
}

/** The same as {@link hint}, for as many names as take no time. */
export function hintFor(name: string, known: readonly string[], shown?: (one: string) => string): string {
  return hint(name, known.slice(0, MOST_COMPARED), shown);
}

function ofUnknownType(type: string): string {
  return `nothing of the type "${type}" is declared in this module: declare it, or correct the name`;
}
