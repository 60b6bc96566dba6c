import type { JwtAuthBackendConfig } from '@cdktf/provider-vault/lib/jwt-auth-backend/index.js';
import { TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import { refusePlainHttp, refuseSecrets } from './checks.js';
import type { KnownOptions } from './known-options.js';
import { declareLogin } from './vault-login.js';
import {
  loginOptions,
  refuseUnknownInLogin,
  type VaultLoginProps,
  type VaultMethodProps,
} from './vault-login-props.js';
import { checkOidcRole, type VaultOidcRole } from './vault-oidc-role.js';

export type { Allowances } from './checks.js';
export type {
  VaultGroup,
  VaultIdentity,
  VaultKv,
  VaultLoginProps,
  VaultMethodProps,
  VaultPolicy,
} from './vault-login-props.js';
export type { VaultOidcRole } from './vault-oidc-role.js';

/**
 * A login in a browser at an OpenID provider, its policies, and KV engines where they are asked for. Defaults: `path` "oidc",
 * `defaultRole` the first role, `jwtSupportedAlgs` RS256, which is Vault's own.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/jwt_auth_backend
 */
export interface VaultOidcStackProps extends VaultMethodProps, VaultLoginProps<VaultOidcRole> {
  /** The provider, without `/.well-known/openid-configuration`; the `issuer` of its discovery document must be this URL byte for byte. */
  readonly oidcDiscoveryUrl: string;
  /** The CA of the provider's certificate, PEM. */
  readonly oidcDiscoveryCaPem?: string;
  /** The client as which Vault is registered at the provider. */
  readonly oidcClientId: string;
  /**
   * Raise it when the client's secret changes, without which Terraform does not send the new one; default 1. The secret itself is
   * Terraform's variable `oidc_client_secret`: it is in neither the synthesised JSON nor the state.
   */
  readonly oidcClientSecretVersion?: number;
}

const stackOptions: KnownOptions<VaultOidcStackProps> = {
  ...loginOptions,
  oidcDiscoveryUrl: true,
  oidcDiscoveryCaPem: true,
  oidcClientId: true,
  oidcClientSecretVersion: true,
};

/**
 * Lets people in with a browser, by Vault's OIDC flow: the auth method, its roles, their policies, and KV engines where they are
 * asked for. It needs Terraform or OpenTofu 1.11 and version 5.7 of the Vault provider, which do not keep the client's secret.
 *
 * @example
 * new VaultOidcStack(app, 'people', {
 *   oidcDiscoveryUrl: 'https://acme.okta.com',
 *   oidcClientId: '0oa1b2c3',
 *   roles: [
 *     {
 *       roleName: 'people',
 *       allowedRedirectUris: ['http://localhost:8250/oidc/callback'],
 *       boundClaims: { groups: 'engineering' },
 *       oidcScopes: ['groups'],
 *       tokenPolicies: ['app-reader'],
 *     },
 *   ],
 *   policies: [{ name: 'app-reader', rules: [{ secrets: 'app/*', access: ['read'] }] }],
 *   kv: { path: 'kv', existing: true },
 * });
 *
 * @throws TypeError for what Vault would refuse, or would take for something else
 * @see https://developer.hashicorp.com/vault/docs/auth/jwt#oidc-authentication
 */
export class VaultOidcStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: VaultOidcStackProps) {
    super(scope, id);
    refuseSecret(props ?? {});
    refuseUnknownInLogin(id, props, stackOptions);
    refuseSecrets(props);
    requireProvider(id, props);
    refusePlainHttp('Vault', props);
    const { address, policies, groups, kv, allow, oidcClientSecretVersion = 1, ...given } = props;
    const { roles, ...method } = given;

    // The bindings of the provider are those of 5.6, and the secret is in the state there.
    this.addOverride('terraform.required_version', '>= 1.11.0');
    this.addOverride('terraform.required_providers.vault.version', '~> 5.7');
    const login = { ...props, roles: roles.map(checkOidcRole) };
    const backend = declareLogin(this, login, {
      by: 'oidc',
      method: { ...(method as JwtAuthBackendConfig), type: 'oidc' },
      defaultTtls: { tokenTtl: 3600, tokenMaxTtl: 28_800 },
    });
    const secret = new TerraformVariable(this, 'oidc_client_secret', {
      type: 'string',
      sensitive: true,
      description: "The secret of Vault's client at the OpenID provider",
    });
    backend.addOverride('oidc_client_secret_wo', secret.stringValue);
    backend.addOverride('oidc_client_secret_wo_version', oidcClientSecretVersion);
    new TerraformOutput(this, 'login_command', { value: `vault login -method=oidc -path=${backend.path}` });
  }
}

function refuseSecret(props: object): void {
  if (!('oidcClientSecret' in props)) return;
  throw new TypeError(
    '"oidcClientSecret" would be in the synthesised JSON: leave it out, and set TF_VAR_oidc_client_secret where you deploy',
  );
}

function requireProvider(id: string, props: VaultOidcStackProps): void {
  for (const name of ['oidcDiscoveryUrl', 'oidcClientId'] as const) {
    if (typeof props[name] === 'string' && props[name] !== '') continue;
    throw new TypeError(
      `"${name}" of stack "${id}" is ${JSON.stringify(props[name])}; expected a string that is not empty`,
    );
  }
  if (!props.oidcDiscoveryUrl.includes('/.well-known/')) return;
  throw new TypeError(
    `Vault adds the path of the discovery document to "${props.oidcDiscoveryUrl}" itself: leave "/.well-known/openid-configuration" out`,
  );
}
