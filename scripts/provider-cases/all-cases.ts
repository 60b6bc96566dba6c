import * as consul from './consul_acl.js';
import { consulKeys, consulKeysDataSource } from './consul_keys.js';
import type { ProviderCase } from './provider-case.js';
import { vaultApproleAuthBackendRole, vaultApproleAuthBackendRoleSecretId } from './vault_approle.js';
import { vaultAudit } from './vault_audit.js';
import { vaultAuthBackend } from './vault_auth_backend.js';
import { vaultConsulSecretBackend, vaultConsulSecretBackendRole } from './vault_consul.js';
import { vaultGenericEndpoint } from './vault_generic_endpoint.js';
import * as identity from './vault_identity.js';
import { vaultJwtAuthBackend } from './vault_jwt_auth_backend.js';
import { vaultJwtAuthBackendRole } from './vault_jwt_auth_backend_role.js';
import { vaultKubernetesAuthBackendConfig, vaultKubernetesAuthBackendRole } from './vault_kubernetes.js';
import * as kv from './vault_kv.js';
import { vaultMount } from './vault_mount.js';
import { vaultNamespace } from './vault_namespace.js';
import { vaultPolicy } from './vault_policy.js';
import { vaultAuthBackendDataSource, vaultPolicyDocument } from './vault_policy_document.js';
import { vaultTokenAuthBackendRole } from './vault_token_auth_backend_role.js';
import { vaultTransitSecretBackendKey } from './vault_transit.js';

/** Every case, by the folder of its fixture: the Terraform type, or `data.` and a data source's. */
export const allCases: readonly (readonly [type: string, cases: readonly ProviderCase[]])[] = [
  ['vault_jwt_auth_backend', vaultJwtAuthBackend],
  ['vault_jwt_auth_backend_role', vaultJwtAuthBackendRole],
  ['vault_mount', vaultMount],
  ['vault_policy', vaultPolicy],
  ['vault_auth_backend', vaultAuthBackend],
  ['vault_consul_secret_backend', vaultConsulSecretBackend],
  ['vault_consul_secret_backend_role', vaultConsulSecretBackendRole],
  ['vault_kv_secret', kv.vaultKvSecret],
  ['vault_kv_secret_v2', kv.vaultKvSecretV2],
  ['vault_kv_secret_backend_v2', kv.vaultKvSecretBackendV2],
  ['vault_generic_secret', kv.vaultGenericSecret],
  ['vault_identity_group', identity.vaultIdentityGroup],
  ['vault_identity_group_alias', identity.vaultIdentityGroupAlias],
  ['vault_identity_group_policies', identity.vaultIdentityGroupPolicies],
  ['vault_identity_entity', identity.vaultIdentityEntity],
  ['vault_identity_entity_alias', identity.vaultIdentityEntityAlias],
  ['vault_identity_group_member_entity_ids', identity.vaultIdentityGroupMemberEntityIds],
  ['vault_identity_group_member_group_ids', identity.vaultIdentityGroupMemberGroupIds],
  ['vault_generic_endpoint', vaultGenericEndpoint],
  ['vault_audit', vaultAudit],
  ['vault_approle_auth_backend_role', vaultApproleAuthBackendRole],
  ['vault_approle_auth_backend_role_secret_id', vaultApproleAuthBackendRoleSecretId],
  ['vault_kubernetes_auth_backend_config', vaultKubernetesAuthBackendConfig],
  ['vault_kubernetes_auth_backend_role', vaultKubernetesAuthBackendRole],
  ['vault_token_auth_backend_role', vaultTokenAuthBackendRole],
  ['vault_transit_secret_backend_key', vaultTransitSecretBackendKey],
  ['vault_namespace', vaultNamespace],
  ['data.vault_identity_group', identity.vaultIdentityGroupDataSource],
  ['data.vault_identity_entity', identity.vaultIdentityEntityDataSource],
  ['data.vault_policy_document', vaultPolicyDocument],
  ['data.vault_auth_backend', vaultAuthBackendDataSource],
  ['consul_acl_auth_method', consul.consulAclAuthMethod],
  ['consul_acl_binding_rule', consul.consulAclBindingRule],
  ['consul_acl_policy', consul.consulAclPolicy],
  ['consul_acl_role', consul.consulAclRole],
  ['consul_acl_token', consul.consulAclToken],
  ['consul_acl_role_policy_attachment', consul.consulAclRolePolicyAttachment],
  ['consul_keys', consulKeys],
  ['data.consul_acl_policy', consul.consulAclPolicyDataSource],
  ['data.consul_acl_role', consul.consulAclRoleDataSource],
  ['data.consul_keys', consulKeysDataSource],
];
