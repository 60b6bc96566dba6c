import { IdentityGroup } from '@cdktf/provider-vault/lib/identity-group/index.js';
import { IdentityGroupAlias } from '@cdktf/provider-vault/lib/identity-group-alias/index.js';
import { JwtAuthBackend, type JwtAuthBackendConfig } from '@cdktf/provider-vault/lib/jwt-auth-backend/index.js';
import { JwtAuthBackendRole } from '@cdktf/provider-vault/lib/jwt-auth-backend-role/index.js';
import { Mount } from '@cdktf/provider-vault/lib/mount/index.js';
import { Policy } from '@cdktf/provider-vault/lib/policy/index.js';
import { VaultProvider } from '@cdktf/provider-vault/lib/provider/index.js';
import { TerraformOutput, type TerraformStack } from 'cdktf';
import { type Allowances, escaped, permit } from './checks.js';
import { type KvEngine, policyOf } from './policy.js';
import { argumentsOf, checkName, lifetime, lowerCase, type VaultJwtRole } from './vault-jwt-role.js';
import {
  checkNames,
  enginesOf,
  isList,
  type VaultIdentity,
  type VaultLoginProps,
  type VaultPolicy,
} from './vault-login-props.js';

/** In which of its two ways the `jwt` plugin logs in. */
interface VaultLoginKind {
  /** The roles' type, the auth method's id in the stack, and its default path. */
  readonly by: 'jwt' | 'oidc';
  readonly method: JwtAuthBackendConfig;
  /** How long a token lives, in seconds, where its role does not say so. */
  readonly defaultTtls: { readonly tokenTtl: number; readonly tokenMaxTtl: number };
}

/**
 * Declares a login: its auth method and roles, policies, groups and KV engines.
 * @returns the auth method
 */
export function declareLogin(
  stack: TerraformStack,
  props: VaultLoginProps<VaultJwtRole> & { readonly allow?: Allowances },
  { by, defaultTtls, ...kind }: VaultLoginKind,
): JwtAuthBackend {
  const { address, roles, policies = [], groups = [], kv = [], allow } = props;
  const { path = by, defaultRole = roles[0]?.roleName ?? '', description, boundIssuer, tune, ...method } = kind.method;
  const engines = enginesOf(kv);
  checkNames(path, props, engines);
  if (method.local === true && groups.length > 0) {
    throw new TypeError('Vault refuses group aliases of a local auth method: leave "local" or the groups out');
  }

  new VaultProvider(stack, 'vault', address === undefined ? {} : { address });

  const backend = new JwtAuthBackend(stack, by, {
    path,
    defaultRole: lowerCase(defaultRole),
    ...(description !== undefined && { description: escaped(description) }),
    ...(boundIssuer !== undefined && { boundIssuer: escaped(boundIssuer) }),
    // An empty list is a block that is not there, and a plan that is never empty.
    ...(Array.isArray(tune) && tune.length === 0 ? {} : { tune }),
    ...method,
  });
  permit(backend, allow);

  // All of a login is in one namespace: a role finds neither a policy nor a path of another one.
  const place = method.namespace === undefined ? {} : { namespace: method.namespace };
  const identity = identityOf(backend.accessor);
  const policyNames = new Map<string, string>();
  for (const policy of policies) {
    const resource = new Policy(stack, `policy-${policy.name}`, {
      ...place,
      name: lowerCase(policy.name),
      policy: textOf(policy, identity, engines),
    });
    permit(resource, policy.allow);
    policyNames.set(lowerCase(policy.name), resource.name);
  }
  const refer = (names: readonly string[]): string[] =>
    names.map((name) => policyNames.get(lowerCase(name)) ?? lowerCase(checkName('policy', name)));

  for (const role of roles) {
    const { boundClaims, allow: allowed } = role;
    const resource = new JwtAuthBackendRole(stack, `role-${role.roleName}`, {
      ...place,
      ...argumentsOf(role),
      ...lifetime(role, defaultTtls),
      backend: backend.path,
      // Vault's own default is "oidc", which refuses every login with a JWT.
      roleType: by,
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
    const group = new IdentityGroup(stack, `group-${name}`, {
      ...place,
      name: escaped(name),
      type: 'external',
      policies: refer(granted),
    });
    new IdentityGroupAlias(stack, `group-alias-${name}`, {
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
    return new Mount(stack, isList(kv) ? `kv-${path}` : 'kv', {
      ...place,
      path,
      type: 'kv',
      options,
      ...about,
    });
  });

  if (mounts[0]) new TerraformOutput(stack, 'kv_path', { value: mounts[0].path });
  return backend;
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
