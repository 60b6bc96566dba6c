import { refuseUnknown } from '../known-options.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';
import type { VendorBackend } from './claim-bounds.js';
import {
  type GitHubActionsJobs,
  type GitHubActionsProps,
  githubClaims,
  githubIssuer,
  githubJobOptions,
} from './github-actions-bounds.js';
import { type PresetRoleProps, roleFor, roleOptions } from './preset-role.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { Bound, VendorBackend } from './claim-bounds.js';
export type { GitHubActionsJobs, GitHubActionsProps } from './github-actions-bounds.js';

/** Which jobs get in, to Vault. */
export interface GitHubActionsRoleProps extends PresetRoleProps, GitHubActionsJobs {
  /** The whole `sub`, besides the rest; it has another form since 2026-07-15. */
  readonly subject?: string;
}

/**
 * The backend for GitHub Actions.
 * @throws TypeError for a host beside an enterprise or a subdomain
 * @see https://docs.github.com/en/actions/reference/security/oidc
 * @example
 * new VaultJwtStack(app, 'github', { ...githubActions(), roles: [role] });
 */
export function githubActions(props: GitHubActionsProps = {}): VendorBackend {
  return githubIssuer(props);
}

/**
 * A role for jobs of GitHub Actions. The identity is the repository (`repository_id`), whatever it is called.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @example
 * const role = githubActionsRole({
 *   roleName: 'payments-ci',
 *   repositoryId: '74',
 *   ref: 'refs/heads/main',
 *   audience: 'https://vault.acme.example',
 *   tokenPolicies: ['payments-read'],
 * });
 */
export function githubActionsRole(props: GitHubActionsRoleProps): VaultJwtRole {
  const what = `role "${props.roleName}"`;
  refuseUnknown(what, props, { ...roleOptions, ...githubJobOptions, subject: true });
  const claims = githubClaims(what, props);
  return roleFor(props, { userClaim: 'repository_id', subject: props.subject, claims });
}
