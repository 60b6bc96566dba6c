import { refuseUnknown } from '../known-options.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';
import type { VendorBackend } from './claim-bounds.js';
import {
  type GitLabCiJobs,
  type GitLabCiProps,
  gitlabClaims,
  gitlabIssuer,
  gitlabJobOptions,
} from './gitlab-ci-bounds.js';
import { type PresetRoleProps, roleFor, roleOptions } from './preset-role.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { Bound, VendorBackend } from './claim-bounds.js';
export type { GitLabCiJobs, GitLabCiProps } from './gitlab-ci-bounds.js';

/** Which jobs get in, to Vault. */
export interface GitLabCiRoleProps extends PresetRoleProps, GitLabCiJobs {}

/**
 * The backend for GitLab CI/CD.
 * @see https://docs.gitlab.com/ci/secrets/id_token_authentication/
 * @example
 * new VaultJwtStack(app, 'gitlab', { ...gitlabCi(), roles: [role] });
 */
export function gitlabCi(props: GitLabCiProps = {}): VendorBackend {
  return gitlabIssuer(props);
}

/**
 * A role for jobs of GitLab CI/CD. The identity is the project (`project_id`), whatever it is called.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @example
 * const role = gitlabCiRole({
 *   roleName: 'site',
 *   projectId: '20',
 *   ref: 'main',
 *   audience: 'https://vault.acme.example',
 *   tokenPolicies: ['site-read'],
 * });
 */
export function gitlabCiRole(props: GitLabCiRoleProps): VaultJwtRole {
  const what = `role "${props.roleName}"`;
  refuseUnknown(what, props, { ...roleOptions, ...gitlabJobOptions });
  return roleFor(props, { userClaim: 'project_id', claims: gitlabClaims(what, props) });
}
