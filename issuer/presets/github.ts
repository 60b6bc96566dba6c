import { UsageError } from '../../errors/index.js';
import type { Issuer, TokenBuilder } from '../issuer.js';
import { checkOptions, commitOf, numericId, type PresetOptions, type VendorKeys } from './preset.js';

/** From then on repositories have immutable subjects, as has one that is renamed or transferred later. */
const IMMUTABLE_SINCE = Date.UTC(2026, 6, 16);

type Claims = Readonly<Record<string, unknown>>;

/**
 * GitHub's issuers: github.com's, an enterprise's behind it, one with data residency, and a server's.
 * @see https://docs.github.com/en/actions/reference/security/oidc
 */
export const githubKeys: VendorKeys = {
  isIssuer: ({ host, pathname }) =>
    /^token\.actions\.(?:githubusercontent\.com|[^.]+\.ghe\.com)$/.test(host) || pathname === '/_services/token',
  jwksUri: (issuer) => `${issuer}/.well-known/jwks`,
};

/** A job of GitHub Actions that asks for its token. */
export interface GitHubJob {
  /** `owner/name`. */
  readonly repository: string;
  /** Default one made of the name, whose case does not count. */
  readonly repositoryId?: string | undefined;
  /** Default one made of the owner's name. */
  readonly ownerId?: string | undefined;
  /** Default `refs/heads/main`; with the event `pull_request` `refs/pull/1/merge`. */
  readonly ref?: string | undefined;
  readonly refProtected?: boolean | undefined;
  readonly environment?: string | undefined;
  /** Default `push`. */
  readonly event?: string | undefined;
  /** The branch that a pull request comes from; default `feature`, and empty for other events. */
  readonly headRef?: string | undefined;
  /** The branch that it goes to; default `main`. */
  readonly baseRef?: string | undefined;
  /** Who started the run; default `octocat`. */
  readonly actor?: string | undefined;
  /** The workflow's file; default `.github/workflows/ci.yml`. */
  readonly workflow?: string | undefined;
  /** The reusable workflow that the job runs in, with its ref; default the workflow itself. */
  readonly jobWorkflowRef?: string | undefined;
  /** Default `private`. */
  readonly visibility?: 'public' | 'internal' | 'private' | undefined;
  /** Default `github-hosted`. */
  readonly runnerEnvironment?: 'github-hosted' | 'self-hosted' | undefined;
  /** The enterprise's slug; default none. */
  readonly enterprise?: string | undefined;
  readonly enterpriseId?: string | undefined;
  /** Custom properties without `repo_property_`; a list is one text with commas in it, as GitHub has it. */
  readonly properties?: Readonly<Record<string, string | boolean | readonly string[]>> | undefined;
  /** Default the URL of the owner. */
  readonly audience?: string | undefined;
  /** Default `https://token.actions.githubusercontent.com`; an enterprise's, a server's and ghe.com's are others. */
  readonly issuer?: string | undefined;
  /** When the repository was made, renamed or transferred: its subject is immutable after 2026-07-15. Default now. */
  readonly repositoryChanged?: string | undefined;
  /** Default by `repositoryChanged`; never on a GitHub Enterprise Server. */
  readonly immutableSubject?: boolean | undefined;
  /** `include_claim_keys`, where the subject is customized; default `['repo', 'context']`. */
  readonly subjectTemplate?: readonly string[] | undefined;
  /** Claims instead of these, after all is derived; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

const jobOptions: PresetOptions<GitHubJob> = {
  repository: 'required',
  repositoryId: 'optional',
  ownerId: 'optional',
  ref: 'optional',
  refProtected: 'optional',
  environment: 'optional',
  event: 'optional',
  headRef: 'optional',
  baseRef: 'optional',
  actor: 'optional',
  workflow: 'optional',
  jobWorkflowRef: 'optional',
  visibility: 'optional',
  runnerEnvironment: 'optional',
  enterprise: 'optional',
  enterpriseId: 'optional',
  properties: 'optional',
  audience: 'optional',
  issuer: 'optional',
  repositoryChanged: 'optional',
  immutableSubject: 'optional',
  subjectTemplate: 'optional',
  claims: 'optional',
};

/**
 * The token of a job of GitHub Actions, signed with RS256: it counts from 10 minutes before it was issued until 5
 * minutes after. On `pull_request_target` its subject has the ref of the base branch.
 * @throws TypeError for a repository without an owner, or a subject that needs what the job has not
 * @see https://docs.github.com/en/actions/reference/security/oidc
 * @example
 * const jwt = await issuer.sign(github({ repository: 'acme/payments', ref: 'refs/heads/main', audience: 'vault' }));
 */
export function github(job: GitHubJob): TokenBuilder {
  checkOptions('github', job, jobOptions);
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      const { issuer: iss = 'https://token.actions.githubusercontent.com' } = job;
      const server = serverOf(iss);
      const claims = { ...whereOf(job), ...runOf(job), ...propertiesOf(job) };
      const sub = githubSubject(claims, isImmutable(job, iss), job.subjectTemplate);
      const aud = job.audience ?? `${server}/${claims.repository_owner}`;
      return { sub, aud, ...claims, iss, nbf: iat - 600, iat, exp: iat + 300, ...job.claims };
    },
    { alg: 'RS256' as const },
  );
}

