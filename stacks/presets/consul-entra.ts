import type { ConsulBinding } from '../consul-binding-rule.js';
import { refuseWeak } from './claim-bounds.js';
import { bindingOptions, type ConsulJobsPreset, type ConsulPresetProps, presetForJobs } from './consul-preset.js';
import {
  type EntraProps,
  type EntraWorkloads,
  entraClaims,
  entraIssuer,
  entraWorkloadOptions,
} from './entra-bounds.js';

export type { ConsulJobsPreset, ConsulPreset } from './consul-preset.js';

/** Which workloads get in to Consul, and what they get there. A group can't be bound: the claim `groups` is a list. */
export type ConsulEntraRule = Omit<EntraWorkloads, 'objectId'> &
  Required<Pick<EntraWorkloads, 'objectId'>> &
  ConsulBinding & { readonly description?: string };

/** Whose issuer, and the rules for the tenant's workloads. */
export interface ConsulEntraProps extends EntraProps, ConsulPresetProps {
  /** One or more. */
  readonly rules: readonly ConsulEntraRule[];
}

/**
 * Consul's login for workloads of a tenant of Microsoft Entra, whose Consul tokens live for an hour. Claims have their own
 * names in `${value.oid}`.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 * @example
 * const tenantId = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
 * const objectId = 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb';
 * const rules = [{ objectId, bindType: 'service', bindName: 'cart' }] as const;
 * new ConsulJwtStack(app, 'entra', consulEntra({ tenantId, audience: '00001111-aaaa-2222-bbbb-3333cccc4444', rules }));
 */
export function consulEntra({ audience, rules, ...whose }: ConsulEntraProps): ConsulJobsPreset {
  const preset = presetForJobs(
    { audience, rules },
    {
      name: 'entra',
      title: 'Microsoft Entra',
      issuer: entraIssuer(whose),
      options: { ...bindingOptions, ...entraWorkloadOptions },
      claimsOf: (what, rule) => {
        if (rule.objectId === undefined) refuseWeak(what, 'every workload and user of the tenant', 'objectId');
        return entraClaims(rule, whose.version);
      },
    },
  );
  return { ...preset, maxTokenTtl: '1h' };
}
