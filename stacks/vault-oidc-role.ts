import type { KnownOptions } from './known-options.js';
import { bindsSubject, checkArguments, roleArguments, type VaultJwtRole } from './vault-jwt-role.js';

/** What Vault looks at in a JWT login alone. */
type OnlyForJwts = 'clockSkewLeeway' | 'expirationLeeway' | 'notBeforeLeeway';

/**
 * Which people may log in, and what the Vault token may then do: the provider's own arguments, of which `boundSubject` and
 * `boundClaims` say who. Defaults: `userClaim` "sub", `tokenTtl` 3600 s or `tokenMaxTtl` if that is less, `tokenMaxTtl` 28800 s
 * or `tokenTtl` if that is more.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/jwt_auth_backend_role
 */
export interface VaultOidcRole extends Omit<VaultJwtRole, OnlyForJwts> {
  /**
   * Where the provider may send people back to: `http://localhost:8250/oidc/callback` is that of `vault login -method=oidc`, and
   * `https://VAULT/ui/vault/auth/PATH/oidc/callback` that of Vault's UI.
   */
  readonly allowedRedirectUris: readonly string[];
}

const {
  clockSkewLeeway: _clockSkew,
  expirationLeeway: _expiration,
  notBeforeLeeway: _notBefore,
  ...oidcRoleArguments
} = roleArguments;
const known: KnownOptions<VaultOidcRole> = oidcRoleArguments;

/**
 * Hands a role on.
 * @throws TypeError for what a role for JWTs is refused for, a redirect URI by which a code gets lost, and for a role that lets in
 * everyone who can sign in at the provider, unless that has a reason
 */
export function checkOidcRole(role: VaultOidcRole): VaultOidcRole {
  checkArguments(role, known);
  const { roleName, allowedRedirectUris = [], groupsClaim = '', tokenPolicies } = role;
  if (!Array.isArray(allowedRedirectUris) || allowedRedirectUris.length === 0) {
    throw new TypeError(
      `the role "${roleName}" has no "allowedRedirectUris", without which Vault refuses it: list where people come back to, such as "http://localhost:8250/oidc/callback"`,
    );
  }
  for (const uri of allowedRedirectUris) {
    const flaw = flawOf(uri);
    if (flaw === undefined) continue;
    throw new TypeError(`the role "${roleName}" has the redirect URI ${JSON.stringify(uri)}: ${flaw}`);
  }

  // No lint finds such a role, so that its reason is for those who read the stack.
  const { 'audience-only': isForEveryone, ...allow } = role.allow ?? {};
  const decidesByGroups = groupsClaim !== '' && tokenPolicies.length === 0;
  if (bindsSubject(role) || decidesByGroups || isForEveryone !== undefined) return { ...role, allow };
  throw new TypeError(
    `the role "${roleName}" lets in everyone who can sign in at the provider: set "boundClaims" or "boundSubject", or a "groupsClaim" with no "tokenPolicies", so that groups alone have policies, or give a reason in its allow["audience-only"]`,
  );
}

/** This host, of whose URIs Vault ignores the port. @see https://www.rfc-editor.org/rfc/rfc8252#section-7.3 */
const LOOPBACK = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?\//;

/**
 * Why a URI must not be one to which a provider sends people, if so.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2
 */
function flawOf(uri: unknown): string | undefined {
  if (typeof uri !== 'string' || uri === '' || /\s/.test(uri)) return 'expected a URL without spaces';
  if (uri.includes('*')) return 'Vault has no wildcards here and would never find it equal: list each URI';
  if (uri.includes('#')) return 'OAuth 2.0 allows no fragment: leave out what begins with "#"';
  const isKnownLater = /^(?:https?:\/\/)?[^/?]*\$\{/.test(uri);
  if (isKnownLater || /^https:\/\/[^/]/.test(uri) || LOOPBACK.test(uri)) return undefined;
  if (!uri.startsWith('http:')) return 'expected a URL that begins with https://';
  return 'anyone on the network path can read the code that is sent there: use https://, or http://localhost for a command line';
}
