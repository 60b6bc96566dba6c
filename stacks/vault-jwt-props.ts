import { type KnownOptions, refuseUnknown } from './known-options.js';
import type { VaultJwtRole } from './vault-jwt-role.js';
import {
  loginOptions,
  refuseUnknownInLogin,
  type VaultLoginProps,
  type VaultMethodProps,
} from './vault-login-props.js';

/** Where Vault has the keys from that verify a token: exactly one of the four. */
export type VaultKeySource =
  /** A key set, and the CA of the server that it is fetched from. */
  | { readonly jwksUrl: string; readonly jwksCaPem?: string }
  /** Several key sets, tried in this order. Vault takes no `boundIssuer` then: bind `iss` in each role's `boundClaims`. */
  | { readonly jwksPairs: readonly { readonly jwksUrl: string; readonly jwksCaPem?: string }[] }
  /** Public keys or certificates, PEM. */
  | { readonly jwtValidationPubkeys: readonly string[] }
  /** An issuer whose discovery document names the key set; its `issuer` must be this URL byte for byte. */
  | { readonly oidcDiscoveryUrl: string; readonly oidcDiscoveryCaPem?: string };

/**
 * The auth method: the provider's own arguments. Defaults: `path` "jwt", `jwtSupportedAlgs` ES256 and RS256,
 * `defaultRole` the first role. What the stack declares is all in the `namespace`. Vault does not check `iss` at all without `boundIssuer`. There is no `oidcClientId` and no
 * `oidcClientSecret`: Vault takes neither without the other, logins with a JWT use none, and the secret would be kept in
 * the state.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/jwt_auth_backend
 */
export type VaultJwtMethod = VaultMethodProps & VaultKeySource;

/** A JWT login, its policies, and KV engines where they are asked for. */
export type VaultJwtStackProps = VaultJwtMethod & VaultLoginProps<VaultJwtRole>;

const stackOptions: KnownOptions<VaultJwtStackProps> = {
  ...loginOptions,
  jwksUrl: true,
  jwksCaPem: true,
  jwksPairs: true,
  jwtValidationPubkeys: true,
  oidcDiscoveryUrl: true,
  oidcDiscoveryCaPem: true,
};

/** What TypeScript holds, for those who write JavaScript: a key source that is mistyped would let in more. */
export function refuseUnknownProps(id: string, props: VaultJwtStackProps): void {
  refuseClient(props ?? {});
  refuseUnknownInLogin(id, props, stackOptions);
  for (const pair of 'jwksPairs' in props ? props.jwksPairs : []) {
    refuseUnknown('"jwksPairs"', pair, { jwksUrl: true, jwksCaPem: true });
  }
}

/** Vault compares no `iss` unless it is told to, which nobody notices: leaving it out takes a reason. */
export function requireIssuer({ boundIssuer = '', roles, allow = {} }: VaultJwtStackProps): void {
  const isBound = boundIssuer !== '' || roles.every(({ boundClaims }) => boundClaims?.['iss'] !== undefined);
  if (isBound || allow['no-bound-issuer'] !== undefined) return;
  throw new TypeError(
    'Vault does not check "iss" without a "boundIssuer": set it, or give a reason in allow["no-bound-issuer"]',
  );
}

/** An OIDC client is for logins by a browser. */
function refuseClient(props: object): void {
  if (!('oidcClientSecret' in props) && !('oidcClientId' in props)) return;
  throw new TypeError(
    'an OIDC client is for logins in a browser, and its secret would be stored in the state: leave it out, or declare them with VaultOidcStack',
  );
}
