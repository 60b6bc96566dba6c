import { gainedInConsul } from './consul/diff.js';
import type { AccessDifference } from './difference.js';
import type { DeclaredAccess } from './read/declared.js';
import { gainedInVault } from './vault/diff.js';

/** Where two declarations differ in whom they let in, or in what those may do. */
export interface AccessDiff {
  /** What the second one allows and the first does not. */
  readonly widened: readonly AccessDifference[];
  /** What the first one allows and the second does not. */
  readonly narrowed: readonly AccessDifference[];
  /** What is not known of either, and is left out. */
  readonly undecided: readonly string[];
}

/**
 * Whom a change lets in who was out before, and what logins may newly do, and the reverse. Roles are compared by what their tokens get, by
 * their entities and groups, too: a role that is only renamed, or a policy that is only written otherwise, is no difference. Each has a
 * witness that is found exactly: globs are taken as regular languages, addresses as sets, paths by the kinds that rules tell apart.
 * @param base before the change
 * @param head after it
 * @example
 * accessDiff(await readAccess('main'), await readAccess('branch')).widened; // [{ kind: 'login', role: 'ci', witness: { claims: ... } }]
 */
export function accessDiff(base: DeclaredAccess, head: DeclaredAccess): AccessDiff {
  const undecided = new Set([
    ...base.undecided.map((one) => `before: ${one}`),
    ...head.undecided.map((one) => `after: ${one}`),
  ]);
  const leaveOut = (what: string): void => void undecided.add(what);
  const of = (before: DeclaredAccess, after: DeclaredAccess): readonly AccessDifference[] => [
    ...gainedInVault(before, after, leaveOut),
    ...gainedInConsul(before, after, leaveOut),
  ];
  const [widened, narrowed] = [of(base, head), of(head, base)];
  return { widened, narrowed, undecided: [...undecided] };
}
