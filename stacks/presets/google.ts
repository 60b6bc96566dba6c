import type { VaultJwtRole } from '../vault-jwt-role.js';
import { type PresetRoleProps, roleFor, roleOptions } from './bounds.js';
import { digits, refuseWeak, type VendorBackend } from './claim-bounds.js';
import { refuseUnknown } from './known-options.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { VendorBackend } from './claim-bounds.js';

/** Who gets in: one service account, or its instances. */
export interface GoogleRoleProps extends PresetRoleProps {
  /** The service account's unique id, a string of digits: an address may be given to another account after a deletion. */
  readonly serviceAccountId: string;
  /** The service account's address. Default any. */
  readonly email?: string;
  /** The project of the Compute Engine instance. With this or one of the next, a token in the full format is needed. */
  readonly projectId?: string;
  /** The instance's zone, for example `us-central1-a`. Default any. */
  readonly zone?: string;
  /** The instance's id, a string of digits. Default any. */
  readonly instanceId?: string;
  /** The instance's name, which another may have later. Default any. */
  readonly instanceName?: string;
}

/**
 * The backend for the ID tokens of Google's service accounts.
 * @see https://developers.google.com/identity/openid-connect/reference#discovery-document
 * @example
 * new VaultJwtStack(app, 'google', { ...google(), roles: [role] });
 */
export function google(): VendorBackend {
  return {
    boundIssuer: 'https://accounts.google.com',
    jwksUrl: 'https://www.googleapis.com/oauth2/v3/certs',
    jwtSupportedAlgs: ['RS256'],
  };
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
  const ofInstance = { projectId: true, zone: true, instanceId: true, instanceName: true } as const;
  refuseUnknown(what, props, { ...roleOptions, serviceAccountId: true, email: true, ...ofInstance });
  const { serviceAccountId, email, projectId, zone, instanceId, instanceName } = props;
  if (serviceAccountId === undefined) refuseWeak(what, 'every account of Google', 'serviceAccountId');
  return roleFor(props, {
    userClaim: 'sub',
    subject: digits('serviceAccountId', serviceAccountId),
    claims: {
      email,
      '/google/compute_engine/project_id': projectId,
      '/google/compute_engine/zone': zone,
      '/google/compute_engine/instance_id': instanceId === undefined ? undefined : digits('instanceId', instanceId),
      '/google/compute_engine/instance_name': instanceName,
    },
  });
}
