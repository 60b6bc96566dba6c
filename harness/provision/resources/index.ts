import type { ResourceType } from '../resource-type.js';
import { consulAclAuthMethod } from './consul_acl_auth_method.js';
import { consulAclBindingRule } from './consul_acl_binding_rule.js';
import { consulAclPolicy } from './consul_acl_policy.js';
import { consulAclRole } from './consul_acl_role.js';
import { vaultAuthBackend } from './vault_auth_backend.js';
import { vaultConsulSecretBackend } from './vault_consul_secret_backend.js';
import { vaultConsulSecretBackendRole } from './vault_consul_secret_backend_role.js';
import { vaultGenericSecret } from './vault_generic_secret.js';
import { vaultIdentityEntity } from './vault_identity_entity.js';
import { vaultIdentityEntityAlias } from './vault_identity_entity_alias.js';
import { vaultIdentityGroup } from './vault_identity_group.js';
import { vaultIdentityGroupAlias } from './vault_identity_group_alias.js';
import { vaultIdentityGroupPolicies } from './vault_identity_group_policies.js';
import { vaultJwtAuthBackend } from './vault_jwt_auth_backend.js';
import { vaultJwtAuthBackendRole } from './vault_jwt_auth_backend_role.js';
import { vaultKvSecret } from './vault_kv_secret.js';
import { vaultKvSecretBackendV2 } from './vault_kv_secret_backend_v2.js';
import { vaultKvSecretV2 } from './vault_kv_secret_v2.js';
import { vaultMount } from './vault_mount.js';
import { vaultPolicy } from './vault_policy.js';

/** Every resource type that can be applied without Terraform, by its name there. */
export const resourceTypes: ReadonlyMap<string, ResourceType> = new Map(
  [
    consulAclAuthMethod,
    consulAclBindingRule,
    consulAclPolicy,
    consulAclRole,
    vaultAuthBackend,
    vaultConsulSecretBackend,
    vaultConsulSecretBackendRole,
    vaultGenericSecret,
    vaultIdentityEntity,
    vaultIdentityEntityAlias,
    vaultIdentityGroup,
    vaultIdentityGroupAlias,
    vaultIdentityGroupPolicies,
    vaultJwtAuthBackend,
    vaultJwtAuthBackendRole,
    vaultKvSecret,
    vaultKvSecretBackendV2,
    vaultKvSecretV2,
    vaultMount,
    vaultPolicy,
  ].map((definition) => [definition.type, definition]),
);
