import { type KnownOptions, refuseUnknown } from '../known-options.js';
import { type Bound, type ClaimBounds, digits, refuseWeak, textOf, type VendorBackend } from './claim-bounds.js';

/** Which GitLab signs. */
export interface GitLabCiProps {
  /** The instance's URL; default `https://gitlab.com`, which all of its groups share. */
  readonly url?: string;
}

/**
 * Which jobs get in. GitLab asks for `projectId` or `namespaceId` always; one of `ref` and `environment` says which
 * jobs. `runner_id` can't be bound: it is a number in the token, and a declared bound is a string.
 */
export interface GitLabCiJobs {
  /**
   * The project's id, as its page shows it. In a pipeline for a merge request from a fork it is the fork's, wherever
   * that pipeline runs.
   */
  readonly projectId?: string;
  /** The id of the group or user that has the project directly; subgroups have ids of their own. */
  readonly namespaceId?: string;
  /** The id of the project that runs the job (`job_project_id`, GitLab 18.4 or later); default any. */
  readonly jobProjectId?: string;
  /** The branch's or tag's name without `refs/`, for example `main` or `{ below: 'release/' }`. */
  readonly ref?: Bound;
  /** Default `branch` with `ref`. */
  readonly refType?: 'branch' | 'tag';
  /** Whether the ref must be a protected one; default true. */
  readonly refProtected?: boolean;
  readonly environment?: Bound;
  /** Whether the environment must be a protected one; default true with `environment`. */
  readonly environmentProtected?: boolean;
  readonly deploymentTier?: 'production' | 'staging' | 'testing' | 'development' | 'other';
  /** For example `push` or `['push', 'schedule']`; default any. */
  readonly pipelineSource?: string | readonly string[];
  /** The pipeline's definition, for example `gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main`. */
  readonly ciConfigRefUri?: Bound;
}

/** The options that say which jobs get in. */
export const gitlabJobOptions: KnownOptions<GitLabCiJobs> = {
  projectId: true,
  namespaceId: true,
  jobProjectId: true,
  ref: true,
  refType: true,
  refProtected: true,
  environment: true,
  environmentProtected: true,
  deploymentTier: true,
  pipelineSource: true,
  ciConfigRefUri: true,
};

/**
 * Who signs the tokens of GitLab CI/CD.
 * @throws TypeError for a URL with a slash at its end
 * @see https://docs.gitlab.com/ci/secrets/id_token_authentication/
 */
export function gitlabIssuer(props: GitLabCiProps = {}): VendorBackend {
  refuseUnknown<GitLabCiProps>('GitLab CI/CD', props, { url: true });
  const { url = 'https://gitlab.com' } = props;
  if (url.endsWith('/')) throw new TypeError(`"${url}" ends with a slash, and the "iss" of GitLab does not`);
  return { boundIssuer: url, jwksUrl: `${url}/oauth/discovery/keys`, jwtSupportedAlgs: ['RS256'] };
}

/**
 * What the tokens of some jobs must have.
 * @param what the role or the rule, for messages
 * @throws TypeError for bounds that let strangers in; the message says what to add
 */
export function gitlabClaims(what: string, props: GitLabCiJobs): ClaimBounds {
  const { projectId, namespaceId, jobProjectId, ref, refType, refProtected = true, environment } = props;
  const { environmentProtected = true } = props;
  if ((projectId ?? namespaceId) === undefined) {
    refuseWeak(what, 'every project of the instance', 'projectId or namespaceId');
  }
  if ((ref ?? environment) === undefined) refuseWeak(what, 'every ref of the project', 'ref or environment');
  if (ref !== undefined && textOf(ref).startsWith('refs/')) {
    throw new TypeError(`"${textOf(ref)}" has a prefix, and GitLab's ref has none: write the name, and set refType`);
  }
  return {
    project_id: projectId === undefined ? undefined : digits('projectId', projectId),
    namespace_id: namespaceId === undefined ? undefined : digits('namespaceId', namespaceId),
    job_project_id: jobProjectId === undefined ? undefined : digits('jobProjectId', jobProjectId),
    ref,
    ref_type: refType ?? (ref === undefined ? undefined : 'branch'),
    ref_protected: refProtected ? 'true' : undefined,
    environment,
    environment_protected: environment !== undefined && environmentProtected ? 'true' : undefined,
    deployment_tier: props.deploymentTier,
    pipeline_source: props.pipelineSource,
    ci_config_ref_uri: props.ciConfigRefUri,
  };
}
