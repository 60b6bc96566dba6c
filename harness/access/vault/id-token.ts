import { claimAt, mistypedClaim, type Reading, registeredClaim } from '../../login/token-claims.js';
import type { Claims, LoginRefusal, VaultLoginRole } from './login-role.js';

/** How Vault's library for OpenID Connect reads an ID token. */
const reading: Reading = { names: 'in order', discovery: true };

const GOOGLE = 'https://accounts.google.com';

/** What a provider says of a person, with what it says to a client: the nonce of a login is not kept. */
export function withClientClaims({ oidcClient: { id, discoveryUrl } = {} }: VaultLoginRole, claims: Claims): Claims {
  const { nonce: _nonce, ...own } = claims;
  return {
    ...(!('iss' in own) && discoveryUrl !== undefined && { iss: discoveryUrl }),
    ...(!('aud' in own) && id !== undefined && { aud: id }),
    ...own,
  };
}

/**
 * Why an ID token does not pass what Vault checks in the OIDC flow before the role's claims.
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
export function idTokenRefusal(
  { oidcClient: { id, discoveryUrl } = {}, boundAudiences = [], boundSubject = '' }: VaultLoginRole,
  claims: Claims,
): LoginRefusal | undefined {
  const token = { header: {}, claims, names: Object.keys(claims), repeated: undefined };
  const mistyped = mistypedClaim(token, reading, 'oidc: ');
  if (mistyped !== undefined) return { code: 'claim_type_mismatch', ...mistyped };
  const [iss, sub, aud] = (['iss', 'sub', 'aud'] as const).map((name) => registeredClaim(token, name, reading).value);
  const isIssuer = iss === discoveryUrl || (discoveryUrl === GOOGLE && iss === 'accounts.google.com');
  if (discoveryUrl !== undefined && !isIssuer) {
    return { code: 'issuer_mismatch', claim: 'iss', expected: discoveryUrl, found: iss };
  }
  if (!sub) return { code: 'claim_missing', claim: 'sub', found: sub };
  const audience = audienceRefusal(id, boundAudiences, aud, claims);
  if (audience !== undefined) return audience;
  const subject = claimAt(claims, 'sub') ?? null;
  if (boundSubject === '' || subject === boundSubject) return undefined;
  return { code: 'subject_mismatch', claim: 'sub', expected: boundSubject, found: subject };
}

/** An ID token is for the client, or for others with the client as the authorized party. */
function audienceRefusal(
  id: string | undefined,
  bound: readonly string[],
  aud: unknown,
  claims: Claims,
): LoginRefusal | undefined {
  const found: readonly unknown[] = Array.isArray(aud) ? aud : [aud ?? ''];
  // That of a client that is not known.
  if (id === undefined && !('aud' in claims)) return undefined;
  if (found.length === 0) return { code: 'claim_missing', claim: 'aud', found: aud };
  if (bound.length > 0 && !found.some((one) => bound.some((other) => other === one))) {
    return { code: 'audience_mismatch', claim: 'aud', expected: bound, found: aud };
  }
  if (id === undefined) return undefined;
  const isAmong = found.includes(id);
  if (found.length > 1 && !isAmong) return { code: 'audience_mismatch', claim: 'aud', expected: [id], found: aud };
  const azp = claimAt(claims, 'azp');
  const isForClient = found.length === 1 && isAmong && azp === undefined;
  if (isForClient || azp === id) return undefined;
  return { code: azp === undefined ? 'claim_missing' : 'claim_mismatch', claim: 'azp', expected: id, found: azp };
}
