import { refuseUnknown } from '../known-options.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';
import {
  type CircleciJobs,
  type CircleciProps,
  circleciClaims,
  circleciIssuer,
  circleciJobOptions,
} from './circleci-bounds.js';
import { uuid, type VendorBackend } from './claim-bounds.js';
import { type PresetRoleProps, roleFor, roleOptions } from './preset-role.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { CircleciProps } from './circleci-bounds.js';
export type { Bound, VendorBackend } from './claim-bounds.js';

/** Which jobs get in, and what they get. */
export interface CircleciRoleProps extends PresetRoleProps, CircleciJobs {
  /** The UUID of a context that the job must use; CircleCI's restrictions say who may. Default none. */
  readonly contextId?: string;
}

/**
 * The backend for the jobs of an organization of CircleCI.
 * @throws TypeError for an organization without its UUID
 * @see https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/
 * @example
 * const backend = circleci({ organizationId: '12345678-1234-4234-8234-123456789012' });
 * new VaultJwtStack(app, 'circleci', { ...backend, roles: [role] });
 */
export function circleci(props: CircleciProps): VendorBackend {
  return circleciIssuer(props);
}

/**
 * A role for jobs of CircleCI. The identity is the project. Of a job that was started again with SSH nothing is known that
 * a role could bind: `ssh-rerun` is no string.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @example
 * const role = circleciRole({
 *   roleName: 'deploy',
 *   projectId: '87654321-4321-4321-8321-210987654321',
 *   vcsOrigin: 'github.com/acme/app',
 *   vcsRef: 'refs/heads/main',
 *   audience: '12345678-1234-4234-8234-123456789012',
 *   tokenPolicies: ['deploy'],
 * });
 */
export function circleciRole(props: CircleciRoleProps): VaultJwtRole {
  const what = `role "${props.roleName}"`;
  refuseUnknown(what, props, { ...roleOptions, ...circleciJobOptions, contextId: true });
  const { contextId } = props;
  const claims = {
    ...circleciClaims(what, props),
    'oidc.circleci.com/context-ids': contextId === undefined ? undefined : uuid('contextId', contextId),
  };
  return roleFor(props, { userClaim: 'oidc.circleci.com/project-id', claims });
}
