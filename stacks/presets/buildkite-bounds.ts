import type { KnownOptions } from '../known-options.js';
import { type Bound, type ClaimBounds, refuseWeak, uuid, type VendorBackend } from './claim-bounds.js';

/** Which jobs get in: those of a pipeline, on a branch or a tag. */
export interface BuildkiteJobs {
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

/** The options that say which jobs get in. */
export const buildkiteJobOptions: KnownOptions<BuildkiteJobs> = {
  organizationId: true,
  pipelineId: true,
  branch: true,
  tag: true,
  stepKey: true,
};

/**
 * Who signs the tokens of Buildkite.
 * @see https://buildkite.com/docs/agent/v3/cli-oidc
 */
export function buildkiteIssuer(): VendorBackend {
  const boundIssuer = 'https://agent.buildkite.com';
  return { boundIssuer, jwksUrl: `${boundIssuer}/.well-known/jwks`, jwtSupportedAlgs: ['RS256'] };
}

/**
 * What the tokens of some jobs must have.
 * @param what the role or the rule, for messages
 * @throws TypeError for bounds that let strangers in; the message says what to add
 */
export function buildkiteClaims(what: string, props: BuildkiteJobs): ClaimBounds {
  const { organizationId, pipelineId, branch, tag, stepKey } = props;
  if (organizationId === undefined) refuseWeak(what, 'every organization of Buildkite', 'organizationId');
  if (pipelineId === undefined) refuseWeak(what, 'every pipeline of the organization', 'pipelineId');
  if ((branch ?? tag) === undefined) refuseWeak(what, 'every branch of the pipeline', 'branch or tag');
  return {
    organization_id: uuid('organizationId', organizationId),
    pipeline_id: uuid('pipelineId', pipelineId),
    build_branch: branch,
    build_tag: tag,
    step_key: stepKey,
  };
}
