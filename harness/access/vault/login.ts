import type { ErrorCode } from '../../../errors/index.js';
import { isRecord } from '../../../internal/json.js';
import { listOf, matchedValues } from '../../login/role-bounds.js';
import {
  claimAt,
  foldedClaim,
  mistypedClaim,
  type RegisteredClaim,
  registeredClaim,
  vaultReading,
} from '../../login/token-claims.js';
import { boundAddresses, hasAddress } from '../source-addresses.js';

/** The claims of a token, as they stand in it. */
export type Claims = Readonly<Record<string, unknown>>;

/** What a role of a JWT auth method asks of a token, with the method's `bound_issuer`. */
export interface VaultLoginRole {
  /** The method's; default any issuer. */
  readonly boundIssuer?: string | undefined;
  /** One of them must be among the token's; none refuses a token that has an audience. */
  readonly boundAudiences?: readonly string[] | undefined;
  readonly boundSubject?: string | undefined;
  /** A value, or a list of which one must match, by the claim's name or JSON pointer. */
  readonly boundClaims?: Readonly<Record<string, unknown>> | undefined;
  /** `glob` where `*` in bound claims stands for any characters; default `string`, it does not. */
  readonly boundClaimsType?: string | undefined;
  /** Default `sub`. */
  readonly userClaim?: string | undefined;
  /** True where a user claim that begins with `/` is a JSON pointer; default false. */
  readonly userClaimJsonPointer?: boolean | object | undefined;
  readonly groupsClaim?: string | undefined;
  /** Names of the alias's metadata by claims. */
  readonly claimMappings?: Readonly<Record<string, string>> | undefined;
  /** The addresses that may log in, in CIDR notation; default all. */
  readonly tokenBoundCidrs?: readonly string[] | undefined;
  /** `oidc` refuses JWTs; default `jwt`. */
  readonly roleType?: 'jwt' | 'oidc' | undefined;
}

/** Whether a token would log in, with whom it is then, or why not. */
export type LoginVerdict =
  | { readonly in: true; readonly identity: LoginIdentity }
  | {
      readonly in: false;
      /** Vault says the first; of several bound claims a random one. */
      readonly refusals: readonly [LoginRefusal, ...LoginRefusal[]];
    };

/** Who a token is to Vault. */
export interface LoginIdentity {
  /** The alias's name: the user claim's value. */
  readonly alias: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The groups that the token names. */
  readonly groups: readonly string[];
}

/** A check that a token does not pass. */
export interface LoginRefusal {
  /** As a refused login has it. */
  readonly code: ErrorCode;
  readonly claim?: string | undefined;
  readonly expected?: unknown;
  readonly found?: unknown;
}

/** What this package's roles have for a user claim where they name none. */
export const USER_CLAIM = 'sub';

/** The claims that OpenBao wants under their own names alone. */
const REGISTERED: readonly RegisteredClaim[] = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'];

/**
 * Whether Vault would let a token in, by its claims: the signature, the algorithm and times are left out. A token has to
 * have a time (`exp`, `nbf` or `iat`), which is taken for given.
 * @param product OpenBao refuses a claim whose name differs from a registered one by case alone; default `vault`
 * @param address from where the token is sent; without it, `tokenBoundCidrs` is left out
 * @see https://developer.hashicorp.com/vault/docs/auth/jwt#jwt-verification
 * @example
 * const role = { boundAudiences: ['vault'], boundClaims: { ref: ['refs/heads/*'] }, boundClaimsType: 'glob', userClaim: 'sub' };
 * wouldLogIn(role, { aud: 'vault', sub: 'me', ref: 'refs/tags/v1' });
 * // { in: false, refusals: [{ code: 'claim_mismatch', claim: 'ref', expected: ['refs/heads/*'], found: 'refs/tags/v1' }] }
 */
export function wouldLogIn(
  role: VaultLoginRole,
  claims: Claims,
  product: 'vault' | 'openbao' = 'vault',
  address?: string,
): LoginVerdict {
  const first = typeRefusal(role) ?? addressRefusal(role, address) ?? registeredRefusal(role, claims, product);
  if (first !== undefined) return { in: false, refusals: [first] };
  const identity = identityOf(role, claims);
  if ('code' in identity) return { in: false, refusals: [identity] };
  const [refusal, ...others] = boundClaimRefusals(role, claims);
  if (refusal !== undefined) return { in: false, refusals: [refusal, ...others] };
  // What Vault does with the answer of the auth method.
  if (identity.alias !== '') return { in: true, identity };
  return { in: false, refusals: [{ code: 'claim_missing', claim: role.userClaim ?? USER_CLAIM, found: '' }] };
}

