import { isRecord } from '../../../internal/json.js';
import { findWord, glob, type Language, literal, union } from '../globs.js';
import { type Claims, USER_CLAIM, type VaultLoginRole, wouldLogIn } from './login.js';

/** What a role asks of one claim. */
export interface ClaimConstraint {
  /** The claim's name or JSON pointer, as the role has it. */
  readonly claim: string;
  /** The members that lead to it. */
  readonly location: readonly string[];
  readonly bound: 'bound_issuer' | 'bound_subject' | 'bound_audiences' | 'bound_claims' | 'user_claim';
  /** The strings that it may be. */
  readonly language: Language;
  /** What else it may be: numbers and booleans. */
  readonly others: readonly unknown[];
  /** As they are declared. */
  readonly values: readonly unknown[];
  readonly isGlob: boolean;
}

/** Every bound of a role, the user claim last: it must be a string that is not empty. */
export function constraintsOf(role: VaultLoginRole): readonly ClaimConstraint[] {
  const { boundIssuer = '', boundSubject = '', boundAudiences = [], boundClaims = {}, userClaim = USER_CLAIM } = role;
  const isGlob = role.boundClaimsType === 'glob';
  const exact = (bound: ClaimConstraint['bound'], claim: string, values: readonly string[]): ClaimConstraint[] =>
    values.length === 0 ? [] : [constraint(bound, claim, [claim], values, false)];
  const pointer = role.userClaimJsonPointer === true ? locationOf(userClaim) : [userClaim];
  return [
    ...exact('bound_issuer', 'iss', boundIssuer === '' ? [] : [boundIssuer]),
    ...exact('bound_audiences', 'aud', boundAudiences),
    ...exact('bound_subject', 'sub', boundSubject === '' ? [] : [boundSubject]),
    ...Object.entries(boundClaims).map(([claim, expected]) =>
      constraint('bound_claims', claim, locationOf(claim), [expected].flat(), isGlob),
    ),
    constraint('user_claim', userClaim, pointer, ['*'], true),
  ];
}

const EMPTY = literal('');

function constraint(
  bound: ClaimConstraint['bound'],
  claim: string,
  location: readonly string[],
  values: readonly unknown[],
  isGlob: boolean,
): ClaimConstraint {
  const texts = values.filter((value) => typeof value === 'string');
  return {
    ...{ claim, location, bound, values, isGlob },
    language: union(texts.map(isGlob ? glob : literal)),
    others: isGlob ? [] : values.filter((value) => typeof value !== 'string'),
  };
}

/** The members that a claim's name, or a JSON pointer, leads by. */
export function locationOf(claim: string): readonly string[] {
  if (!claim.startsWith('/')) return [claim];
  return claim
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What one claim of a token must not be, beside what its role asks. */
export interface Avoided {
  readonly location: readonly string[];
  readonly language: Language;
  readonly others?: readonly unknown[];
}

/**
 * The claims of a token that a role lets in, with what is avoided left out.
 * @returns undefined where there is no such token
 */
export function claimsFor(role: VaultLoginRole, avoided: readonly Avoided[] = []): Claims | undefined {
  const constraints = constraintsOf(role);
  const keys = new Map<string, readonly string[]>();
  for (const { location } of [...constraints, ...avoided]) keys.set(JSON.stringify(location), location);
  let claims: Claims = role.groupsClaim ? withValue({}, locationOf(role.groupsClaim), []) : {};
  for (const [key, location] of keys) {
    const wanted = constraints.filter((one) => JSON.stringify(one.location) === key);
    const not = avoided.filter((one) => JSON.stringify(one.location) === key);
    const value = valueFor(wanted, not);
    if (value === undefined) return undefined;
    claims = withValue(claims, location, value);
  }
  return wouldLogIn(role, claims).in ? claims : undefined;
}

/** Whether a role binds a claim and a part of it, or a part by an empty name: that no token was found says nothing then. */
export function bindsParts(role: VaultLoginRole): boolean {
  const locations = constraintsOf(role).map(({ location }) => location);
  const isPart = (one: readonly string[], other: readonly string[]): boolean =>
    one.length > other.length && other.every((name, index) => one[index] === name);
  return locations.some((one) => one.slice(1).includes('') || locations.some((other) => isPart(one, other)));
}

function valueFor(wanted: readonly ClaimConstraint[], not: readonly Avoided[]): unknown {
  // A user claim must not be empty, and what is bound to nothing at all is better shown by something.
  const isUser = wanted.some(({ bound }) => bound === 'user_claim');
  const notIn = [...not.map(({ language }) => language), ...(isUser || wanted.length === 0 ? [EMPTY] : [])];
  const isAvoided = (value: unknown): boolean => not.some(({ others = [] }) => others.includes(value));
  const word = findWord({ in: wanted.map(({ language }) => language), notIn });
  if (word !== undefined) return word;
  const [first, ...rest] = wanted;
  const other = first?.others.find((one) => !isAvoided(one) && rest.every(({ others }) => others.includes(one)));
  if (other !== undefined || wanted.some(({ bound }) => MUST_BE_STRING.includes(bound))) return other;
  // Of a list, each bound may match another value.
  const words = wanted.map(({ language }) => findWord({ in: [language], notIn }));
  return words.length > 1 && words.every((one) => one !== undefined) ? words : undefined;
}

const MUST_BE_STRING: readonly ClaimConstraint['bound'][] = ['bound_issuer', 'bound_subject', 'user_claim'];

/** Claims with a value put where members lead. A number leads into a list. */
export function withValue(claims: Claims, [first = '', ...rest]: readonly string[], value: unknown): Claims {
  if (rest.length === 0) return { ...claims, [first]: value };
  const inner = claims[first];
  const [next = ''] = rest;
  if (/^\d+$/.test(next) && !isRecord(inner)) {
    const list: unknown[] = Array.isArray(inner) ? [...inner] : [];
    while (list.length <= Number(next)) list.push('x');
    if (rest.length === 1) list[Number(next)] = value;
    else list[Number(next)] = withValue({}, rest.slice(1), value);
    return { ...claims, [first]: list };
  }
  return { ...claims, [first]: withValue(isRecord(inner) ? inner : {}, rest, value) };
}

/** Claims without what members lead to. */
export function withoutValue(claims: Claims, [first = '', ...rest]: readonly string[]): Claims {
  const inner = claims[first];
  if (rest.length > 0 && isRecord(inner)) return { ...claims, [first]: withoutValue(inner, rest) };
  return Object.fromEntries(Object.entries(claims).filter(([name]) => name !== first));
}
