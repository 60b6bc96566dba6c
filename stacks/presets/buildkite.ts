import type { VaultJwtRole } from '../vault-jwt-role.js';
import { type PresetRoleProps, roleFor, roleOptions } from './bounds.js';
import { type Bound, refuseWeak, uuid, type VendorBackend } from './claim-bounds.js';
import { refuseUnknown } from './known-options.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { Bound, VendorBackend } from './claim-bounds.js';

/** Which jobs get in: those of a pipeline, on a branch or a tag. */
export interface BuildkiteRoleProps extends PresetRoleProps {
  /** The organization's UUID: the issuer is shared by all organizations. A job asks for it with `--claim organization_id`. */
  readonly organizationId: string;
  /** The pipeline's UUID. A job asks for it with `--claim pipeline_id`. */
  readonly pipelineId: string;
  /** Without `refs/heads/`, for example `main`. */
  readonly branch?: Bound;
  /** Without `refs/tags/`; a build without a tag is kept out. */
  readonly tag?: Bound;
  /** The `key` of the step. */
  readonly stepKey?: string;
}

/**
 * The backend for Buildkite.
 * @see https://buildkite.com/docs/agent/v3/cli-oidc
 * @example
 * new VaultJwtStack(app, 'buildkite', { ...buildkite(), roles: [role] });
 */
export function buildkite(): VendorBackend {
  const boundIssuer = 'https://agent.buildkite.com';
  return { boundIssuer, jwksUrl: `${boundIssuer}/.well-known/jwks`, jwtSupportedAlgs: ['RS256'] };
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
  const own = { organizationId: true, pipelineId: true, branch: true, tag: true, stepKey: true } as const;
  refuseUnknown(what, props, { ...roleOptions, ...own });
  const { organizationId, pipelineId, branch, tag, stepKey } = props;
  if (organizationId === undefined) refuseWeak(what, 'every organization of Buildkite', 'organizationId');
  if (pipelineId === undefined) refuseWeak(what, 'every pipeline of the organization', 'pipelineId');
  if ((branch ?? tag) === undefined) refuseWeak(what, 'every branch of the pipeline', 'branch or tag');
  return roleFor(props, {
    userClaim: 'pipeline_id',
    claims: {
      organization_id: uuid('organizationId', organizationId),
      pipeline_id: uuid('pipelineId', pipelineId),
      build_branch: branch,
      build_tag: tag,
      step_key: stepKey,
    },
  });
}
