import { refuseUnknown } from '../known-options.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';
import type { VendorBackend } from './claim-bounds.js';
import { type GoogleWorkloads, googleClaims, googleIssuer, googleWorkloadOptions } from './google-bounds.js';
import { type PresetRoleProps, roleFor, roleOptions } from './preset-role.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { VendorBackend } from './claim-bounds.js';

/** Who gets in: one service account, or its instances. */
export interface GoogleRoleProps extends PresetRoleProps, GoogleWorkloads {}

/**
 * The backend for the ID tokens of Google's service accounts.
 * @see https://developers.google.com/identity/openid-connect/reference#discovery-document
 * @example
 * new VaultJwtStack(app, 'google', { ...google(), roles: [role] });
 */
export function google(): VendorBackend {
  return googleIssuer();
}

/**
 * A role for a service account of Google. The identity is the account's unique id (`sub`), which is needed, because Google
 * signs the tokens of everybody's accounts with one issuer.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://cloud.google.com/compute/docs/instances/verifying-instance-identity
 * @example
 * const role = googleRole({
 *   roleName: 'deploy',
 *   serviceAccountId: '112010400000000710080',
 *   projectId: 'acme-prod',
 *   audience: 'https://vault.acme.example',
 *   tokenPolicies: ['deploy'],
 * });
 */
export function googleRole(props: GoogleRoleProps): VaultJwtRole {
  const what = `role "${props.roleName}"`;
  refuseUnknown(what, props, { ...roleOptions, ...googleWorkloadOptions });
  const { sub, ...claims } = googleClaims(what, props);
  return roleFor(props, { userClaim: 'sub', subject: sub, claims });
}
