import { IdentityGroup } from '@cdktf/provider-vault/lib/identity-group/index.js';
import { IdentityGroupAlias } from '@cdktf/provider-vault/lib/identity-group-alias/index.js';
import { JwtAuthBackend, type JwtAuthBackendConfig } from '@cdktf/provider-vault/lib/jwt-auth-backend/index.js';
import { JwtAuthBackendRole } from '@cdktf/provider-vault/lib/jwt-auth-backend-role/index.js';
import { Mount } from '@cdktf/provider-vault/lib/mount/index.js';
import { Policy } from '@cdktf/provider-vault/lib/policy/index.js';
import { VaultProvider } from '@cdktf/provider-vault/lib/provider/index.js';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { escaped, permit, refusePlainHttp, refuseSecrets } from './checks.js';
import { type KvEngine, policyOf } from './policy.js';
import {
  checkNames,
  isList,
  refuseUnknownProps,
  requireIssuer,
  type VaultIdentity,
  type VaultJwtMethod,
  type VaultJwtStackProps,
  type VaultKv,
  type VaultPolicy,
} from './vault-jwt-props.js';
import {
  argumentsOf,
  checkName,
  checkRole,
  lifetime,
  lowerCase,
  requireVendorAudience,
  type VaultJwtRole,
} from './vault-jwt-role.js';

export type { Allowances } from './checks.js';
export type {
  VaultIdentity,
  VaultJwtGroup,
  VaultJwtMethod,
  VaultJwtStackProps,
  VaultKeySource,
  VaultKv,
  VaultPolicy,
} from './vault-jwt-props.js';
export type { VaultJwtRole } from './vault-jwt-role.js';

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
    const { address, roles = [], policies = [], groups = [], kv = [], allow, ...method } = props;
    const [first] = roles;
    if (first === undefined) throw new TypeError('a login without a role accepts no one: add a role');
    requireIssuer(props);
    refusePlainHttp('Vault', props);
    refuseSecrets(props);
    const engines = enginesOf(kv);
    checkNames(props, engines);

    new VaultProvider(this, 'vault', address === undefined ? {} : { address });

    const {
      path = 'jwt',
      jwtSupportedAlgs = ['ES256', 'RS256'],
      defaultRole = first.roleName,
      description,
      boundIssuer,
      tune,
      ...rest
    } = withKeys(method);
    const backend = new JwtAuthBackend(this, 'jwt', {
      path,
      jwtSupportedAlgs,
      defaultRole: lowerCase(defaultRole),
      ...(description !== undefined && { description: escaped(description) }),
      ...(boundIssuer !== undefined && { boundIssuer: escaped(boundIssuer) }),
      // An empty list is a block that is not there, and a plan that is never empty.
      ...(Array.isArray(tune) && tune.length === 0 ? {} : { tune }),
      ...rest,
    });
    permit(backend, allow);

    // All of a login is in one namespace: a role finds neither a policy nor a path of another one.
    const place = method.namespace === undefined ? {} : { namespace: method.namespace };
    const identity = identityOf(backend.accessor);
    const policyNames = new Map<string, string>();
    for (const policy of policies) {
      const resource = new Policy(this, `policy-${policy.name}`, {
        ...place,
        name: lowerCase(policy.name),
        policy: textOf(policy, identity, engines),
      });
      permit(resource, policy.allow);
      policyNames.set(lowerCase(policy.name), resource.name);
    }
    const refer = (names: readonly string[]): string[] =>
      names.map((name) => policyNames.get(lowerCase(name)) ?? lowerCase(checkName('policy', name)));

    for (const role of roles.map(checkRole)) {
      requireVendorAudience(role, issuersOf(role, props));
      const { boundClaims, allow: allowed } = role;
      const resource = new JwtAuthBackendRole(this, `role-${role.roleName}`, {
        ...place,
        ...argumentsOf(role),
        ...lifetime(role, { tokenTtl: 900, tokenMaxTtl: 3600 }),
        backend: backend.path,
        // Vault's own default is "oidc", which refuses every login with a JWT.
        roleType: 'jwt',
        tokenPolicies: refer(role.tokenPolicies),
      });
      const isList = Object.values(boundClaims ?? {}).some((value) => typeof value !== 'string' && value.length > 1);
      permit(resource, { ...(isList && { 'comma-split': 'several values were declared' }), ...allowed });
    }

    if (groups.length > 0 && roles.every(({ groupsClaim }) => groupsClaim === undefined)) {
      throw new TypeError(
        'the groups have no effect without a role that has a "groupsClaim": set it on a role, or leave the groups out',
      );
    }
    for (const { name, policies: granted } of groups) {
      const group = new IdentityGroup(this, `group-${name}`, {
        ...place,
        name: escaped(name),
        type: 'external',
        policies: refer(granted),
      });
      new IdentityGroupAlias(this, `group-alias-${name}`, {
        ...place,
        name: escaped(name),
        mountAccessor: backend.accessor,
        canonicalId: group.id,
      });
    }

    const own = engines.filter(({ existing }) => existing !== true);
    const mounts = own.map(({ path, version, description }) => {
      const options = { version: String(version) };
      const about = description === undefined ? {} : { description: escaped(description) };
      return new Mount(this, isList(kv) ? `kv-${path}` : 'kv', {
        ...place,
        path,
        type: 'kv',
        options,
        ...about,
      });
    });

    new TerraformOutput(this, 'login_path', { value: `auth/${backend.path}/login` });
    if (mounts[0]) new TerraformOutput(this, 'kv_path', { value: mounts[0].path });
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

/**
 * The KV engines of a stack, with their defaults.
 *
 * @example
 * const [engine] = enginesOf({ path: 'kv' });
 */
export function enginesOf(kv: VaultKv | readonly VaultKv[]): (KvEngine & VaultKv)[] {
  return (isList(kv) ? kv : [kv]).map(({ path = 'kv', version = 2, ...engine }) => ({ path, version, ...engine }));
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

function identityOf(accessor: string): VaultIdentity {
  const alias = `identity.entity.aliases.${accessor}`;
  return {
    id: '{{identity.entity.id}}',
    name: `{{${alias}.name}}`,
    metadata: (name) => `{{${alias}.metadata.${name}}}`,
  };
}

function textOf(policy: VaultPolicy, identity: VaultIdentity, engines: readonly KvEngine[]): string {
  const text =
    'policy' in policy
      ? typeof policy.policy === 'function'
        ? policy.policy(identity)
        : policy.policy
      : policyOf(typeof policy.rules === 'function' ? policy.rules(identity) : policy.rules, engines);
  if (typeof text === 'string' && text.trim() !== '') return escaped(text);
  throw new TypeError(`the policy "${policy.name}" is empty, which Vault refuses: give it a rule`);
}
