import { refuseUnknown } from '../known-options.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';
import { type BuildkiteJobs, buildkiteClaims, buildkiteIssuer, buildkiteJobOptions } from './buildkite-bounds.js';
import type { VendorBackend } from './claim-bounds.js';
import { type PresetRoleProps, roleFor, roleOptions } from './preset-role.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { Bound, VendorBackend } from './claim-bounds.js';

/** Which jobs get in, and what they get. */
export interface BuildkiteRoleProps extends PresetRoleProps, BuildkiteJobs {}

/**
 * The backend for Buildkite.
 * @see https://buildkite.com/docs/agent/v3/cli-oidc
 * @example
 * new VaultJwtStack(app, 'buildkite', { ...buildkite(), roles: [role] });
 */
export function buildkite(): VendorBackend {
  return buildkiteIssuer();
}

/**
 * A role for jobs of Buildkite. The identity is the pipeline (`pipeline_id`), whatever it is called.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @example
 * const role = buildkiteRole({
 *   roleName: 'deploy',
 *   organizationId: '0184990a-477b-4fa8-9968-496074483cee',
 *   pipelineId: '0184990a-4782-42b5-afc1-16715b10b8ff',
 *   branch: 'main',
 *   audience: 'https://vault.acme.example',
 *   tokenPolicies: ['deploy'],
 * });
 */
export function buildkiteRole(props: BuildkiteRoleProps): VaultJwtRole {
  const what = `role "${props.roleName}"`;
  refuseUnknown(what, props, { ...roleOptions, ...buildkiteJobOptions });
  return roleFor(props, { userClaim: 'pipeline_id', claims: buildkiteClaims(what, props) });
}
