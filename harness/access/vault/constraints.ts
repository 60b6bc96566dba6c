import { isRecord } from '../../../internal/json.js';
import { findWord, glob, has, type Language, literal, union } from '../languages.js';
import { USER_CLAIM, wouldLogIn } from './login.js';
import type { Claims, VaultLoginRole } from './login-role.js';

/** What a role asks of one claim. */
export interface ClaimConstraint {
  /** The claim's name or JSON pointer, as the role has it. */
  readonly claim: string;
  /** The members that lead to it. */
  readonly location: readonly string[];
  readonly bound: 'bound_issuer' | 'bound_subject' | 'bound_audiences' | 'bound_claims' | 'id_token' | 'user_claim';
  /** The strings that it may be. */
  readonly language: Language;
  /** What else it may be: numbers and booleans. */
  readonly others: readonly unknown[];
  /** As they are declared. */
  readonly values: readonly unknown[];
  readonly isGlob: boolean;
}

/** Every bound of a role, then the subject of ID tokens and the user claim: each must be a string that is not empty. */
export function constraintsOf(role: VaultLoginRole): readonly ClaimConstraint[] {
  const { boundSubject = '', boundAudiences = [], boundClaims = {}, userClaim = USER_CLAIM } = role;
  const isJwt = role.flow !== 'oidc';
  // That of ID tokens is the provider's.
  const boundIssuer = (isJwt && role.boundIssuer) || '';
  const isGlob = role.boundClaimsType === 'glob';
  const exact = (bound: ClaimConstraint['bound'], claim: string, values: readonly string[]): ClaimConstraint[] =>
    values.length === 0 ? [] : [constraint(bound, claim, [claim], values, false)];
  return [
    ...exact('bound_issuer', 'iss', boundIssuer === '' ? [] : [boundIssuer]),
    ...exact('bound_audiences', 'aud', boundAudiences),
    ...exact('bound_subject', 'sub', boundSubject === '' ? [] : [boundSubject]),
    ...Object.entries(boundClaims).map(([claim, expected]) =>
      constraint('bound_claims', claim, locationOf(claim), [expected].flat(), isGlob),
    ),
    ...(isJwt ? [] : [constraint('id_token', 'sub', ['sub'], ['*'], true)]),
    constraint('user_claim', userClaim, userLocation(role), ['*'], true),
  ];
}

