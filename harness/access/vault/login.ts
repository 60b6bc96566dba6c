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
import { idTokenRefusal, withClientClaims } from './id-token.js';
import type { Claims, LoginIdentity, LoginRefusal, LoginVerdict, VaultLoginRole } from './login-role.js';

/** What this package's roles have for a user claim where they name none. */
export const USER_CLAIM = 'sub';

/** The claims that OpenBao wants under their own names alone. */
const REGISTERED: readonly RegisteredClaim[] = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'];

/**
 * Whether Vault would let a token in, by its claims: the signature, the algorithm and times are left out. A token has to
 * have a time (`exp`, `nbf` or `iat`), which is taken for given. In a browser, the claims are those of the ID token, with those of userinfo in
 * place of the same ones; an `iss` or `aud` that is left out is what the provider says to the client.
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
  const isJwt = role.flow !== 'oidc';
  const all = isJwt ? claims : withClientClaims(role, claims);
  const first =
    typeRefusal(role) ??
    addressRefusal(role, address) ??
    methodRefusal(role, product) ??
    (isJwt ? registeredRefusal(role, all, product) : idTokenRefusal(role, all));
  if (first !== undefined) return { in: false, refusals: [first] };
  const identity = identityOf(role, all);
  if ('code' in identity) return { in: false, refusals: [identity] };
  const [refusal, ...others] = boundClaimRefusals(role, all);
  if (refusal !== undefined) return { in: false, refusals: [refusal, ...others] };
  // What Vault does with the answer of the auth method.
  if (identity.alias !== '') return { in: true, identity };
  return { in: false, refusals: [{ code: 'claim_missing', claim: role.userClaim ?? USER_CLAIM, found: '' }] };
}

/** In a browser, a role of any type lets in. */
function typeRefusal({ flow = 'jwt', roleType }: VaultLoginRole): LoginRefusal | undefined {
  const isRefused = flow === 'jwt' && roleType === 'oidc';
  return isRefused ? { code: 'role_type_mismatch', expected: 'jwt', found: 'oidc' } : undefined;
}

function methodRefusal(
  { flow = 'jwt', oidcClient }: VaultLoginRole,
  product: 'vault' | 'openbao',
): LoginRefusal | undefined {
  const found = oidcClient === undefined ? 'jwt' : 'oidc';
  const isRefused = flow !== found && (flow === 'oidc' || product === 'vault');
  return isRefused ? { code: 'method_type_mismatch', expected: flow, found } : undefined;
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
