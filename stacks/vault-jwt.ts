import type { JwtAuthBackendConfig } from '@cdktf/provider-vault/lib/jwt-auth-backend/index.js';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { refusePlainHttp, refuseSecrets } from './checks.js';
import { refuseUnknownProps, requireIssuer, type VaultJwtMethod, type VaultJwtStackProps } from './vault-jwt-props.js';
import { checkRole, requireVendorAudience, type VaultJwtRole } from './vault-jwt-role.js';
import { declareLogin } from './vault-login.js';

export type { Allowances } from './checks.js';
export type { VaultJwtMethod, VaultJwtStackProps, VaultKeySource } from './vault-jwt-props.js';
export type { VaultJwtRole } from './vault-jwt-role.js';
export type {
  VaultGroup,
  VaultIdentity,
  VaultKv,
  VaultLoginProps,
  VaultMethodProps,
  VaultPolicy,
} from './vault-login-props.js';

/**
 * Lets a JWT in: the `jwt` auth method, its roles, their policies, and KV engines where they are asked for.
 *
 * @example
 * new VaultJwtStack(app, 'login', {
 *   path: 'github',
 *   ...githubActions(),
 *   roles: [githubActionsRole({ roleName: 'deploy', repositoryId: '74', ref: 'refs/heads/main', audience, tokenPolicies: ['deploy'] })],
 *   policies: [{ name: 'deploy', rules: [{ secrets: 'app/*', access: ['read'] }] }],
 *   kv: { path: 'kv', existing: true },
 * });
 *
 * @throws TypeError for what Vault would refuse, or would take for something else
 * @see https://developer.hashicorp.com/vault/docs/auth/jwt
 */
export class VaultJwtStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: VaultJwtStackProps) {
    super(scope, id);
    refuseUnknownProps(id, props);
    requireIssuer(props);
    refusePlainHttp('Vault', props);
    refuseSecrets(props);
    const { address, roles, policies, groups, kv, allow, ...given } = props;
    const { jwtSupportedAlgs = ['ES256', 'RS256'], ...keys } = withKeys(given);
    for (const role of roles) requireVendorAudience(checkRole(role), issuersOf(role, props));

    const method = { jwtSupportedAlgs, ...keys };
    const defaultTtls = { tokenTtl: 900, tokenMaxTtl: 3600 };
    const backend = declareLogin(this, props, { by: 'jwt', method, defaultTtls });
    new TerraformOutput(this, 'login_path', { value: `auth/${backend.path}/login` });
  }
}

/** Whose tokens a role is for, as far as it says so. */
function issuersOf({ boundClaims = {} }: VaultJwtRole, props: VaultJwtMethod): string[] {
  const { boundIssuer = '' } = props;
  const bound = boundClaims['iss'] ?? [];
  return [
    boundIssuer,
    'oidcDiscoveryUrl' in props ? props.oidcDiscoveryUrl : '',
    ...(typeof bound === 'string' ? [bound] : bound),
  ];
}

/** The provider takes pairs as maps, whose names it leaves as they are. */
function withKeys(props: VaultJwtMethod): JwtAuthBackendConfig {
  const sources = ['jwksUrl', 'jwksPairs', 'jwtValidationPubkeys', 'oidcDiscoveryUrl'];
  const given = sources.filter((name) => props[name as keyof typeof props] !== undefined);
  if (given.length !== 1) {
    throw new TypeError(`give exactly one of ${sources.join(', ')}, not ${given.join(' and ') || 'none'}`);
  }
  if ('jwtValidationPubkeys' in props) {
    // Vault keeps no newline at the end, and a plan would never be empty.
    return {
      ...(props as JwtAuthBackendConfig),
      jwtValidationPubkeys: props.jwtValidationPubkeys.map((key) => key.replace(/\s+$/, '')),
    };
  }
  if (!('jwksPairs' in props)) return props as JwtAuthBackendConfig;
  const { jwksPairs, ...rest } = props;
  if (rest.boundIssuer !== undefined) {
    throw new TypeError('Vault refuses "boundIssuer" with "jwksPairs": bind "iss" in the "boundClaims" of each role');
  }
  return {
    ...(rest as JwtAuthBackendConfig),
    jwksPairs: jwksPairs.map(({ jwksUrl, jwksCaPem }) => ({
      jwks_url: jwksUrl,
      ...(jwksCaPem === undefined ? {} : { jwks_ca_pem: jwksCaPem }),
    })),
  };
}
