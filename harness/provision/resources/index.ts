import type { ResourceType } from '../resource-type.js';
import { vaultJwtAuthBackend } from './vault_jwt_auth_backend.js';
import { vaultJwtAuthBackendRole } from './vault_jwt_auth_backend_role.js';
import { vaultMount } from './vault_mount.js';
import { vaultPolicy } from './vault_policy.js';

/** Every resource type that can be applied without Terraform, by its name there. */
export const resourceTypes: ReadonlyMap<string, ResourceType> = new Map(
  [vaultJwtAuthBackend, vaultJwtAuthBackendRole, vaultMount, vaultPolicy].map((definition) => [
    definition.type,
    definition,
  ]),
);
