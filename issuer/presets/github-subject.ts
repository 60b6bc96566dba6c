import { WrongUse } from '../../errors/index.js';

/** What the `sub` of a job is made of. */
export interface GitHubSubject {
  /** The token's other claims. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Whether owner and repository have their ids behind them. */
  readonly immutable: boolean;
  /** `include_claim_keys` of the repository or its owner; default `['repo', 'context']`. */
  readonly template?: readonly string[];
}

/**
 * The `sub` by GitHub's rules: the environment comes before the event, the event `pull_request` before the ref, and a
 * colon in a value is `%3A`.
 * @throws TypeError for a claim of the template that the job has not
 * @see https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
 */
export function githubSubject({ claims, immutable, template = ['repo', 'context'] }: GitHubSubject): string {
  const parts = template.map((key) => {
    if (key === 'repo') return `repo:${repositoryIn(claims, immutable)}`;
    if (key === 'context') return contextOf(claims);
    const value = claims[key];
    if (typeof value === 'string') return `${key}:${escaped(value)}`;
    throw new WrongUse(`the subject needs the claim "${key}", which this job does not have`);
  });
  return parts.join(':');
}

function repositoryIn(claims: GitHubSubject['claims'], immutable: boolean): string {
  const [owner, name] = String(claims['repository']).split('/');
  if (!immutable) return `${owner}/${name}`;
  return `${owner}@${claims['repository_owner_id']}/${name}@${claims['repository_id']}`;
}

function contextOf({ environment, event_name, ref }: GitHubSubject['claims']): string {
  if (typeof environment === 'string') return `environment:${escaped(environment)}`;
  return event_name === 'pull_request' ? 'pull_request' : `ref:${escaped(String(ref))}`;
}

function escaped(value: string): string {
  return value.replaceAll(':', '%3A');
}