function typeRefusal({ roleType }: VaultLoginRole): LoginRefusal | undefined {
  return roleType === 'oidc' ? { code: 'role_type_mismatch', expected: 'jwt', found: 'oidc' } : undefined;
}

function addressRefusal({ tokenBoundCidrs = [] }: VaultLoginRole, found?: string): LoginRefusal | undefined {
  if (found === undefined || hasAddress(boundAddresses(tokenBoundCidrs), found)) return undefined;
  return { code: 'address_not_allowed', expected: tokenBoundCidrs, found };
}

function registeredRefusal(
  { boundIssuer = '', boundSubject = '', boundAudiences = [] }: VaultLoginRole,
  claims: Claims,
  product: 'vault' | 'openbao',
): LoginRefusal | undefined {
  const token = { header: {}, claims, names: Object.keys(claims), repeated: undefined };
  const twin = token.names.find((name) => !REGISTERED.some((one) => one === name) && foldedClaim(name, REGISTERED));
  if (product === 'openbao' && twin !== undefined) {
    return { code: 'token_malformed', expected: foldedClaim(twin, REGISTERED), found: twin };
  }
  const mistyped = mistypedClaim(token, vaultReading);
  if (mistyped !== undefined) return { code: 'claim_type_mismatch', ...mistyped };
  const [issuer, subject, audience] = (['iss', 'sub', 'aud'] as const).map((name) => {
    const { name: claim, value } = registeredClaim(token, name, vaultReading);
    return { claim, found: value };
  }) as [Seen, Seen, Seen];
  if (boundIssuer !== '' && issuer.found !== boundIssuer) {
    return { code: 'issuer_mismatch', expected: boundIssuer, ...issuer };
  }
  if (boundSubject !== '' && subject.found !== boundSubject) {
    return { code: 'subject_mismatch', expected: boundSubject, ...subject };
  }
  if (boundAudiences.length > 0) {
    if (listOf(audience.found).some((one) => boundAudiences.some((bound) => bound === one))) return undefined;
    return { code: 'audience_mismatch', expected: boundAudiences, ...audience };
  }
  // Under its own name alone; to OpenBao, a string that is empty is one, too.
  const found = claims['aud'];
  const isThere = listOf(found).length > 0 || (product === 'openbao' && found === '');
  return isThere ? { code: 'audience_unbound', claim: 'aud', expected: [], found } : undefined;
}

interface Seen {
  readonly claim: string;
  readonly found: unknown;
}

function identityOf(role: VaultLoginRole, claims: Claims): LoginIdentity | LoginRefusal {
  const { userClaim = USER_CLAIM, claimMappings = {}, groupsClaim = '' } = role;
  const alias = claimAt(claims, userClaim, { pointers: role.userClaimJsonPointer === true }) ?? null;
  if (alias === null) return { code: 'claim_missing', claim: userClaim, found: null };
  if (typeof alias !== 'string') return { code: 'claim_type_mismatch', claim: userClaim, found: alias };
  const metadata: Record<string, string> = {};
  for (const [claim, key] of Object.entries(claimMappings)) {
    const value = claimAt(claims, claim) ?? null;
    if (value === null) continue;
    if (typeof value !== 'string') return { code: 'claim_type_mismatch', claim, found: value };
    metadata[key] = value;
  }
  if (groupsClaim === '') return { alias, metadata, groups: [] };
  const named = claimAt(claims, groupsClaim) ?? null;
  if (named === null) return { code: 'claim_missing', claim: groupsClaim, found: null };
  const groups = [named].flat();
  if (!groups.every((group) => typeof group === 'string')) {
    return { code: 'claim_type_mismatch', claim: groupsClaim, found: named };
  }
  return { alias, metadata, groups: groups.filter((group) => group !== '') };
}

function boundClaimRefusals({ boundClaims = {}, boundClaimsType }: VaultLoginRole, claims: Claims): LoginRefusal[] {
  return Object.entries(boundClaims).flatMap(([claim, expected]): LoginRefusal[] => {
    const found = claimAt(claims, claim) ?? null;
    if (found === null) return [{ code: 'claim_missing', claim, expected, found }];
    if (isRecord(found)) return [{ code: 'claim_type_mismatch', claim, expected, found }];
    const isMet = matchedValues(expected, found, boundClaimsType === 'glob').length > 0;
    return isMet ? [] : [{ code: 'claim_mismatch', claim, expected, found }];
  });
}
