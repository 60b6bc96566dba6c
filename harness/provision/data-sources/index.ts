import type { DataSource } from '../resource-type.js';
import { consulAclPolicyDataSource } from './consul_acl_policy.js';
import { consulAclRoleDataSource } from './consul_acl_role.js';
import { consulKeysDataSource } from './consul_keys.js';
import { vaultAuthBackendDataSource } from './vault_auth_backend.js';
import { vaultIdentityEntityDataSource } from './vault_identity_entity.js';
import { vaultIdentityGroupDataSource } from './vault_identity_group.js';
import { vaultPolicyDocument } from './vault_policy_document.js';

/** Every data source that can be read without Terraform, by its name there. */
export const dataSources: ReadonlyMap<string, DataSource> = new Map(
  [
    consulAclPolicyDataSource,
    consulAclRoleDataSource,
    consulKeysDataSource,
    vaultAuthBackendDataSource,
    vaultIdentityEntityDataSource,
    vaultIdentityGroupDataSource,
    vaultPolicyDocument,
  ].map((definition) => [definition.type, definition]),
);
