import type { AccessDifference } from '../../harness/access/index.js';
import { shownLogin } from '../who.js';
import { witnessOf } from './witness.js';

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
