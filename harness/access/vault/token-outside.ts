import { findWord } from '../languages.js';
import { type Addresses, addressesOutside, anAddress, boundAddresses } from '../source-addresses.js';
import { type Avoided, bindsParts, claimsFor, constraintsOf, isAnyString, type Required } from './constraints.js';
import type { Claims, VaultLoginRole } from './login-role.js';

/** There may be such a token where none was found: too many roles overlap, or one binds a claim and a part of it. */
export const UNDECIDED = Symbol('undecided');

/** More ways around roles are not tried. */
const MOST_TRIED = 5_000;

/** A token, and from where it is sent. */
export interface SentToken {
  readonly claims: Claims;
  readonly address: string;
}

/** Which token is looked for. */
export interface Sought {
  /** It lets the token in. */
  readonly role: VaultLoginRole;
  readonly required?: readonly Required[];
  readonly avoided?: readonly Avoided[];
  /** A role that must not let the token in and does; undefined where none does. */
  readonly admitting: (token: SentToken) => VaultLoginRole | undefined;
}

/**
 * A token that a role lets in and none of some others, found by leaving out, of each role that would let it in, what one of its bounds
 * allows, or its addresses.
 * @returns undefined where there is no such token
 */
export function tokenOutside({
  role,
  required = [],
  avoided: first = [],
  admitting,
}: Sought): SentToken | typeof UNDECIDED | undefined {
  let tried = 0;
  const met = new Set([role]);
  const search = (avoided: readonly Avoided[], addresses: Addresses): SentToken | typeof UNDECIDED | undefined => {
    if (++tried > MOST_TRIED) return UNDECIDED;
    const [claims, address] = [claimsFor(role, avoided, required), anAddress(addresses)];
    if (claims === undefined || address === undefined) return undefined;
    const other = admitting({ claims, address });
    if (other === undefined) return { claims, address };
    met.add(other);
    for (const constraint of constraintsOf(other)) {
      if (isAnyString(constraint)) continue;
      const { location, language, others: values } = constraint;
      const found = search([...avoided, { location, language, others: values }], addresses);
      if (found !== undefined) return found;
    }
    return search(avoided, addressesOutside(addresses, boundAddresses(other.tokenBoundCidrs)));
  };
  const found = search(first, boundAddresses(role.tokenBoundCidrs));
  return found === undefined && [...met].some(bindsParts) ? UNDECIDED : found;
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
