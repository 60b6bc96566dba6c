import type { ConsulBinding } from '../consul-binding-rule.js';
import { bindingOptions, type ConsulJobsPreset, type ConsulPresetProps, presetForJobs } from './consul-preset.js';
import {
  type GitLabCiJobs,
  type GitLabCiProps,
  gitlabClaims,
  gitlabIssuer,
  gitlabJobOptions,
} from './gitlab-ci-bounds.js';

export type { ConsulJobsPreset, ConsulPreset } from './consul-preset.js';

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
export function consulGitlabCi({ audience, rules, ...whose }: ConsulGitLabCiProps): ConsulJobsPreset {
  return presetForJobs(
    { audience, rules },
    {
      name: 'gitlab-ci',
      title: 'GitLab CI/CD',
      issuer: gitlabIssuer(whose),
      options: { ...bindingOptions, ...gitlabJobOptions },
      claimsOf: gitlabClaims,
    },
  );
}
