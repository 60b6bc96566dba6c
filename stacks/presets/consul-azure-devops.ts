import type { ConsulBinding } from '../consul-binding-rule.js';
import {
  type AzureDevopsJobs,
  type AzureDevopsProps,
  azureDevopsAudience,
  azureDevopsIssuer,
  azureDevopsJobOptions,
  azureDevopsSubject,
} from './azure-devops-bounds.js';
import { bindingOptions, type ConsulJobsPreset, type ConsulPresetProps, presetForJobs } from './consul-preset.js';

export type { ConsulJobsPreset, ConsulPreset } from './consul-preset.js';

/** Which jobs get in to Consul, and what they get there. */
export type ConsulAzureDevopsRule = AzureDevopsJobs & ConsulBinding & { readonly description?: string };

/** Whose issuer, and the rules for its service connections. */
export interface ConsulAzureDevopsProps extends AzureDevopsProps, Partial<ConsulPresetProps> {
  /** One or more. */
  readonly rules: readonly ConsulAzureDevopsRule[];
}

/**
 * Consul's login for jobs of an organization of Azure DevOps that use a service connection; their tokens live for 15 minutes. The
 * audience is `api://AzureADTokenExchange` by default, the only one that Azure DevOps signs.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://learn.microsoft.com/azure/devops/pipelines/release/configure-workload-identity
 * @example
 * const connection = { organization: 'acme', project: 'shop', serviceConnection: 'consul' };
 * const rules = [{ ...connection, bindType: 'policy', bindName: 'deploy' }] as const;
 * new ConsulJwtStack(app, 'ci', consulAzureDevops({ organizationId: '6804a3a0-e94c-41ae-9343-c5676fd58375', rules }));
 */
export function consulAzureDevops({
  audience = azureDevopsAudience,
  rules,
  ...whose
}: ConsulAzureDevopsProps): ConsulJobsPreset {
  return presetForJobs(
    { audience, rules },
    {
      name: 'azure-devops',
      title: 'Azure DevOps',
      issuer: azureDevopsIssuer(whose),
      options: { ...bindingOptions, ...azureDevopsJobOptions },
      claimsOf: (what, rule) => ({ sub: azureDevopsSubject(what, rule) }),
    },
  );
}
