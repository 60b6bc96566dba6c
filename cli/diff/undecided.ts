import type { AccessDiff } from '../../harness/access/index.js';
import { counted } from '../output.js';
import { entriesOf } from './entries.js';

/** What is undecided, in the two kinds that a reader does something else about. */
export interface Undecided {
  /** What may be a widening: something that is declared otherwise in HEAD, or on which a login depends that is. */
  readonly changed: readonly string[];
  /** What is the same on both sides, or can be no widening. */
  readonly others: readonly string[];
}

/** What is undecided, said once where it is so on both sides. */
export function undecidedOf({ undecided, mayWiden }: AccessDiff): Undecided {
  const changed = saidOnce(mayWiden);
  return { changed, others: saidOnce(undecided).filter((one) => !changed.includes(one)) };
}

function saidOnce(all: readonly string[]): readonly string[] {
  const said = all.map((one) => {
    const [, side, what = one] = /^(before|after): (.*)$/s.exec(one) ?? [];
    const other = side === 'before' ? 'after' : 'before';
    return side !== undefined && all.includes(`${other}: ${what}`) ? what : one;
  });
  return [...new Set(said)];
}

/** The sum at the end: what was found, and how much could not be decided. */
export function sumOf(found: AccessDiff): string {
  const { changed, others } = undecidedOf(found);
  const open = changed.length + others.length;
  const [widened, narrowed] = [entriesOf(found.widened).length, entriesOf(found.narrowed).length];
  if (widened + narrowed > 0) {
    const undecided = open === 0 ? '' : `; ${open} ${are(open)} undecided`;
    return `${counted(widened, 'widening')}, ${counted(narrowed, 'narrowing')}${undecided}`;
  }
  return open === 0
    ? 'no difference'
    : `no difference was found in what could be decided; ${open} ${are(open)} undecided`;
}

function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}
