import { globMatches } from '../../internal/glob.js';
import { isRecord } from '../../internal/json.js';
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

/**
 * All claims of a token that do not fit a Vault role and its auth method's `bound_issuer`: Vault says one of them, and of
 * several `bound_claims` a random one.
 * @param config `auth/<mount>/config`
 * @param role `auth/<mount>/role/<name>`
 * @see https://developer.hashicorp.com/vault/docs/auth/jwt#bound-claims
 */
export function unmetBounds(token: ReadToken, config: Fields, role: Fields): UnmetBound[] {
  const issuer = registeredClaim(token, 'iss', vaultReading);
  const subject = registeredClaim(token, 'sub', vaultReading);
  const audience = registeredClaim(token, 'aud', vaultReading);
  const audiences = listOf(role['bound_audiences']);
  const exact = (claim: typeof issuer, expected: unknown): UnmetBound[] =>
    typeof expected !== 'string' || expected === '' || expected === claim.value
      ? []
      : [{ name: claim.name, expected, found: claim.value }];
  return [
    ...exact(issuer, config['bound_issuer']),
    ...exact(subject, role['bound_subject']),
    ...(audiences.length === 0 || listOf(audience.value).some((one) => audiences.includes(one))
      ? []
      : [{ name: audience.name, expected: audiences, found: audience.value }]),
    ...unmetBoundClaims(token, role),
  ];
}

function unmetBoundClaims({ claims }: ReadToken, role: Fields): UnmetBound[] {
  const bound = isRecord(role['bound_claims']) ? role['bound_claims'] : {};
  const glob = role['bound_claims_type'] === 'glob';
  return Object.entries(bound).flatMap(([name, expected]) => {
    const found = claimAt(claims, name) ?? null;
    const wanted = listOf(expected);
    const fits = comparable(found).some((one) => wanted.some((bound) => matches(bound, one, glob)));
    return fits ? [] : [{ name, expected, found }];
  });
}

/** What of a claim is compared: a number by its integer part, and in a list strings and booleans alone. */
function comparable(found: unknown): readonly unknown[] {
  if (Array.isArray(found)) return found.filter((one) => typeof one !== 'number');
  return [typeof found === 'number' ? Math.trunc(found) : found];
}

function matches(bound: unknown, found: unknown, glob: boolean): boolean {
  if (!glob) return bound === found;
  return typeof bound === 'string' && typeof found === 'string' && globMatches(bound, found);
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
}
