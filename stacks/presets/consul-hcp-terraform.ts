import type { ConsulBinding } from '../consul-binding-rule.js';
import { bindingOptions, type ConsulJobsPreset, type ConsulPresetProps, presetForJobs } from './consul-preset.js';
import {
  type HcpTerraformProps,
  type HcpTerraformRuns,
  hcpTerraformClaims,
  hcpTerraformIssuer,
  hcpTerraformRunOptions,
} from './hcp-terraform-bounds.js';

export type { ConsulJobsPreset, ConsulPreset } from './consul-preset.js';

/** Which runs get in to Consul, and what they get there. */
export type ConsulHcpTerraformRule = HcpTerraformRuns & ConsulBinding & { readonly description?: string };

/** Whose runs, and the rules for them. */
export interface ConsulHcpTerraformProps extends HcpTerraformProps, ConsulPresetProps {
  /** One or more. */
  readonly rules: readonly ConsulHcpTerraformRule[];
}

/**
 * Consul's login for runs of HCP Terraform, whose tokens live for 15 minutes: give `maxTokenTtl` after the preset for runs that
 * take longer. A workspace has the audience in `TFC_WORKLOAD_IDENTITY_AUDIENCE_CONSUL`, and its runs the token in
 * `TFC_WORKLOAD_IDENTITY_TOKEN_CONSUL`. Claims have their own names in `${value.terraform_workspace_id}`.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/manual-generation
 * @example
 * const runs = { organizationId: 'org-1', workspaceId: 'ws-1', runPhase: 'apply' } as const;
 * const rules = [{ ...runs, bindType: 'policy', bindName: 'services-write' }] as const;
 * new ConsulJwtStack(app, 'runs', consulHcpTerraform({ audience: 'consul.workload.identity', rules }));
 */
export function consulHcpTerraform({ audience, rules, ...whose }: ConsulHcpTerraformProps): ConsulJobsPreset {
  return presetForJobs(
    { audience, rules },
    {
      name: 'hcp-terraform',
      title: 'HCP Terraform',
      issuer: hcpTerraformIssuer(whose),
      options: { ...bindingOptions, ...hcpTerraformRunOptions },
      claimsOf: hcpTerraformClaims,
    },
  );
}
