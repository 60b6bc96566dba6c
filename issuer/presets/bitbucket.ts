import type { Issuer, TokenBuilder } from '../issuer.js';
import { checkOptions, type PresetOptions, uuidOf, type VendorKeys } from './preset.js';

/**
 * Bitbucket Pipelines, where each workspace has an issuer.
 * @see https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pipelines/
 */
export const bitbucketKeys: VendorKeys = {
  isIssuer: ({ host }) => host === 'api.bitbucket.org',
  jwksUri: (issuer) => `${issuer}/keys.json`,
};

/** A step of Bitbucket Pipelines with `oidc: true`. */
export interface BitbucketStep {
  /** The workspace's slug, which is in the issuer. */
  readonly workspace: string;
  /** The workspace's UUID in braces; default one made of the slug. */
  readonly workspaceUuid?: string;
  /** The repository's UUID in braces; default one made of the workspace's. */
  readonly repositoryUuid?: string;
  /** Default `main`. */
  readonly branch?: string;
  /** The UUID in braces of the environment that the step deploys to; default none. */
  readonly deploymentEnvironmentUuid?: string;
  /** What the step has in `oidc.audiences`: they follow the workspace's own. Default none. */
  readonly audiences?: readonly string[];
  /** Default 3600. */
  readonly lifetimeSeconds?: number;
  /** Claims instead of these, after all is derived; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const stepOptions: PresetOptions<BitbucketStep> = {
  workspace: 'required',
  workspaceUuid: 'optional',
  repositoryUuid: 'optional',
  branch: 'optional',
  deploymentEnvironmentUuid: 'optional',
  audiences: 'optional',
  lifetimeSeconds: 'optional',
  claims: 'optional',
};

/**
 * The token of a step of Bitbucket Pipelines (`BITBUCKET_STEP_OIDC_TOKEN`), signed with RS256.
 * @see https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/
 * @see https://www.atlassian.com/blog/bitbucket/bitbucket-pipelines-oidc-now-supports-multiple-audiences
 * @example
 * const jwt = await issuer.sign(bitbucket({ workspace: 'acme', audiences: ['https://vault.acme.example'] }));
 */
export function bitbucket(step: BitbucketStep): TokenBuilder {
  checkOptions('bitbucket', step, stepOptions);
  const { workspace, branch = 'main', deploymentEnvironmentUuid, audiences = [], lifetimeSeconds = 3_600 } = step;
  const { workspaceUuid = `{${uuidOf('workspace', workspace)}}` } = step;
  const { repositoryUuid = `{${uuidOf('repository', workspaceUuid)}}` } = step;
  const own = `ari:cloud:bitbucket::workspace/${workspaceUuid.slice(1, -1)}`;
  const environment = deploymentEnvironmentUuid === undefined ? {} : { deploymentEnvironmentUuid };
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      const stepUuid = `{${uuidOf('step', repositoryUuid, branch)}}`;
      return {
        sub: [repositoryUuid, ...Object.values(environment), stepUuid].join(':'),
        aud: audiences.length === 0 ? own : [own, ...audiences],
        stepUuid,
        ...environment,
        iss: `https://api.bitbucket.org/2.0/workspaces/${workspace}/pipelines-config/identity/oidc`,
        repositoryUuid,
        branchName: branch,
        exp: iat + lifetimeSeconds,
        iat,
        pipelineUuid: `{${uuidOf('pipeline', repositoryUuid, branch)}}`,
        workspaceUuid,
        jti: null,
        ...step.claims,
      };
    },
    { alg: 'RS256' as const },
  );
}
