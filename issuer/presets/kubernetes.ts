import type { Issuer, TokenBuilder } from '../issuer.js';
import { checkOptions, type PresetOptions, uuidOf, type VendorKeys } from './preset.js';

/**
 * A cluster's API server, by the name that it has inside the cluster.
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
 */
export const kubernetesKeys: VendorKeys = {
  isIssuer: ({ host }) => /^kubernetes\.default\.svc(?:\.|$)/.test(host),
  jwksUri: (issuer) => `${issuer}/openid/v1/jwks`,
};

/** A pod that has a projected token of its service account. */
export interface ServiceAccountToken {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Default one made of the names. */
  readonly serviceAccountUid?: string;
  /** Default the service account's name with `-0`. */
  readonly pod?: string;
  /** Default `node-0`. */
  readonly node?: string;
  /** Default `vault`. */
  readonly audience?: string | readonly string[];
  /** Default `https://kubernetes.default.svc.cluster.local`. */
  readonly issuer?: string;
  /** `expirationSeconds` of the volume; default 3600. */
  readonly expirationSeconds?: number;
  /** Claims instead of these, after all is derived; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const tokenOptions: PresetOptions<ServiceAccountToken> = {
  namespace: 'required',
  serviceAccount: 'required',
  serviceAccountUid: 'optional',
  pod: 'optional',
  node: 'optional',
  audience: 'optional',
  issuer: 'optional',
  expirationSeconds: 'optional',
  claims: 'optional',
};

/**
 * A projected token of a service account, bound to a pod and its node, signed with RS256: `aud` is a list and the header
 * has no `typ`, as the API server has it.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
 * @example
 * const jwt = await issuer.sign(serviceAccount({ namespace: 'shop', serviceAccount: 'cart', audience: 'vault' }));
 */
export function serviceAccount(token: ServiceAccountToken): TokenBuilder {
  checkOptions('serviceAccount', token, tokenOptions);
  const { namespace, serviceAccount: name, pod = `${name}-0`, node = 'node-0', audience = 'vault' } = token;
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      return {
        sub: `system:serviceaccount:${namespace}:${name}`,
        aud: typeof audience === 'string' ? [audience] : audience,
        'kubernetes.io': {
          namespace,
          node: { name: node, uid: uuidOf('node', node) },
          pod: { name: pod, uid: uuidOf('pod', namespace, pod) },
          serviceaccount: { name, uid: token.serviceAccountUid ?? uuidOf('service account', namespace, name) },
        },
        iss: token.issuer ?? 'https://kubernetes.default.svc.cluster.local',
        iat,
        nbf: iat,
        exp: iat + (token.expirationSeconds ?? 3_600),
        ...token.claims,
      };
    },
    { alg: 'RS256' as const, header: { typ: undefined } },
  );
}
