import type { DataSource } from '../resource-type.js';
import { vaultAuthBackendDataSource } from './vault_auth_backend.js';
import { vaultPolicyDocument } from './vault_policy_document.js';

/** Every data source that can be read without Terraform, by its name there. */
export const dataSources: ReadonlyMap<string, DataSource> = new Map(
  [vaultAuthBackendDataSource, vaultPolicyDocument].map((definition) => [definition.type, definition]),
);
