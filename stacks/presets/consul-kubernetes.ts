import type { ConsulBinding, ConsulBindingRule } from '../consul-binding-rule.js';
import { refuseUnknown } from '../known-options.js';
import { refuseWeak } from './claim-bounds.js';
import {
  audiencesOf,
  bindingOf,
  bindingOptions,
  bindingRule,
  type ConsulPreset,
  type ConsulPresetProps,
  namesIn,
} from './consul-preset.js';
import { clusterIssuer, type KubernetesProps, requireAccountName } from './kubernetes-cluster.js';

export type { ConsulPreset } from './consul-preset.js';

/**
 * Which pods get in to Consul: those of one service account, or of all of a namespace where the account is in the name that
 * they get: `{ namespace: 'prod', bindType: 'service', bindName: '${value.service_account}' }`.
 */
export type ConsulKubernetesRule = ConsulBinding & {
  readonly namespace: string;
  /** Default any, with `${value.service_account}` in the name, but `default`, which is every pod's that has no other. */
  readonly serviceAccount?: string;
  /** The service account's uid: one that was deleted and made again has another; default any. */
  readonly serviceAccountUid?: string;
  readonly description?: string;
};

/** Which cluster, and the rules for its pods. */
export interface ConsulKubernetesProps extends Pick<KubernetesProps, 'issuer' | 'jwksUrl'>, ConsulPresetProps {
  /** One or more. */
  readonly rules: readonly ConsulKubernetesRule[];
}

const claimMappings: Readonly<Record<string, string>> = {
  '/kubernetes.io/namespace': 'namespace',
  '/kubernetes.io/serviceaccount/name': 'service_account',
  '/kubernetes.io/serviceaccount/uid': 'service_account_uid',
  '/kubernetes.io/node/name': 'node',
};

/**
 * Consul's login for pods with a projected token of their service account. Names may have `${value.namespace}`,
 * `${value.service_account}` and `${value.node}` in them. Consul verifies tokens with the cluster's keys and asks the
 * cluster nothing, unlike its auth method of type `kubernetes`: a token that Kubernetes has revoked is taken until it expires.
 * Inside the cluster, give the stack the cluster's CA as `jwksCaCert`.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://developer.hashicorp.com/consul/docs/secure/acl/auth-method/jwt
 * @example
 * const rules = [{ namespace: 'shop', serviceAccount: 'cart', bindType: 'service', bindName: 'cart' }] as const;
 * new ConsulJwtStack(app, 'pods', consulKubernetes({ audience: 'consul', rules }));
 */
export function consulKubernetes({ audience, rules, ...cluster }: ConsulKubernetesProps): ConsulPreset {
  const { boundIssuer, jwksUrl } = clusterIssuer(cluster);
  return {
    name: 'kubernetes',
    jwksUrl,
    boundIssuer,
    boundAudiences: audiencesOf('the auth method for Kubernetes', audience),
    claimMappings,
    bindingRules: rules.map(ruleOf),
  };
}

function ruleOf(rule: ConsulKubernetesRule): ConsulBindingRule {
  const { namespace, serviceAccount, serviceAccountUid } = rule;
  const what = bindingOf(rule);
  const own = { namespace: true, serviceAccount: true, serviceAccountUid: true } as const;
  refuseUnknown(what, rule, { ...bindingOptions, ...own });
  requireAccountName(what, 'namespace', namespace);
  const claims = {
    '/kubernetes.io/namespace': namespace,
    '/kubernetes.io/serviceaccount/name': serviceAccount,
    '/kubernetes.io/serviceaccount/uid': serviceAccountUid,
  };
  const made = bindingRule(rule, claims, (claim) => claimMappings[claim] ?? claim);
  if (serviceAccount !== undefined) {
    requireAccountName(what, 'serviceAccount', serviceAccount);
    return made;
  }
  if (!namesIn(rule).includes('service_account')) refuseWeak(what, 'every account of the namespace', 'serviceAccount');
  return { ...made, selector: `${made.selector} and value.service_account != "default"` };
}
