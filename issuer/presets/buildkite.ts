import type { Issuer, TokenBuilder } from '../issuer.js';
import { checkOptions, commitOf, type PresetOptions, uuidOf, type VendorKeys } from './preset.js';

/**
 * Buildkite, whose organizations share an issuer.
 * @see https://buildkite.com/docs/agent/v3/cli-oidc
 */
export const buildkiteKeys: VendorKeys = {
  isIssuer: ({ host }) => host === 'agent.buildkite.com',
  jwksUri: (issuer) => `${issuer}/.well-known/jwks`,
};

/** A job of Buildkite that asks its agent for a token. */
export interface BuildkiteJob {
  /** The organization's slug. */
  readonly organization: string;
  /** Default one made of the slug. */
  readonly organizationId?: string;
  /** The pipeline's slug. */
  readonly pipeline: string;
  /** Default one made of the slugs. */
  readonly pipelineId?: string;
  /** Default `main`. */
  readonly branch?: string;
  /** Default none, and then the claim is absent. */
  readonly tag?: string;
  /** The `key` of the step; default none, and then there is no claim, where Buildkite has null. */
  readonly stepKey?: string;
  /** Default 1. */
  readonly buildNumber?: number;
  /** What the job names with `--claim`; default both. */
  readonly optionalClaims?: readonly ('organization_id' | 'pipeline_id')[];
  /** `--audience`; default the URL of the organization. */
  readonly audience?: string;
  /** `--lifetime`, in seconds; default 300. */
  readonly lifetimeSeconds?: number;
  /** Claims instead of these, after all is derived; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const jobOptions: PresetOptions<BuildkiteJob> = {
  organization: 'required',
  organizationId: 'optional',
  pipeline: 'required',
  pipelineId: 'optional',
  branch: 'optional',
  tag: 'optional',
  stepKey: 'optional',
  buildNumber: 'optional',
  optionalClaims: 'optional',
  audience: 'optional',
  lifetimeSeconds: 'optional',
  claims: 'optional',
};

/**
 * The token of a job of Buildkite, as `buildkite-agent oidc request-token` gets it, signed with RS256. Where a step has no
 * key, the end of the subject is empty.
 * @see https://buildkite.com/docs/agent/v3/cli-oidc
 * @example
 * const jwt = await issuer.sign(buildkite({ organization: 'acme', pipeline: 'deploy', audience: 'vault' }));
 */
export function buildkite(job: BuildkiteJob): TokenBuilder {
  checkOptions('buildkite', job, jobOptions);
  const { organization, pipeline, branch = 'main', tag, stepKey, buildNumber = 1 } = job;
  const { optionalClaims = ['organization_id', 'pipeline_id'], lifetimeSeconds = 300 } = job;
  const ref = tag === undefined ? `refs/heads/${branch}` : `refs/tags/${tag}`;
  const commit = commitOf(organization, pipeline, ref);
  const optional = {
    organization_id: job.organizationId ?? uuidOf('organization', organization),
    pipeline_id: job.pipelineId ?? uuidOf('pipeline', organization, pipeline),
  };
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      return {
        sub: `organization:${organization}:pipeline:${pipeline}:ref:${ref}:commit:${commit}:step:${stepKey ?? ''}`,
        aud: job.audience ?? `https://buildkite.com/${organization}`,
        organization_slug: organization,
        pipeline_slug: pipeline,
        build_number: buildNumber,
        build_branch: branch,
        ...(tag === undefined ? {} : { build_tag: tag }),
        build_commit: commit,
        step_key: stepKey ?? null,
        job_id: uuidOf('job', organization, pipeline, String(buildNumber), stepKey ?? ''),
        agent_id: uuidOf('agent', organization),
        ...Object.fromEntries(optionalClaims.map((name) => [name, optional[name]])),
        iss: 'https://agent.buildkite.com',
        iat,
        nbf: iat,
        exp: iat + lifetimeSeconds,
        jti: null,
        ...job.claims,
      };
    },
    { alg: 'RS256' as const },
  );
}
