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
  type GitLabCiJobs,
  type GitLabCiProps,
  gitlabClaims,
  gitlabIssuer,
  gitlabJobOptions,
} from './gitlab-ci-jobs.js';
import { refuseUnknown } from './known-options.js';

export type { ConsulPreset } from './consul-bounds.js';

/** Which jobs get in to Consul, and what they get there. */
export type ConsulGitLabCiRule = GitLabCiJobs & ConsulBinding & { readonly description?: string };

/** Whose jobs, and the rules for them. */
export interface ConsulGitLabCiProps extends GitLabCiProps, ConsulPresetProps {
  /** One or more. */
  readonly rules: readonly ConsulGitLabCiRule[];
}

/**
 * Consul's login for jobs of GitLab CI/CD, whose tokens live for 15 minutes. Claims have their own names in
 * `${value.project_id}`.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @example
 * const rules = [{ projectId: '20', ref: 'main', bindType: 'policy', bindName: 'deploy' }] as const;
 * new ConsulJwtStack(app, 'ci', consulGitlabCi({ audience: 'consul', rules }));
 */
export function consulGitlabCi({ audience, rules, ...whose }: ConsulGitLabCiProps): ConsulPreset & {
  readonly maxTokenTtl: string;
} {
  const { boundIssuer, jwksUrl } = gitlabIssuer(whose);
  const claimMappings: Record<string, string> = {};
  const ruleOf = (rule: ConsulGitLabCiRule) => {
    refuseUnknown(bindingOf(rule), rule, { ...bindingOptions, ...gitlabJobOptions });
    const claims = gitlabClaims(bindingOf(rule), rule);
    for (const claim of Object.keys(claims)) claimMappings[claim] = claim;
    return bindingRule(rule, claims);
  };
  return {
    name: 'gitlab-ci',
    jwksUrl,
    boundIssuer,
    boundAudiences: audiencesOf('the auth method for GitLab CI/CD', audience),
    bindingRules: rules.map(ruleOf),
    claimMappings,
    maxTokenTtl: '15m',
  };
}
