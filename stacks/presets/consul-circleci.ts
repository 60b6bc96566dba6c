import type { ConsulBinding } from '../consul-binding-rule.js';
import {
  type CircleciJobs,
  type CircleciProps,
  circleciClaims,
  circleciIssuer,
  circleciJobOptions,
} from './circleci-bounds.js';
import { bindingOptions, type ConsulJobsPreset, type ConsulPresetProps, presetForJobs } from './consul-preset.js';

export type { ConsulJobsPreset, ConsulPreset } from './consul-preset.js';

/** Which jobs get in to Consul, and what they get there. */
export type ConsulCircleciRule = CircleciJobs & ConsulBinding & { readonly description?: string };

/** Whose jobs, and the rules for them. */
export interface ConsulCircleciProps extends CircleciProps, ConsulPresetProps {
  /** One or more. */
  readonly rules: readonly ConsulCircleciRule[];
}

/**
 * Consul's login for jobs of an organization of CircleCI, whose tokens live for 15 minutes. In names, claims are called
 * `${value.project_id}`, `${value.vcs_origin}` and `${value.vcs_ref}`.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/
 * @example
 * const organizationId = '12345678-1234-4234-8234-123456789012';
 * const jobs = {
 *   projectId: '87654321-4321-4321-8321-210987654321',
 *   vcsOrigin: 'github.com/acme/app',
 *   vcsRef: 'refs/heads/main',
 * };
 * const rules = [{ ...jobs, bindType: 'policy', bindName: 'deploy' }] as const;
 * new ConsulJwtStack(app, 'ci', consulCircleci({ organizationId, audience: organizationId, rules }));
 */
export function consulCircleci({ audience, rules, ...whose }: ConsulCircleciProps): ConsulJobsPreset {
  return presetForJobs(
    { audience, rules },
    {
      name: 'circleci',
      title: 'CircleCI',
      issuer: circleciIssuer(whose),
      options: { ...bindingOptions, ...circleciJobOptions },
      claimsOf: circleciClaims,
    },
  );
}
