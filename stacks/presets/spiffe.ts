import { refuseUnknown } from '../known-options.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';
import type { VendorBackend } from './claim-bounds.js';
import { type PresetRoleProps, roleFor, roleOptions } from './preset-role.js';
import {
  type SpiffeProps,
  type SpiffeWorkloads,
  spiffeIds,
  spiffeIssuer,
  spiffeWorkloadOptions,
} from './spiffe-bounds.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { Bound, VendorBackend } from './claim-bounds.js';
export type { SpiffeProps } from './spiffe-bounds.js';

/** Which workloads get in, and what they get. */
export interface SpiffeRoleProps extends PresetRoleProps, SpiffeWorkloads {}

/**
 * The backend for JWT-SVIDs.
 * @see https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md
 * @example
 * new VaultJwtStack(app, 'spire', { ...spiffe({ issuer: 'https://oidc.acme.example' }), roles: [role] });
 */
export function spiffe(props: SpiffeProps): VendorBackend {
  return spiffeIssuer(props);
}

/**
 * A role for workloads with a SPIFFE ID, which is the identity (`sub`).
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @example
 * const role = spiffeRole({
 *   roleName: 'cart',
 *   trustDomain: 'acme.example',
 *   path: '/cart',
 *   audience: 'https://vault.acme.example',
 *   tokenPolicies: ['cart'],
 * });
 */
export function spiffeRole(props: SpiffeRoleProps): VaultJwtRole {
  const what = `role "${props.roleName}"`;
  refuseUnknown(what, props, { ...roleOptions, ...spiffeWorkloadOptions });
  const id = spiffeIds(what, props);
  const who = typeof id === 'string' ? { subject: id, claims: {} } : { claims: { sub: id } };
  return roleFor(props, { userClaim: 'sub', ...who });
}
