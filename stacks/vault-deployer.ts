import type { Construct } from 'constructs';
import type { VaultPathRule } from './policy.js';
import { type VaultJwtMethod, VaultJwtStack, type VaultJwtStackProps } from './vault-jwt.js';
import { lifetime, type VaultJwtRole } from './vault-jwt-role.js';
import { enginesOf } from './vault-login-props.js';
import type { VaultOidcStackProps } from './vault-oidc.js';

/** The stacks that a pipeline can deploy. */
type DeployedProps = VaultJwtStackProps | VaultOidcStackProps;

/** A pipeline that may deploy a {@link VaultJwtStack} or a `VaultOidcStack`, and nothing else. */
export type VaultDeployerStackProps = VaultJwtMethod & {
  /** Vault's address; default VAULT_ADDR where the provider runs. */
  readonly address?: string;
  /** The stack that it deploys, changes and destroys. */
  readonly deploys: DeployedProps;
  /** Who the pipeline is. Defaults: `roleName` "deployer", `tokenTtl` 600 s, `tokenMaxTtl` 1200 s. */
  readonly role: Omit<VaultJwtRole, 'tokenPolicies' | 'roleName'> & { readonly roleName?: string };
};

/** What it declares itself, and what a caller without a compiler may give all the same. */
const OWN = ['roles', 'policies', 'groups', 'kv'];

/**
 * Lets a pipeline in with its own JWT, so that a deployment takes no root token: an auth method of its own, default path
 * "deployer", with one role whose policy is {@link deployerRules}. Deployed once, by an administrator.
 */
export class VaultDeployerStack extends VaultJwtStack {
  constructor(scope: Construct, id: string, given: VaultDeployerStackProps) {
    const own = OWN.find((name) => name in given);
    if (own !== undefined)
      throw new TypeError(`unknown option "${own}" of stack "${id}"; a deployer has only its "role"`);
    const { deploys, role, ...props } = given;
    const { roleName = 'deployer' } = role;
    const times = lifetime(role, { tokenTtl: 600, tokenMaxTtl: 1200 });
    super(scope, id, {
      ...props,
      path: props.path ?? 'deployer',
      roles: [{ ...role, ...times, roleName, tokenPolicies: [roleName] }],
      policies: [
        {
          name: roleName,
          rules: deployerRules(deploys),
          allow: {
            'policy-sudo': 'Vault requires it to mount an auth method',
            ...(hasGroups(deploys) && { 'policy-path-too-wide': 'Vault assigns the id when a group is created' }),
          },
        },
      ],
      kv: [],
    });
  }
}

/**
 * The least that deploying, changing and destroying a stack with Terraform takes. Anyone who can write the stack's policies
 * decides what is in them: Vault Community can't limit that, so guard the pipeline as you guard Vault.
 * @throws TypeError for a name that a policy takes for a wildcard
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 * @example
 * const hcl = policyOf(deployerRules(login));
 */
export function deployerRules(stack: DeployedProps): VaultPathRule[] {
  const { roles, policies = [], kv = [] } = stack;
  const path = literal(stack.path ?? ('oidcClientId' in stack ? 'oidc' : 'jwt'));
  const rules: VaultPathRule[] = [
    // The provider works with a child of the token that it is given.
    { path: 'auth/token/create', capabilities: ['update'] },
    { path: `sys/auth/${path}`, capabilities: ['update', 'delete', 'sudo'] },
    { path: `sys/mounts/auth/${path}`, capabilities: ['read'] },
    { path: `sys/mounts/auth/${path}/tune`, capabilities: ['read', 'update'] },
    { path: `auth/${path}/config`, capabilities: ['read', 'update'] },
  ];
  for (const { roleName } of roles) {
    rules.push({
      path: `auth/${path}/role/${literal(roleName)}`,
      capabilities: ['create', 'read', 'update', 'delete'],
    });
  }
  for (const { name } of policies) {
    rules.push({ path: `sys/policies/acl/${literal(name)}`, capabilities: ['read', 'update', 'delete'] });
  }
  const own = enginesOf(kv).filter(({ existing }) => existing !== true);
  for (const engine of own.map(({ path: at }) => literal(at))) {
    rules.push({ path: `sys/mounts/${engine}`, capabilities: ['read', 'update', 'delete'] });
    rules.push({ path: `sys/mounts/${engine}/tune`, capabilities: ['update'] });
  }
  if (hasGroups(stack)) {
    rules.push({ path: 'identity/group', capabilities: ['update'] });
    rules.push({ path: 'identity/group/id/*', capabilities: ['read', 'update', 'delete'] });
    rules.push({ path: 'identity/group-alias', capabilities: ['update'] });
    rules.push({ path: 'identity/group-alias/id/*', capabilities: ['read', 'delete'] });
  }
  return rules;
}

function hasGroups({ groups = [] }: DeployedProps): boolean {
  return groups.length > 0;
}

/** A name as a part of a path. */
function literal(name: string): string {
  if (!/\*$|(?:^|\/)\+(?:\/|$)/.test(name)) return name;
  throw new TypeError(
    `a policy reads "${name}" as a wildcard, which would allow more than this deployment: choose another name`,
  );
}
