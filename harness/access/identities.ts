import { inAnyCase, type Language } from './languages.js';
import type { DeclaredIdentity, DeclaredLogin } from './read/declared.js';
import { type Avoided, constraintsOf, locationOf, type Required, userLocation } from './vault/constraints.js';
import type { LoginIdentity, VaultLoginRole } from './vault/login-role.js';

/** What a claim makes a token to Vault's identities: an entity by its alias, or in a group. */
export interface Membership {
  readonly of: 'entities' | 'groups';
  /** The claim, as the role names it. */
  readonly claim: string;
  readonly location: readonly string[];
  /** The name of the alias. */
  readonly name: string;
  /** The same for what only differs in how it is written. */
  readonly key: string;
}

/** Everything that the claims of a role's tokens can make them, with the policies that it gives them. */
export function membershipsAt({ bounds, entities = [], groups = [] }: DeclaredLogin) {
  const { userClaim = 'sub', groupsClaim = '' } = bounds;
  const membership =
    (of: Membership['of'], claim: string, location: readonly string[]) =>
    ({ name, policies }: DeclaredIdentity): Membership & DeclaredIdentity => ({
      ...{ of, claim, location, name, policies },
      key: JSON.stringify([of, location, inOneCase(name)]),
    });
  return [
    ...entities.map(membership('entities', userClaim, userLocation(bounds))),
    ...(groupsClaim === '' ? [] : groups).map(membership('groups', groupsClaim, locationOf(groupsClaim))),
  ];
}

/** Those of several roles that a role's tokens can be: by claims that it asks for. */
export function membershipsSeenBy(role: VaultLoginRole, logins: readonly DeclaredLogin[]): readonly Membership[] {
  const asked = [...constraintsOf(role), ...(role.groupsClaim ? [{ location: locationOf(role.groupsClaim) }] : [])];
  const locations = new Set(asked.map(({ location }) => JSON.stringify(location)));
  const seen = new Map<string, Membership>();
  for (const one of logins.flatMap(membershipsAt))
    if (locations.has(JSON.stringify(one.location)) && !seen.has(one.key)) seen.set(one.key, one);
  return [...seen.values()];
}

/** Whether two names are the same alias's. */
export function isSameAlias(one: string, other: string): boolean {
  return inOneCase(one) === inOneCase(other);
}

/** Vault takes no notice of the case of an alias's name. */
function inOneCase(name: string): string {
  return name.toLowerCase();
}

function named(all: readonly DeclaredIdentity[] = [], names: readonly string[]): readonly string[] {
  const wanted = new Set(names.map(inOneCase));
  return all.filter(({ name }) => wanted.has(inOneCase(name))).flatMap(({ policies }) => policies);
}

const givenBy = new WeakMap<DeclaredLogin, ReadonlyMap<string, readonly string[]>>();

/** The policies that a membership gives to the tokens of a role; none where they can't be that. */
export function policiesGiven(login: DeclaredLogin, { key }: Membership): readonly string[] {
  const known = givenBy.get(login) ?? new Map(membershipsAt(login).map((one) => [one.key, one.policies]));
  givenBy.set(login, known);
  return known.get(key) ?? [];
}

/** The policies of a role's tokens that are some entity, or in some groups. */
export function policiesWith(login: DeclaredLogin, memberships: readonly Membership[]): readonly string[] {
  if (memberships.length === 0) return login.policies;
  return [...new Set([...login.policies, ...memberships.flatMap((one) => policiesGiven(login, one))])];
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
      of === 'groups' ? { location, elements: [name] } : { location, language: inAny(name), word: name },
    ),
    avoided: all
      .filter((one) => !memberships.includes(one))
      .map(({ location, name }) => ({ location, language: inAny(name) })),
  };
}

/** More of them together are not gone through. */
const MOST = 4_000;

/**
 * The ways in which a token can be some of several things, the fewest first: of each user claim one entity at most. All are tried alone, and
 * together with some of those that may keep it from something.
 * @param most how many of these at once, besides one
 * @returns undefined where there are too many
 */
export function combinationsOf(
  all: readonly Membership[],
  keeping: readonly Membership[],
  most: number,
): readonly (readonly Membership[])[] | undefined {
  const together: (readonly Membership[])[] = [[]];
  const places = new Map(keeping.map((one, place) => [one, place]));
  for (const some of together) {
    if (some.length > most) continue;
    const last = some.at(-1);
    for (const next of keeping.slice(last === undefined ? 0 : (places.get(last) ?? 0) + 1))
      if (isPossible(some, next)) together.push([...some, next]);
    if (together.length > MOST) return undefined;
  }
  const others = all.filter((one) => !places.has(one));
  const few = together.filter((some) => some.length <= most);
  if (others.length * (few.length - 1) > MOST) return undefined;
  const withOne = others.flatMap((one) => few.filter((some) => isPossible(some, one)).map((some) => [one, ...some]));
  return [...together, ...withOne].toSorted((some, more) => some.length - more.length);
}

function isPossible(some: readonly Membership[], next: Membership): boolean {
  return !some.some(
    ({ of, location }) => of === 'entities' && next.of === 'entities' && `${location}` === `${next.location}`,
  );
}