function whereOf({ repository, repositoryId, ownerId, enterprise, enterpriseId, visibility = 'private' }: GitHubJob) {
  const [owner = '', name = '', ...more] = repository.split('/');
  if (owner === '' || name === '' || more.length > 0) throw new UsageError(`"${repository}" is not "owner/name"`);
  return {
    repository,
    repository_owner: owner,
    repository_owner_id: ownerId ?? numericId('owner', owner.toLowerCase()),
    repository_id: repositoryId ?? numericId('repository', repository.toLowerCase()),
    repository_visibility: visibility,
    ...(enterprise === undefined ? {} : { enterprise }),
    ...(enterprise === undefined ? {} : { enterprise_id: enterpriseId ?? numericId('enterprise', enterprise) }),
  };
}

function runOf(job: GitHubJob) {
  const { repository, event = 'push', actor = 'octocat', workflow = '.github/workflows/ci.yml', environment } = job;
  const isPullRequest = event.startsWith('pull_request');
  const { ref = event === 'pull_request' ? 'refs/pull/1/merge' : 'refs/heads/main', baseRef = 'main' } = job;
  const { headRef = 'feature', runnerEnvironment = 'github-hosted', refProtected = false } = job;
  const sha = commitOf(repository, ref);
  const workflowRef = `${repository}/${workflow}@${ref}`;
  const jobWorkflowRef = job.jobWorkflowRef ?? workflowRef;
  return {
    ref,
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: String(refProtected),
    sha,
    ...(environment === undefined ? {} : { environment }),
    event_name: event,
    head_ref: isPullRequest ? headRef : '',
    base_ref: isPullRequest ? baseRef : '',
    actor,
    actor_id: numericId('owner', actor.toLowerCase()),
    workflow: workflow.replace(/^.*\/|\.ya?ml$/g, ''),
    workflow_ref: workflowRef,
    workflow_sha: sha,
    job_workflow_ref: jobWorkflowRef,
    job_workflow_sha: jobWorkflowRef === workflowRef ? sha : commitOf(jobWorkflowRef),
    run_id: numericId('run', repository, ref),
    run_number: '1',
    run_attempt: '1',
    check_run_id: numericId('check run', repository, ref),
    runner_environment: runnerEnvironment,
  };
}

function propertiesOf({ properties = {} }: GitHubJob): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [`repo_property_${name}`, `${value}`]));
}

function isImmutable({ immutableSubject, repositoryChanged }: GitHubJob, issuer: string): boolean {
  if (issuer.endsWith('/_services/token')) return false;
  return immutableSubject ?? (repositoryChanged === undefined || Date.parse(repositoryChanged) >= IMMUTABLE_SINCE);
}

/** Where the owner's page is: github.com, SUBDOMAIN.ghe.com, or a server of one's own. */
function serverOf(issuer: string): string {
  const { origin, host, pathname } = new URL(issuer);
  if (pathname === '/_services/token') return origin;
  return host.endsWith('.ghe.com') ? `https://${host.replace(/^token\.actions\./, '')}` : 'https://github.com';
}

/**
 * The `sub` by GitHub's rules: the environment comes before the event, the event `pull_request` before the ref, and a
 * colon in a value is `%3A`.
 * @throws TypeError for a claim of the template that the job has not
 * @see https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
 */
function githubSubject(claims: Claims, immutable: boolean, template: readonly string[] = ['repo', 'context']): string {
  const parts = template.map((key) => {
    if (key === 'repo') return `repo:${repositoryIn(claims, immutable)}`;
    if (key === 'context') return contextOf(claims);
    const value = claims[key];
    if (typeof value === 'string') return `${key}:${escaped(value)}`;
    throw new UsageError(`the subject needs the claim "${key}", which this job does not have`);
  });
  return parts.join(':');
}

function repositoryIn(claims: Claims, immutable: boolean): string {
  const [owner, name] = String(claims['repository']).split('/');
  if (!immutable) return `${owner}/${name}`;
  return `${owner}@${claims['repository_owner_id']}/${name}@${claims['repository_id']}`;
}

function contextOf({ environment, event_name, ref }: Claims): string {
  if (typeof environment === 'string') return `environment:${escaped(environment)}`;
  return event_name === 'pull_request' ? 'pull_request' : `ref:${escaped(String(ref))}`;
}

function escaped(value: string): string {
  return value.replaceAll(':', '%3A');
}
