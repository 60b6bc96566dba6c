import { findWord } from '../globs.js';
import { type Avoided, bindsParts, claimsFor, constraintsOf } from './constraints.js';
import { type Claims, type VaultLoginRole, wouldLogIn } from './login.js';

/** There may be such a token where none was found: too many roles overlap, or one binds a claim and a part of it. */
export const UNDECIDED = Symbol('undecided');

/** More ways around roles are not tried. */
const MOST_TRIED = 5_000;

/**
 * The claims of a token that a role lets in and none of some others, found by leaving out, of each role that would let it in, what one of
 * its bounds allows.
 * @returns undefined where there is no such token
 */
export function tokenOutside(
  role: VaultLoginRole,
  others: readonly VaultLoginRole[],
): Claims | typeof UNDECIDED | undefined {
  let tried = 0;
  const search = (
    left: readonly VaultLoginRole[],
    avoided: readonly Avoided[],
  ): Claims | typeof UNDECIDED | undefined => {
    if (++tried > MOST_TRIED) return UNDECIDED;
    const claims = claimsFor(role, avoided);
    if (claims === undefined) return undefined;
    const admitting = left.find((other) => wouldLogIn(other, claims).in);
    if (admitting === undefined) return claims;
    const rest = left.filter((other) => other !== admitting);
    for (const { bound, location, language, others: values } of constraintsOf(admitting)) {
      if (bound === 'user_claim') continue;
      const found = search(rest, [...avoided, { location, language, others: values }]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const found = search(others, []);
  return found === undefined && [role, ...others].some(bindsParts) ? UNDECIDED : found;
}

/** Whether a token can get in at both of two roles, as far as single claims tell. */
export function mayOverlap(one: VaultLoginRole, other: VaultLoginRole): boolean {
  const theirs = constraintsOf(other);
  return constraintsOf(one).every((ours) => {
    const same = theirs.filter(({ location }) => JSON.stringify(location) === JSON.stringify(ours.location));
    return same.every(
      ({ language, others }) =>
        findWord({ in: [ours.language, language] }) !== undefined ||
        ours.others.some((value) => others.includes(value)),
    );
  });
}
