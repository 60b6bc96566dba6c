import { type KnownOptions, refuseUnknown } from '../known-options.js';
import { type Bound, type ClaimBounds, digits, refuseWeak, textOf, type VendorBackend } from './claim-bounds.js';

/** Whose issuer signs; default github.com's, which all of its repositories share. */
export interface GitHubActionsProps {
  /** The enterprise's slug, where it has switched its own issuer URL on (`include_enterprise_slug`). */
  readonly enterprise?: string;
  /** The subdomain of ghe.com, with data residency. */
  readonly subdomain?: string;
  /** The host of a GitHub Enterprise Server. */
  readonly host?: string;
}

/** Events whose workflow, code and ref come from someone who may write to the repository. */
const EVENTS: readonly string[] = ['push', 'release', 'schedule', 'workflow_dispatch'];

/**
 * Which jobs get in. A repository needs its id; an owner alone needs `jobWorkflowRef`, too. One of `ref`, `environment`
 * and `jobWorkflowRef` says which jobs of it.
 */
export interface GitHubActionsJobs {
  /** `owner/name`: a renamed or transferred repository is kept out until this says so; default any name. */
  readonly repository?: string;
  /** What `gh api repos/OWNER/NAME --jq .id` says: names are given to others again, ids are not. */
  readonly repositoryId?: string;
  /** What `gh api users/OWNER --jq .id` says; a repository keeps its id when it is transferred to another owner. */
  readonly ownerId?: string;
  readonly enterpriseId?: string;
  /** For example `refs/heads/main`, `{ below: 'refs/tags/' }`, or `{ below: 'refs/pull/' }` with that event. */
  readonly ref?: Bound;
  readonly environment?: Bound;
  /** The reusable workflow, for example `acme/shared/.github/workflows/deploy.yml@refs/heads/main`. */
  readonly jobWorkflowRef?: Bound;
  /**
   * Default push, release, schedule and workflow_dispatch. On `pull_request_target`, `issue_comment` and
   * `workflow_run` the ref is the default branch, for any actor.
   */
  readonly event?: string | readonly string[];
  readonly visibility?: 'public' | 'internal' | 'private';
  readonly runnerEnvironment?: 'github-hosted' | 'self-hosted';
  /** Custom properties of the repository, without `repo_property_`; one of several values can't be bound. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** The options that say which jobs get in. */
export const githubJobOptions: KnownOptions<GitHubActionsJobs> = {
  repository: true,
  repositoryId: true,
  ownerId: true,
  enterpriseId: true,
  ref: true,
  environment: true,
  jobWorkflowRef: true,
  event: true,
  visibility: true,
  runnerEnvironment: true,
  properties: true,
};

/**
 * Who signs the tokens of GitHub Actions.
 * @throws TypeError for a host beside an enterprise or a subdomain
 * @see https://docs.github.com/en/actions/reference/security/oidc
 */
export function githubIssuer(props: GitHubActionsProps = {}): VendorBackend {
  refuseUnknown<GitHubActionsProps>('GitHub Actions', props, { enterprise: true, subdomain: true, host: true });
  const { enterprise, subdomain, host } = props;
  if (host !== undefined && (enterprise ?? subdomain) !== undefined) {
    throw new TypeError('a GitHub Enterprise Server has no enterprise slug and no subdomain: give "host" alone');
  }
  const cloud = subdomain === undefined ? 'githubusercontent.com' : `${subdomain}.ghe.com`;
  const boundIssuer =
    host === undefined
      ? `https://token.actions.${cloud}${enterprise === undefined ? '' : `/${enterprise}`}`
      : `https://${host}/_services/token`;
  return { boundIssuer, jwksUrl: `${boundIssuer}/.well-known/jwks`, jwtSupportedAlgs: ['RS256'] };
}

/**
 * What the tokens of some jobs must have.
 * @param what the role or the rule, for messages
 * @throws TypeError for bounds that let strangers in; the message says what to add
 */
export function githubClaims(what: string, props: GitHubActionsJobs): ClaimBounds {
  const { repository, repositoryId, ownerId, enterpriseId, ref, environment, jobWorkflowRef, properties = {} } = props;
  if (repositoryId === undefined) {
    if (repository !== undefined)
      refuseWeak(what, `anyone who later gets the name "${repository}"`, 'its repositoryId');
    if (ownerId === undefined) {
      refuseWeak(what, 'every repository of GitHub', 'repositoryId, or ownerId and jobWorkflowRef');
    }
    if (jobWorkflowRef === undefined) {
      refuseWeak(what, 'every repository of the owner', 'repositoryId or jobWorkflowRef');
    }
  }
  if ((ref ?? environment ?? jobWorkflowRef) === undefined) {
    refuseWeak(what, 'every branch of the repository', 'ref, environment or jobWorkflowRef');
  }
  if (ref !== undefined && !textOf(ref).startsWith('refs/')) {
    throw new TypeError(`"${textOf(ref)}" is not a ref: write "refs/heads/..." or "refs/tags/..."`);
  }
  if (jobWorkflowRef !== undefined) requireWorkflow(jobWorkflowRef);
  const propertyClaims: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties)) propertyClaims[`repo_property_${name}`] = value;
  return {
    repository,
    repository_id: repositoryId === undefined ? undefined : digits('repositoryId', repositoryId),
    repository_owner_id: ownerId === undefined ? undefined : digits('ownerId', ownerId),
    enterprise_id: enterpriseId === undefined ? undefined : digits('enterpriseId', enterpriseId),
    ref,
    environment,
    job_workflow_ref: jobWorkflowRef,
    event_name: props.event ?? EVENTS,
    repository_visibility: props.visibility,
    runner_environment: props.runnerEnvironment,
    ...propertyClaims,
  };
}

/** A workflow with its repository and its ref: a beginning that names no kind of ref takes those of pull requests, too. */
function requireWorkflow(bound: Bound): void {
  const text = textOf(bound);
  const whole =
    typeof bound === 'string' ? /^[^/@]+\/[^/@]+\/[^@]+@./ : /^[^/@]+\/[^/@]+\/[^@]+@refs\/(?:heads|tags)\//;
  if (whole.test(text)) return;
  throw new TypeError(
    `"${text}" is not a workflow with its ref: write "owner/name/.github/workflows/x.yml@refs/heads/..."`,
  );
}
