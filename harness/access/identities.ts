import { inAnyCase, type Language, literal, union } from './globs.js';
import type { DeclaredIdentity, DeclaredLogin } from './read/declared.js';
import { type Avoided, constraintsOf, locationOf, type Required, userLocation } from './vault/constraints.js';
import type { LoginIdentity, VaultLoginRole } from './vault/login.js';

/** What a claim makes a token to Vault's identities: an entity by its alias, or in a group. */
export interface Membership {
  readonly of: 'entities' | 'groups';
  /** The claim, as the role names it. */
  readonly claim: string;
  readonly location: readonly string[];
  /** The name of the alias. */
  readonly name: string;
}

/** Everything that the claims of a role's tokens can make them. */
export function membershipsAt({ bounds, entities = [], groups = [] }: DeclaredLogin): readonly Membership[] {
  const { userClaim = 'sub', groupsClaim = '' } = bounds;
  const user = { of: 'entities', claim: userClaim, location: userLocation(bounds) } as const;
  const group = { of: 'groups', claim: groupsClaim, location: locationOf(groupsClaim) } as const;
  return [
    ...entities.map(({ name }) => ({ ...user, name })),
    ...(groupsClaim === '' ? [] : groups).map(({ name }) => ({ ...group, name })),
  ];
}

/** Those of several roles that a role's tokens can be: by claims that it asks for. */
export function membershipsSeenBy(role: VaultLoginRole, logins: readonly DeclaredLogin[]): readonly Membership[] {
  const asked = [...constraintsOf(role), ...(role.groupsClaim ? [{ location: locationOf(role.groupsClaim) }] : [])];
  const locations = new Set(asked.map(({ location }) => JSON.stringify(location)));
  const seen = logins.flatMap(membershipsAt).filter(({ location }) => locations.has(JSON.stringify(location)));
  return [...new Map(seen.toReversed().map((one) => [keyOf(one), one])).values()].toReversed();
}

function keyOf({ of, location, name }: Membership): string {
  return JSON.stringify([of, location, inOneCase(name)]);
}

/** Vault takes no notice of the case of an alias's name. */
function inOneCase(name: string): string {
  return name.toLowerCase();
}

function named(all: readonly DeclaredIdentity[] = [], names: readonly string[]): readonly string[] {
  const wanted = new Set(names.map(inOneCase));
  return all.filter(({ name }) => wanted.has(inOneCase(name))).flatMap(({ policies }) => policies);
}

/** The policies of a role's tokens that are some entity, or in some groups. */
export function policiesWith(login: DeclaredLogin, memberships: readonly Membership[]): readonly string[] {
  if (memberships.length === 0) return login.policies;
  const own = new Set(membershipsAt(login).map(keyOf));
  const given = memberships.filter((one) => own.has(keyOf(one))).flatMap(({ of, name }) => named(login[of], [name]));
  return [...new Set([...login.policies, ...given])];
}

/** The policies of a token that a role lets in. */
export function policiesOf(login: DeclaredLogin, { alias, groups }: LoginIdentity): readonly string[] {
  if (login.entities === undefined && login.groups === undefined) return login.policies;
  return [...new Set([...login.policies, ...named(login.groups, groups), ...named(login.entities, [alias])])];
}

/** What the claims of a token must be to make it some of several things, and none of the others. */
export function claimsThatMake(
  memberships: readonly Membership[],
  all: readonly Membership[],
): { readonly required: readonly Required[]; readonly avoided: readonly Avoided[] } {
  const inAny = (name: string): Language => inAnyCase(inOneCase(name));
  return {
    required: memberships.map(({ of, location, name }) =>
      // As it is declared, unless another bound wants it in another case.
      of === 'groups' ? { location, elements: [name] } : { location, language: union([literal(name), inAny(name)]) },
    ),
    avoided: all
      .filter((one) => !memberships.includes(one))
      .map(({ location, name }) => ({ location, language: inAny(name) })),
  };
}

/** More of them together are not gone through. */
const MOST = 4_000;

/**
 * The ways in which a token can be some of several things, the fewest first: of each user claim one entity at most.
 * @param most how many at once
 * @returns undefined where there are too many
 */
export function combinationsOf(
  all: readonly Membership[],
  most: number,
): readonly (readonly Membership[])[] | undefined {
  const found: (readonly Membership[])[] = [[]];
  for (const combination of found) {
    if (combination.length >= most) continue;
    const last = combination.at(-1);
    for (const next of all.slice(last === undefined ? 0 : all.indexOf(last) + 1)) {
      const isTaken = combination.some(
        (one) => one.of === 'entities' && next.of === 'entities' && `${one.location}` === `${next.location}`,
      );
      if (!isTaken) found.push([...combination, next]);
      if (found.length > MOST) return undefined;
    }
  }
  return found;
}
