import type { ConsulBinding } from '../consul-binding-rule.js';
import { bindingOptions, type ConsulJobsPreset, type ConsulPresetProps, presetForJobs } from './consul-preset.js';
import { type GoogleWorkloads, googleClaims, googleIssuer, googleWorkloadOptions } from './google-bounds.js';

export type { ConsulJobsPreset, ConsulPreset } from './consul-preset.js';

/** Which workloads get in to Consul, and what they get there. */
export type ConsulGoogleRule = GoogleWorkloads & ConsulBinding & { readonly description?: string };

/** The rules for service accounts of Google. */
export interface ConsulGoogleProps extends ConsulPresetProps {
  /** One or more. */
  readonly rules: readonly ConsulGoogleRule[];
}

/**
 * Consul's login for service accounts of Google, whose Consul tokens live for an hour. In names, claims are called `${value.sub}`,
 * `${value.email}`, `${value.project_id}`, `${value.zone}`, `${value.instance_id}` and `${value.instance_name}`.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://cloud.google.com/compute/docs/instances/verifying-instance-identity
 * @example
 * const account = { serviceAccountId: '112010400000000710080', projectId: 'acme-prod' };
 * const rules = [{ ...account, bindType: 'service', bindName: 'cart' }] as const;
 * new ConsulJwtStack(app, 'google', consulGoogle({ audience: 'consul', rules }));
 */
export function consulGoogle(props: ConsulGoogleProps): ConsulJobsPreset {
  const preset = presetForJobs(props, {
    name: 'google',
    title: 'Google',
    issuer: googleIssuer(),
    options: { ...bindingOptions, ...googleWorkloadOptions },
    claimsOf: googleClaims,
  });
  return { ...preset, maxTokenTtl: '1h' };
}
