import type { AccessDiff, AccessDifference } from '../../harness/access/index.js';
import { counted } from '../output.js';
import { shownLogin } from '../who.js';

/** The differences of a login that one token shows, as they are told to people. */
export interface Entry {
  /** One of the differences. */
  readonly first: AccessDifference;
  readonly login: string;
  /** Such as `lets in, and may then: read kv/data/app/x; list, read key:app/x`. */
  what(code?: (text: string) => string): string;
  /** A token, and where they decide an address, a body or how long an answer is wrapped. */
  readonly witness: string;
  /** `proven`, `not proven` and why, or nothing where servers were not tried. */
  readonly proof: string;
}

/** One entry for each login, and more where another token or another body shows what it may newly do, or where proofs differ. */
export function entriesOf(differences: readonly AccessDifference[]): readonly Entry[] {
  const groups: (readonly [AccessDifference, ...AccessDifference[]])[] = [];
  for (const one of differences) {
    const at = groups.findIndex(([first]) => isShownWith(first, one));
    const group = groups[at];
    if (group) groups[at] = [...group, one];
    else groups.push([one]);
  }
  return groups.map((group) => {
    const [first] = group;
    const letsIn = group.some(({ kind }) => kind === 'login');
    return {
      first,
      login: shownLogin(first),
      what: (code = (text) => text) => {
        const may = allowed(group, code);
        if (!letsIn) return `may ${may}`;
        return may === '' ? 'lets in' : `lets in, and may then: ${may}`;
      },
      witness: witnessOf(first),
      proof: proofOf(first),
    };
  });
}

/** What no binding rule of Consul allows alone is shown with the first that the token matches. */
function isShownWith(first: AccessDifference, one: AccessDifference): boolean {
  const isSameLogin = shownLogin(first) === shownLogin(one);
  const isByAll = one.server === 'consul' && one.rule === undefined && first.authMethod === one.authMethod;
  return (isSameLogin || isByAll) && witnessOf(first) === witnessOf(one) && proofOf(first) === proofOf(one);
}

/** Capabilities by path: `read, update kv/data/app/x; list kv/metadata/app/x`. */
function allowed(group: readonly AccessDifference[], code: (text: string) => string): string {
  const byPath = new Map<string, string[]>();
  for (const { path, capability } of group) {
    if (path === undefined || capability === undefined) continue;
    byPath.set(path, [...(byPath.get(path) ?? []), capability]);
  }
  return [...byPath].map(([path, capabilities]) => `${capabilities.join(', ')} ${code(path)}`).join('; ');
}

function proofOf({ proven, reason }: AccessDifference): string {
  if (reason !== undefined) return `not proven: ${reason}`;
  return proven === undefined ? '' : proven ? 'proven' : 'not proven';
}

/** A token that shows a difference, and where they decide an address, a body or how long an answer is wrapped. */
function witnessOf({ witness: { claims, address, data, wrapTtl } }: AccessDifference): string {
  const from = address === undefined ? '' : ` from ${address}`;
  const body = data === undefined ? '' : ` with ${JSON.stringify(data)}`;
  const wrapped = wrapTtl === undefined ? '' : wrapTtl === 0 ? ', not wrapped' : `, wrapped for ${wrapTtl} s`;
  return `${JSON.stringify(claims)}${from}${body}${wrapped}`;
}

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
