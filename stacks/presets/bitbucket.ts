import { refuseUnknown } from '../known-options.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';
import {
  type BitbucketProps,
  type BitbucketSteps,
  bitbucketClaims,
  bitbucketIssuer,
  bitbucketStepOptions,
} from './bitbucket-bounds.js';
import type { VendorBackend } from './claim-bounds.js';
import { type PresetRoleProps, roleFor, roleOptions } from './preset-role.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { BitbucketProps } from './bitbucket-bounds.js';
export type { Bound, VendorBackend } from './claim-bounds.js';

/** Which steps get in, and what they get. */
export interface BitbucketRoleProps extends PresetRoleProps, BitbucketSteps {}

/**
 * The backend for Bitbucket Pipelines of a workspace.
 * @throws TypeError for a workspace without its slug
 * @see https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/
 * @example
 * new VaultJwtStack(app, 'bitbucket', { ...bitbucket({ workspace: 'acme' }), roles: [role] });
 */
export function bitbucket(props: BitbucketProps): VendorBackend {
  return bitbucketIssuer(props);
}

/**
 * A role for steps of Bitbucket Pipelines. The identity is the repository (`repositoryUuid`), since the subject has the
 * step's own UUID, another one in each run.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/
 * @example
 * const role = bitbucketRole({
 *   roleName: 'deploy',
 *   repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}',
 *   branch: 'main',
 *   audience: 'https://vault.acme.example',
 *   tokenPolicies: ['deploy'],
 * });
 */
export function bitbucketRole(props: BitbucketRoleProps): VaultJwtRole {
  const what = `role "${props.roleName}"`;
  refuseUnknown(what, props, { ...roleOptions, ...bitbucketStepOptions });
  return roleFor(props, { userClaim: 'repositoryUuid', claims: bitbucketClaims(what, props) });
}
