import type { ConsulBinding } from '../consul-binding-rule.js';
import { type BuildkiteJobs, buildkiteClaims, buildkiteIssuer, buildkiteJobOptions } from './buildkite-bounds.js';
import { bindingOptions, type ConsulJobsPreset, type ConsulPresetProps, presetForJobs } from './consul-preset.js';

export type { ConsulJobsPreset, ConsulPreset } from './consul-preset.js';

/** Which jobs get in to Consul, and what they get there. */
export type ConsulBuildkiteRule = BuildkiteJobs & ConsulBinding & { readonly description?: string };

/** The rules for jobs of Buildkite. */
export interface ConsulBuildkiteProps extends ConsulPresetProps {
  /** One or more. */
  readonly rules: readonly ConsulBuildkiteRule[];
}

/**
 * Consul's login for jobs of Buildkite, whose tokens live for 15 minutes. Claims have their own names in
 * `${value.pipeline_id}`.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://buildkite.com/docs/agent/v3/cli-oidc
 * @example
 * const pipeline = {
 *   organizationId: '0184990a-477b-4fa8-9968-496074483cee',
 *   pipelineId: '0184990a-4782-42b5-afc1-16715b10b8ff',
 *   branch: 'main',
 * };
 * const rules = [{ ...pipeline, bindType: 'policy', bindName: 'deploy' }] as const;
 * new ConsulJwtStack(app, 'ci', consulBuildkite({ audience: 'consul', rules }));
 */
export function consulBuildkite(props: ConsulBuildkiteProps): ConsulJobsPreset {
  return presetForJobs(props, {
    name: 'buildkite',
    title: 'Buildkite',
    issuer: buildkiteIssuer(),
    options: { ...bindingOptions, ...buildkiteJobOptions },
    claimsOf: buildkiteClaims,
  });
}
