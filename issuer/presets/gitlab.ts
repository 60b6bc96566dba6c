import { UsageError } from '../../errors/index.js';
import type { Issuer, TokenBuilder } from '../issuer.js';
import { checkOptions, commitOf, numericId, type PresetOptions, type VendorKeys } from './preset.js';

/**
 * GitLab.com. A server of one's own has the same paths.
 * @see https://docs.gitlab.com/integration/openid_connect_provider/
 */
export const gitlabKeys: VendorKeys = {
  isIssuer: ({ host }) => host === 'gitlab.com',
  jwksUri: (issuer) => `${issuer}/oauth/discovery/keys`,
};

/** A job of GitLab CI/CD that has an ID token. */
export interface GitLabJob {
  /** The path of the project that runs it, for example `acme/app`. */
  readonly project: string;
  /** Default one made of the path, whose case does not count. */
  readonly projectId?: string | undefined;
  /** Default one made of the path of the group. */
  readonly namespaceId?: string | undefined;
  /**
   * The path of the fork that a merge request comes from: `project_id` and its like are then the fork's, and
   * `job_project_id` and its like those of `project`. Default none.
   */
  readonly mergeRequestFrom?: string | undefined;
  /** The name of the branch or tag; default `main`. */
  readonly ref?: string | undefined;
  /** Default `branch`. */
  readonly refType?: 'branch' | 'tag' | undefined;
  /** Default true for the branch `main` of the project itself. */
  readonly refProtected?: boolean | undefined;
  readonly environment?: string | undefined;
  /** Default false. */
  readonly environmentProtected?: boolean | undefined;
  /** Default by the environment's name, for example `production` for `prod`. */
  readonly deploymentTier?: string | undefined;
  /** Default `push`; from a fork `merge_request_event`. */
  readonly pipelineSource?: string | undefined;
  /** Who started it; default `sample-user`. */
  readonly user?: string | undefined;
  /** Default `private`. */
  readonly visibility?: 'public' | 'internal' | 'private' | undefined;
  /** Default 1. */
  readonly runnerId?: number | undefined;
  /** Default `gitlab-hosted` on gitlab.com, `self-hosted` elsewhere. */
  readonly runnerEnvironment?: 'gitlab-hosted' | 'self-hosted' | undefined;
  /** Default the issuer. */
  readonly audience?: string | readonly string[] | undefined;
  /** Default `https://gitlab.com`. */
  readonly issuer?: string | undefined;
  /** `ci_id_token_sub_claim_components` of the project; default all three. */
  readonly subjectComponents?: readonly ('project_path' | 'ref_type' | 'ref')[] | undefined;
  /** The job's timeout, in seconds; default 3600. */
  readonly timeoutSeconds?: number | undefined;
  /** Claims instead of these, after all is derived; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

const jobOptions: PresetOptions<GitLabJob> = {
  project: 'required',
  projectId: 'optional',
  namespaceId: 'optional',
  mergeRequestFrom: 'optional',
  ref: 'optional',
  refType: 'optional',
  refProtected: 'optional',
  environment: 'optional',
  environmentProtected: 'optional',
  deploymentTier: 'optional',
  pipelineSource: 'optional',
  user: 'optional',
  visibility: 'optional',
  runnerId: 'optional',
  runnerEnvironment: 'optional',
  audience: 'optional',
  issuer: 'optional',
  subjectComponents: 'optional',
  timeoutSeconds: 'optional',
  claims: 'optional',
};

/**
 * The ID token of a job of GitLab CI/CD, signed with RS256: it counts from 5 seconds before it was issued until the
 * job's timeout. Ids and flags are strings, as GitLab has them; `runner_id` alone is a number.
 * @throws TypeError for a project without a group
 * @see https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload
 * @example
 * const jwt = await issuer.sign(gitlab({ project: 'acme/site', ref: 'main', audience: 'vault' }));
 */
export function gitlab(job: GitLabJob): TokenBuilder {
  checkOptions('gitlab', job, jobOptions);
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      const { issuer: iss = 'https://gitlab.com', timeoutSeconds = 3_600, mergeRequestFrom } = job;
      const own = projectClaims(job.project, job);
      const source = mergeRequestFrom === undefined ? own : projectClaims(mergeRequestFrom);
      const ref = refClaims(job);
      const parts: Readonly<Record<string, string>> = { project_path: source.project_path, ...ref };
      const components = job.subjectComponents ?? ['project_path', 'ref_type', 'ref'];
      return {
        sub: components.map((name) => `${name}:${parts[name]}`).join(':'),
        aud: job.audience ?? iss,
        ...source,
        ...Object.fromEntries(Object.entries(own).map(([name, value]) => [`job_${name}`, value])),
        ...ref,
        ...environmentClaims(job),
        ...runClaims(job, iss),
        iss,
        iat,
        nbf: iat - 5,
        exp: iat + timeoutSeconds,
        ...job.claims,
      };
    },
    { alg: 'RS256' as const },
  );
}

