import type { ConsulBinding } from '../consul-binding-rule.js';
import {
  audiencesOf,
  bindingOf,
  bindingOptions,
  bindingRule,
  type ConsulPreset,
  type ConsulPresetProps,
} from './consul-bounds.js';
import {
  type GitHubActionsJobs,
  type GitHubActionsProps,
  githubClaims,
  githubIssuer,
  githubJobOptions,
} from './github-actions-jobs.js';
import { refuseUnknown } from './known-options.js';

export type { ConsulPreset } from './consul-bounds.js';

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
export function consulGithubActions({ audience, rules, ...whose }: ConsulGitHubActionsProps): ConsulPreset & {
  readonly maxTokenTtl: string;
} {
  const { boundIssuer, jwksUrl } = githubIssuer(whose);
  const claimMappings: Record<string, string> = {};
  const ruleOf = (rule: ConsulGitHubActionsRule) => {
    refuseUnknown(bindingOf(rule), rule, { ...bindingOptions, ...githubJobOptions });
    const claims = githubClaims(bindingOf(rule), rule);
    for (const claim of Object.keys(claims)) claimMappings[claim] = nameOf(claim);
    return bindingRule(rule, claims, nameOf);
  };
  return {
    name: 'github-actions',
    jwksUrl,
    boundIssuer,
    boundAudiences: audiencesOf('the auth method for GitHub Actions', audience),
    bindingRules: rules.map(ruleOf),
    claimMappings,
    maxTokenTtl: '15m',
  };
}

function nameOf(claim: string): string {
  return claim.replace(/\W/g, '_');
}