/** Whether a constraint is only that a claim is there. */
export function isAnyString({ bound }: ClaimConstraint): boolean {
  return bound === 'id_token' || bound === 'user_claim';
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

/** The members that the user claim leads by: a pointer where the role says so. */
export function userLocation({ userClaim = USER_CLAIM, userClaimJsonPointer }: VaultLoginRole): readonly string[] {
  return userClaimJsonPointer === true ? locationOf(userClaim) : [userClaim];
}

/** What one claim of a token must be, beside what its role asks. */
export interface Required {
  readonly location: readonly string[];
  /** The strings that it may be. */
  readonly language?: Language;
  /** The one of them that is preferred. */
  readonly word?: string;
  /** What a list must have. */
  readonly elements?: readonly string[];
}

/** What one claim of a token must not be, beside what its role asks. */
export interface Avoided {
  readonly location: readonly string[];
  readonly language: Language;
  readonly others?: readonly unknown[];
}

/**
 * The claims of a token that a role lets in, with what is required, and with what is avoided left out.
 * @returns undefined where there is no such token
 */
export function claimsFor(
  role: VaultLoginRole,
  avoided: readonly Avoided[] = [],
  required: readonly Required[] = [],
): Claims | undefined {
  if (role.flow !== 'oidc') return claimsWithin(role, constraintsOf(role), avoided, required);
  for (const way of waysOfIdToken(role, avoided)) {
    const claims = claimsWithin(role, way.constraints, way.avoided, [...required, ...way.required]);
    if (claims !== undefined) return claims;
  }
  return undefined;
}

/** The ways in which an ID token is for the client: by its audience, which is left out, or as the authorized party. */
function waysOfIdToken(role: VaultLoginRole, avoided: readonly Avoided[]) {
  const constraints = constraintsOf(role);
  const { oidcClient: { id, discoveryUrl } = {}, boundAudiences = [] } = role;
  const isAt =
    (name: string) =>
    ({ location }: { readonly location: readonly string[] }): boolean =>
      `${location}` === name;
  // One that no constraint is about is left out, too.
  const issuer =
    discoveryUrl !== undefined && constraints.some(isAt('iss'))
      ? [{ location: ['iss'], language: literal(discoveryUrl) }]
      : [];
  if (id === undefined) return [{ constraints, avoided, required: issuer }];
  const party = { location: ['azp'], language: literal(id) };
  const isForClient =
    (boundAudiences.length === 0 || boundAudiences.includes(id)) &&
    !avoided.some((one) => isAt('aud')(one) && has(one.language, id));
  const byAudience = {
    constraints: constraints.filter(({ bound }) => bound !== 'bound_audiences'),
    avoided: avoided.filter((one) => !isAt('aud')(one)),
    required: issuer,
  };
  return [
    ...(isForClient ? [byAudience] : []),
    { constraints, avoided, required: [...issuer, party] },
    { constraints, avoided, required: [...issuer, party, { location: ['aud'], elements: [id] }] },
  ];
}

function claimsWithin(
  role: VaultLoginRole,
  constraints: readonly ClaimConstraint[],
  avoided: readonly Avoided[],
  required: readonly Required[],
): Claims | undefined {
  const groups = role.groupsClaim ? [{ location: locationOf(role.groupsClaim), elements: [] }] : [];
  const all = [...groups, ...required];
  const keys = new Map<string, readonly string[]>();
  for (const { location } of [...groups, ...constraints, ...avoided, ...required])
    keys.set(JSON.stringify(location), location);
  let claims: Claims = {};
  for (const [key, location] of keys) {
    const isHere = (one: { readonly location: readonly string[] }): boolean => JSON.stringify(one.location) === key;
    const value = valueFor(constraints.filter(isHere), avoided.filter(isHere), all.filter(isHere));
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

function valueFor(wanted: readonly ClaimConstraint[], not: readonly Avoided[], required: readonly Required[]): unknown {
  const isString = wanted.some(({ bound }) => MUST_BE_STRING.includes(bound));
  const elements = required.flatMap((one) => one.elements ?? []);
  const isList = elements.length > 0 || (wanted.length === 0 && required.some((one) => one.elements !== undefined));
  if (isList && !isString) return listFor(elements, wanted, not);
  const languages = [...required.flatMap(({ language }) => language ?? []), ...elements.map(literal)];
  // Such a claim must not be empty, and what is bound to nothing at all is better shown by something.
  const isUser = wanted.some(isAnyString);
  const notIn = [...not.map(({ language }) => language), ...(isUser || wanted.length === 0 ? [EMPTY] : [])];
  const isAvoided = (value: unknown): boolean => not.some(({ others = [] }) => others.includes(value));
  const all = [...languages, ...wanted.map(({ language }) => language)];
  const isGood = (one: string | undefined): one is string =>
    one !== undefined && all.every((language) => has(language, one)) && !notIn.some((language) => has(language, one));
  const word = required.map((one) => one.word).find(isGood) ?? findWord({ in: all, notIn });
  if (word !== undefined || languages.length > 0) return word;
  const [first, ...rest] = wanted;
  const other = first?.others.find((one) => !isAvoided(one) && rest.every(({ others }) => others.includes(one)));
  if (other !== undefined || isString) return other;
  // Of a list, each bound may match another value.
  const words = wanted.map(({ language }) => findWord({ in: [language], notIn }));
  return words.length > 1 && words.every((one) => one !== undefined) ? words : undefined;
}

/** A list of some elements, and of one more for each bound that none of them meets. */
function listFor(
  elements: readonly string[],
  wanted: readonly ClaimConstraint[],
  not: readonly Avoided[],
): readonly string[] | undefined {
  if (elements.some((one) => not.some(({ language }) => has(language, one)))) return undefined;
  const unmet = wanted.filter(({ language }) => !elements.some((one) => has(language, one)));
  const notIn = not.map(({ language }) => language);
  const more = unmet.map(({ language }) => findWord({ in: [language], notIn }));
  return more.every((word) => word !== undefined) ? [...elements, ...more] : undefined;
}

const MUST_BE_STRING: readonly ClaimConstraint['bound'][] = ['bound_issuer', 'bound_subject', 'id_token', 'user_claim'];

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
