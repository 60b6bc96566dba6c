import { refuseUnknown } from '../known-options.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';
import { refuseWeak, uuid, type VendorBackend } from './claim-bounds.js';
import {
  type EntraProps,
  type EntraVersion,
  type EntraWorkloads,
  entraClaims,
  entraIssuer,
  entraWorkloadOptions,
} from './entra-bounds.js';
import { type PresetRoleProps, roleFor, roleOptions } from './preset-role.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { VendorBackend } from './claim-bounds.js';
export type { EntraProps, EntraVersion } from './entra-bounds.js';

/** Which workloads get in: one, or those of a group. */
export interface EntraRoleProps extends PresetRoleProps, EntraWorkloads {
  /** The UUID of a group that it must be in. The claim needs `groupMembershipClaims`; beyond 200 groups it is absent. */
  readonly groupId?: string;
  /** That of the backend, since it names the claim of `clientId`; default `2.0`. */
  readonly version?: EntraVersion;
}

/**
 * The backend for the workloads of a tenant of Microsoft Entra: managed identities, and applications by themselves.
 * @throws TypeError for a tenant without its UUID, and for an unknown version
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens
 * @example
 * new VaultJwtStack(app, 'entra', { ...entra({ tenantId: 'aaaabbbb-0000-cccc-1111-dddd2222eeee' }), roles: [role] });
 */
export function entra(props: EntraProps): VendorBackend {
  return entraIssuer(props);
}

/**
 * A role for workloads of a tenant. The identity is the service principal (`oid`). The audience is the application that
 * stands for Vault: its UUID, in version 1.0 the URI that the token was asked for.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 * @example
 * const role = entraRole({
 *   roleName: 'deploy',
 *   objectId: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
 *   audience: '00001111-aaaa-2222-bbbb-3333cccc4444',
 *   tokenPolicies: ['deploy'],
 * });
 */
export function entraRole(props: EntraRoleProps): VaultJwtRole {
  const what = `role "${props.roleName}"`;
  refuseUnknown(what, props, { ...roleOptions, ...entraWorkloadOptions, groupId: true, version: true });
  const { objectId, groupId, version } = props;
  if ((objectId ?? groupId) === undefined)
    refuseWeak(what, 'every workload and user of the tenant', 'objectId or groupId');
  const { oid, ...claims } = entraClaims(props, version);
  const groups = groupId === undefined ? undefined : uuid('groupId', groupId);
  return roleFor(props, { userClaim: 'oid', claims: { oid, groups, ...claims } });
}
