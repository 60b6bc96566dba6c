import type { ConsulBinding } from '../consul-binding-rule.js';
import { bindingOptions, type ConsulJobsPreset, type ConsulPresetProps, presetForJobs } from './consul-preset.js';
import {
  type GitHubActionsJobs,
  type GitHubActionsProps,
  githubClaims,
  githubIssuer,
  githubJobOptions,
} from './github-actions-bounds.js';

export type { ConsulJobsPreset, ConsulPreset } from './consul-preset.js';

/** Which jobs get in to Consul, and what they get there. */
export type ConsulGitHubActionsRule = GitHubActionsJobs & ConsulBinding & { readonly description?: string };

/** Whose jobs, and the rules for them. */
export interface ConsulGitHubActionsProps extends GitHubActionsProps, ConsulPresetProps {
  /** One or more. */
  readonly rules: readonly ConsulGitHubActionsRule[];
}

/**
 * Consul's login for jobs of GitHub Actions, whose tokens live for 15 minutes. Claims have their own names in
 * `${value.repository_id}`, with `_` for every character that a name can't have.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @example
 * const rules = [{ repositoryId: '74', ref: 'refs/heads/main', bindType: 'policy', bindName: 'deploy' }] as const;
 * new ConsulJwtStack(app, 'ci', consulGithubActions({ audience: 'consul', rules }));
 */
export function consulGithubActions({ audience, rules, ...whose }: ConsulGitHubActionsProps): ConsulJobsPreset {
  return presetForJobs(
    { audience, rules },
    {
      name: 'github-actions',
      title: 'GitHub Actions',
      issuer: githubIssuer(whose),
      options: { ...bindingOptions, ...githubJobOptions },
      claimsOf: githubClaims,
    },
  );
}
