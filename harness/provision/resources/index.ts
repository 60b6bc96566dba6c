import type { ResourceType } from '../resource-type.js';
import { consulAclAuthMethod } from './consul_acl_auth_method.js';
import { consulAclBindingRule } from './consul_acl_binding_rule.js';
import { consulAclPolicy } from './consul_acl_policy.js';
import { consulAclRole } from './consul_acl_role.js';
import { consulAclRolePolicyAttachment } from './consul_acl_role_policy_attachment.js';
import { consulAclToken } from './consul_acl_token.js';
import { consulKeys } from './consul_keys.js';
import { vaultApproleAuthBackendRole } from './vault_approle_auth_backend_role.js';
import { vaultApproleAuthBackendRoleSecretId } from './vault_approle_auth_backend_role_secret_id.js';
import { vaultAudit } from './vault_audit.js';
import { vaultAuthBackend } from './vault_auth_backend.js';
import { vaultConsulSecretBackend } from './vault_consul_secret_backend.js';
import { vaultConsulSecretBackendRole } from './vault_consul_secret_backend_role.js';
import { vaultGenericEndpoint } from './vault_generic_endpoint.js';
import { vaultGenericSecret } from './vault_generic_secret.js';
import { vaultIdentityEntity } from './vault_identity_entity.js';
import { vaultIdentityEntityAlias } from './vault_identity_entity_alias.js';
import { vaultIdentityGroup } from './vault_identity_group.js';
import { vaultIdentityGroupAlias } from './vault_identity_group_alias.js';
import { vaultIdentityGroupMemberEntityIds } from './vault_identity_group_member_entity_ids.js';
import { vaultIdentityGroupMemberGroupIds } from './vault_identity_group_member_group_ids.js';
import { vaultIdentityGroupPolicies } from './vault_identity_group_policies.js';
import { vaultJwtAuthBackend } from './vault_jwt_auth_backend.js';
import { vaultJwtAuthBackendRole } from './vault_jwt_auth_backend_role.js';
import { vaultKubernetesAuthBackendConfig } from './vault_kubernetes_auth_backend_config.js';
import { vaultKubernetesAuthBackendRole } from './vault_kubernetes_auth_backend_role.js';
import { vaultKvSecret } from './vault_kv_secret.js';
import { vaultKvSecretBackendV2 } from './vault_kv_secret_backend_v2.js';
import { vaultKvSecretV2 } from './vault_kv_secret_v2.js';
import { vaultMount } from './vault_mount.js';
import { vaultNamespace } from './vault_namespace.js';
import { vaultPolicy } from './vault_policy.js';
import { vaultTokenAuthBackendRole } from './vault_token_auth_backend_role.js';
import { vaultTransitSecretBackendKey } from './vault_transit_secret_backend_key.js';

/** Every resource type that can be applied without Terraform, by its name there. */
export const resourceTypes: ReadonlyMap<string, ResourceType> = new Map(
  [
    consulAclAuthMethod,
    consulAclBindingRule,
    consulAclPolicy,
    consulAclRole,
    consulAclRolePolicyAttachment,
    consulAclToken,
    consulKeys,
    vaultApproleAuthBackendRole,
    vaultApproleAuthBackendRoleSecretId,
    vaultAudit,
    vaultAuthBackend,
    vaultConsulSecretBackend,
    vaultConsulSecretBackendRole,
    vaultGenericEndpoint,
    vaultGenericSecret,
    vaultIdentityEntity,
    vaultIdentityEntityAlias,
    vaultIdentityGroup,
    vaultIdentityGroupAlias,
    vaultIdentityGroupMemberEntityIds,
    vaultIdentityGroupMemberGroupIds,
    vaultIdentityGroupPolicies,
    vaultJwtAuthBackend,
    vaultJwtAuthBackendRole,
    vaultKubernetesAuthBackendConfig,
    vaultKubernetesAuthBackendRole,
    vaultKvSecret,
    vaultKvSecretBackendV2,
    vaultKvSecretV2,
    vaultMount,
    vaultNamespace,
    vaultPolicy,
    vaultTokenAuthBackendRole,
    vaultTransitSecretBackendKey,
  ].map((definition) => [definition.type, definition]),
);
