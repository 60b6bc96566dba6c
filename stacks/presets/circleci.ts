import type { VaultJwtRole } from '../vault-jwt-role.js';
import { type PresetRoleProps, roleFor, roleOptions } from './bounds.js';
import { type Bound, refuseWeak, textOf, uuid, type VendorBackend } from './claim-bounds.js';
import { refuseUnknown } from './known-options.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { Bound, VendorBackend } from './claim-bounds.js';

/** Whose issuer signs. */
export interface CircleciProps {
  /** The organization's UUID: each organization has an issuer. */
  readonly organizationId: string;
}

/** Which jobs get in: those of a project and its repository, on a ref. */
export interface CircleciRoleProps extends PresetRoleProps {
  /** The project's UUID. */
  readonly projectId: string;
  /** The repository, for example `github.com/acme/app`: a build of a fork has the fork's, and the same project. */
  readonly vcsOrigin: string;
  /** For example `refs/heads/main`. */
  readonly vcsRef: Bound;
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
  refuseUnknown<CircleciProps>('CircleCI', props, { organizationId: true });
  const boundIssuer = `https://oidc.circleci.com/org/${uuid('organizationId', props.organizationId)}`;
  return { boundIssuer, jwksUrl: `${boundIssuer}/.well-known/jwks-pub.json`, jwtSupportedAlgs: ['RS256'] };
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
  const own = { projectId: true, vcsOrigin: true, vcsRef: true, contextId: true } as const;
  refuseUnknown(what, props, { ...roleOptions, ...own });
  const { projectId, vcsOrigin, vcsRef, contextId } = props;
  if (projectId === undefined) refuseWeak(what, 'every project of the organization', 'projectId');
  if (vcsOrigin === undefined) refuseWeak(what, 'builds of forks', 'vcsOrigin');
  if (vcsRef === undefined) refuseWeak(what, 'every branch of the repository', 'vcsRef');
  if (!textOf(vcsRef).startsWith('refs/')) {
    throw new TypeError(`"${textOf(vcsRef)}" is not a ref: write "refs/heads/..." or "refs/tags/..."`);
  }
  return roleFor(props, {
    userClaim: 'oidc.circleci.com/project-id',
    claims: {
      'oidc.circleci.com/project-id': uuid('projectId', projectId),
      'oidc.circleci.com/vcs-origin': vcsOrigin,
      'oidc.circleci.com/vcs-ref': vcsRef,
      'oidc.circleci.com/context-ids': contextId === undefined ? undefined : uuid('contextId', contextId),
    },
  });
}
