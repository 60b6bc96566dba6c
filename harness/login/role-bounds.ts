import { membersOf } from '../../internal/json.js';
import { claimAt, type ReadToken, registeredClaim, vaultReading } from './token-claims.js';

type Fields = Readonly<Record<string, unknown>>;

/** A claim that does not fit what it is bound to. */
export interface UnmetBound {
  readonly name: string;
  /** What it had to be. */
  readonly expected: unknown;
  /** What the token has; null for a claim that it lacks. */
  readonly found: unknown;
}

/** A claim that fits what it is bound to. */
export interface MatchedBound {
  /** Where it is bound: in the auth method's configuration `bound_issuer`, in the role the others. */
  readonly bound: 'bound_issuer' | 'bound_subject' | 'bound_audiences' | 'bound_claims';
  /** The claim's name or JSON pointer. */
  readonly name: string;
  /** What it may be, as it is configured. */
  readonly expected: unknown;
  /** What the token has. */
  readonly found: unknown;
  /** Those of the expected values that fit it, with their `*`. */
  readonly matched: readonly unknown[];
}

/**
 * All claims of a token that do not fit a Vault role and its auth method's `bound_issuer`: Vault says one of them, and of
 * several `bound_claims` a random one.
 * @param config `auth/<mount>/config`
 * @param role `auth/<mount>/role/<name>`
 * @see https://developer.hashicorp.com/vault/docs/auth/jwt#bound-claims
 */
export function unmetBounds(token: ReadToken, config: Fields, role: Fields): UnmetBound[] {
  return roleBounds(token, config, role).flatMap(({ name, expected, found, matched }) =>
    matched.length > 0 ? [] : [{ name, expected, found }],
  );
}

/** All bounds that a token fits, with the values and globs that fit it; the parameters are those of {@link unmetBounds}. */
export function matchedBounds(token: ReadToken, config: Fields, role: Fields): MatchedBound[] {
  return roleBounds(token, config, role).filter(({ matched }) => matched.length > 0);
}

function roleBounds(token: ReadToken, config: Fields, role: Fields): MatchedBound[] {
  const issuer = registeredClaim(token, 'iss', vaultReading);
  const subject = registeredClaim(token, 'sub', vaultReading);
  const { name, value: found } = registeredClaim(token, 'aud', vaultReading);
  const audiences = listOf(role['bound_audiences']);
  const exact = (bound: MatchedBound['bound'], claim: typeof issuer, expected: unknown): MatchedBound[] => {
    if (typeof expected !== 'string' || expected === '') return [];
    const matched = expected === claim.value ? [expected] : [];
    return [{ bound, name: claim.name, expected, found: claim.value, matched }];
  };
  const matched = audiences.filter((one) => listOf(found).includes(one));
  return [
    ...exact('bound_issuer', issuer, config['bound_issuer']),
    ...exact('bound_subject', subject, role['bound_subject']),
    ...(audiences.length === 0
      ? []
      : [{ bound: 'bound_audiences' as const, name, expected: audiences, found, matched }]),
    ...boundClaims(token, role),
  ];
}

function boundClaims({ claims }: ReadToken, role: Fields): MatchedBound[] {
  const bound = membersOf(role['bound_claims']);
  const glob = role['bound_claims_type'] === 'glob';
  return Object.entries(bound).map(([name, expected]) => {
    const found = claimAt(claims, name) ?? null;
    return { bound: 'bound_claims', name, expected, found, matched: matchedValues(expected, found, glob) };
  });
}

/** Those of the values of a bound claim that one of a token's fits: a number by its integer part, and in a list never. */
export function matchedValues(expected: unknown, found: unknown, isGlob: boolean): readonly unknown[] {
  const values: readonly unknown[] = Array.isArray(found)
    ? found.filter((one) => typeof one !== 'number')
    : [typeof found === 'number' ? Math.trunc(found) : found];
  return [expected].flat().filter((bound) =>
    values.some((value) => {
      if (!isGlob) return bound === value && typeof bound !== 'object';
      return typeof bound === 'string' && typeof value === 'string' && globMatches(bound, value);
    }),
  );
}

/** The values of what is one or several; a string that is empty is none. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
}

/**
 * Whether a value matches a glob: `*` stands for any number of characters, `/` and `:` too, and nothing else has a meaning.
 * Vault compares bound claims like this.
 * @see https://github.com/ryanuber/go-glob
 */
export function globMatches(glob: string, value: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  const last = rest.pop();
  if (last === undefined) return glob === value;
  if (!value.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = value.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return value.length - last.length >= from && value.endsWith(last);
}
