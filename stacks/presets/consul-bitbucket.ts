import type { ConsulBinding } from '../consul-binding-rule.js';
import {
  type BitbucketProps,
  type BitbucketSteps,
  bitbucketClaims,
  bitbucketIssuer,
  bitbucketStepOptions,
} from './bitbucket-bounds.js';
import { bindingOptions, type ConsulJobsPreset, type ConsulPresetProps, presetForJobs } from './consul-preset.js';

export type { ConsulJobsPreset, ConsulPreset } from './consul-preset.js';

/** Which steps get in to Consul, and what they get there. */
export type ConsulBitbucketRule = BitbucketSteps & ConsulBinding & { readonly description?: string };

/** Whose steps, and the rules for them. */
export interface ConsulBitbucketProps extends BitbucketProps, ConsulPresetProps {
  /** One or more. */
  readonly rules: readonly ConsulBitbucketRule[];
}

/**
 * Consul's login for steps of Bitbucket Pipelines, whose tokens live for 15 minutes. Claims have their own names in
 * `${value.branchName}`.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/
 * @example
 * const steps = { repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}', branch: 'main' };
 * const rules = [{ ...steps, bindType: 'policy', bindName: 'deploy' }] as const;
 * new ConsulJwtStack(app, 'ci', consulBitbucket({ workspace: 'acme', audience: 'consul', rules }));
 */
export function consulBitbucket({ audience, rules, ...whose }: ConsulBitbucketProps): ConsulJobsPreset {
  return presetForJobs(
    { audience, rules },
    {
      name: 'bitbucket',
      title: 'Bitbucket Pipelines',
      issuer: bitbucketIssuer(whose),
      options: { ...bindingOptions, ...bitbucketStepOptions },
      claimsOf: bitbucketClaims,
    },
  );
}
