import type { ConsulBinding } from '../consul-binding-rule.js';
import { bindingOptions, type ConsulJobsPreset, type ConsulPresetProps, presetForJobs } from './consul-preset.js';
import {
  type SpiffeProps,
  type SpiffeWorkloads,
  spiffeIds,
  spiffeIssuer,
  spiffeWorkloadOptions,
} from './spiffe-bounds.js';

export type { ConsulJobsPreset, ConsulPreset } from './consul-preset.js';

/** Which workloads get in to Consul, and what they get there. */
export type ConsulSpiffeRule = SpiffeWorkloads & ConsulBinding & { readonly description?: string };

/** Which SPIRE, and the rules for its workloads. */
export interface ConsulSpiffeProps extends Omit<SpiffeProps, 'algorithms'>, ConsulPresetProps {
  /** One or more. */
  readonly rules: readonly ConsulSpiffeRule[];
}

/**
 * Consul's login for workloads with a JWT-SVID, whose Consul tokens live for an hour. The SPIFFE ID is the claim `sub`.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md
 * @example
 * const rules = [{ trustDomain: 'acme.example', path: '/cart', bindType: 'service', bindName: 'cart' }] as const;
 * const issuer = 'https://oidc.acme.example';
 * new ConsulJwtStack(app, 'workloads', consulSpiffe({ issuer, audience: 'consul', rules }));
 */
export function consulSpiffe({ audience, rules, ...whose }: ConsulSpiffeProps): ConsulJobsPreset {
  const preset = presetForJobs(
    { audience, rules },
    {
      name: 'spiffe',
      title: 'SPIFFE',
      issuer: spiffeIssuer(whose),
      options: { ...bindingOptions, ...spiffeWorkloadOptions },
      claimsOf: (what, rule) => ({ sub: spiffeIds(what, rule) }),
    },
  );
  return { ...preset, maxTokenTtl: '1h' };
}