function projectClaims(path: string, ids: Pick<GitLabJob, 'projectId' | 'namespaceId'> = {}) {
  const namespace = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  if (namespace === '') throw new UsageError(`"${path}" is not "group/project"`);
  return {
    namespace_id: ids.namespaceId ?? numericId('namespace', namespace.toLowerCase()),
    namespace_path: namespace,
    project_id: ids.projectId ?? numericId('project', path.toLowerCase()),
    project_path: path,
  };
}

function refClaims({ ref = 'main', refType = 'branch', mergeRequestFrom, ...job }: GitLabJob) {
  const isMain = ref === 'main' && refType === 'branch' && mergeRequestFrom === undefined;
  return {
    ref,
    ref_type: refType,
    ref_path: `refs/${refType === 'tag' ? 'tags' : 'heads'}/${ref}`,
    ref_protected: String(job.refProtected ?? isMain),
  };
}

function environmentClaims({ environment, environmentProtected = false, deploymentTier }: GitLabJob) {
  if (environment === undefined) return {};
  return {
    environment,
    environment_protected: String(environmentProtected),
    deployment_tier: deploymentTier ?? tierOf(environment),
    environment_action: 'start',
  };
}

/** @see https://docs.gitlab.com/ci/environments/#deployment-tier-of-environments */
function tierOf(environment: string): string {
  const tiers = { development: /dev|review|trunk/i, testing: /test|qa|quality/i, staging: /sta?g|demo|pre/i };
  const found = Object.entries({ ...tiers, production: /prod|live/i }).find(([, names]) => names.test(environment));
  return found?.[0] ?? 'other';
}

function runClaims(job: GitLabJob, issuer: string) {
  const { project, ref = 'main', refType = 'branch', mergeRequestFrom, user = 'sample-user', runnerId = 1 } = job;
  const { runnerEnvironment = issuer === 'https://gitlab.com' ? 'gitlab-hosted' : 'self-hosted' } = job;
  const { pipelineSource = mergeRequestFrom === undefined ? 'push' : 'merge_request_event' } = job;
  const sha = commitOf(mergeRequestFrom ?? project, ref);
  const heads = `refs/${refType === 'tag' ? 'tags' : 'heads'}/${ref}`;
  const configRef = pipelineSource === 'merge_request_event' ? 'refs/merge-requests/1/head' : heads;
  return {
    user_id: numericId('user', user.toLowerCase()),
    user_login: user,
    user_email: `${user}@example.com`,
    user_access_level: 'developer',
    pipeline_id: numericId('pipeline', project, ref),
    pipeline_source: pipelineSource,
    job_id: numericId('job', project, ref),
    runner_id: runnerId,
    runner_environment: runnerEnvironment,
    sha,
    project_visibility: job.visibility ?? 'private',
    ci_config_ref_uri: `${new URL(issuer).host}/${project}//.gitlab-ci.yml@${configRef}`,
    ci_config_sha: sha,
  };
}

/**
 * The variables of a job with `id_tokens`: one token for each name, with its own audience.
 *
 * @example
 * const env = await gitlabIdTokens(issuer, { project: 'acme/app' }, { VAULT_ID_TOKEN: 'https://vault.example' });
 * @see https://docs.gitlab.com/ci/yaml/#id_tokens
 */
export async function gitlabIdTokens<Name extends string>(
  issuer: Pick<Issuer, 'sign'>,
  job: Omit<GitLabJob, 'audience'>,
  audiences: Readonly<Record<Name, string | readonly string[]>>,
): Promise<Record<Name, string>> {
  const named = Object.entries<string | readonly string[]>(audiences).map(
    async ([name, audience]) => [name, await issuer.sign(gitlab({ ...job, audience }))] as const,
  );
  return Object.fromEntries(await Promise.all(named)) as Record<Name, string>;
}
