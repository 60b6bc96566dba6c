import { JwtAuthBackend, type JwtAuthBackendConfig } from '@cdktf/provider-vault/lib/jwt-auth-backend/index.js';
import {
  JwtAuthBackendRole,
  type JwtAuthBackendRoleConfig,
} from '@cdktf/provider-vault/lib/jwt-auth-backend-role/index.js';
import { Mount } from '@cdktf/provider-vault/lib/mount/index.js';
import { Policy } from '@cdktf/provider-vault/lib/policy/index.js';
import { VaultProvider } from '@cdktf/provider-vault/lib/provider/index.js';
import { type TerraformMetaArguments, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

/**
 * Who may log in, and what the Vault token may then do: the provider's own arguments, of which `boundAudiences`,
 * `boundSubject` and `boundClaims` say who. Defaults: `userClaim` "sub", `tokenTtl` 900 s, `tokenMaxTtl` 3600 s.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/jwt_auth_backend_role
 */
export interface VaultJwtRole
  extends Omit<JwtAuthBackendRoleConfig, keyof TerraformMetaArguments | 'backend' | 'roleType' | 'userClaim'> {
  /** The claim that names the identity; default `sub`. */
  readonly userClaim?: string;
  /** The policies of the Vault token; those that the stack declares are made before the role. */
  readonly tokenPolicies: string[];
}

/** An ACL policy. */
export interface VaultPolicy {
  readonly name: string;
  /** Rules in HCL, see https://developer.hashicorp.com/vault/docs/concepts/policies */
  readonly policy: string;
}

/** The KV engine for what a role may read. */
export interface VaultKv {
  /** Where it is mounted; default `kv`. */
  readonly path?: string;
  /** Default 2. */
  readonly version?: 1 | 2;
}

/**
 * A JWT login, its policies and a KV engine. Defaults: `path` "jwt", `jwtSupportedAlgs` ES256 and RS256, `defaultRole`
 * the first role. Vault does not check `iss` at all without `boundIssuer`.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/jwt_auth_backend
 */
export interface VaultJwtStackProps
  extends Pick<
    JwtAuthBackendConfig,
    'path' | 'description' | 'jwksUrl' | 'jwksCaPem' | 'boundIssuer' | 'jwtSupportedAlgs' | 'defaultRole'
  > {
  /** Vault's address; default VAULT_ADDR where the provider runs. */
  readonly address?: string;
  /** Where Vault fetches the key set. */
  readonly jwksUrl: string;
  readonly roles: readonly [VaultJwtRole, ...VaultJwtRole[]];
  readonly policies?: readonly VaultPolicy[];
  /** Secrets are never declared here: they would land in the state. */
  readonly kv?: VaultKv;
}

/**
 * Lets a JWT in: the `jwt` auth method, its roles, their policies and a KV engine.
 * @see https://developer.hashicorp.com/vault/docs/auth/jwt
 */
export class VaultJwtStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: VaultJwtStackProps) {
    super(scope, id);
    const { address, roles, policies = [], kv: kvProps = {}, ...backendProps } = props;

    new VaultProvider(this, 'vault', address === undefined ? {} : { address });

    const policyNames = new Map(
      policies.map((policy) => [policy.name, new Policy(this, `policy-${policy.name}`, policy).name]),
    );

    const backend = new JwtAuthBackend(this, 'jwt', {
      path: 'jwt',
      jwtSupportedAlgs: ['ES256', 'RS256'],
      defaultRole: roles[0].roleName,
      ...backendProps,
    });

    for (const role of roles) {
      new JwtAuthBackendRole(this, `role-${role.roleName}`, {
        userClaim: 'sub',
        tokenTtl: 900,
        tokenMaxTtl: 3600,
        ...role,
        backend: backend.path,
        // Vault's own default is "oidc", which refuses every login with a JWT.
        roleType: 'jwt',
        tokenPolicies: role.tokenPolicies.map((name) => policyNames.get(name) ?? name),
      });
    }

    const kv = new Mount(this, 'kv', {
      path: kvProps.path ?? 'kv',
      type: 'kv',
      options: { version: String(kvProps.version ?? 2) },
    });

    new TerraformOutput(this, 'login_path', { value: `auth/${backend.path}/login` });
    new TerraformOutput(this, 'kv_path', { value: kv.path });
  }
}
