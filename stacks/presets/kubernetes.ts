import { refuseUnknown } from '../known-options.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';
import type { VendorBackend } from './claim-bounds.js';
import { clusterIssuer, type KubernetesProps, requireAccountName } from './kubernetes-cluster.js';
import { type PresetRoleProps, roleFor, roleOptions } from './preset-role.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { VendorBackend } from './claim-bounds.js';
export type { KubernetesProps } from './kubernetes-cluster.js';

/** Which pods get in: those of one service account. */
export interface KubernetesRoleProps extends PresetRoleProps {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** The service account's uid: one that was deleted and made again has another; default any. */
  readonly serviceAccountUid?: string;
}

/**
 * The backend for the service accounts of a cluster. Vault verifies their tokens with the cluster's keys and asks the
 * cluster nothing: a token that Kubernetes has revoked is taken until it expires.
 * @see https://developer.hashicorp.com/vault/docs/auth/jwt/oidc-providers/kubernetes
 * @example
 * new VaultJwtStack(app, 'kubernetes', { ...kubernetes(), roles: [role] });
 */
export function kubernetes(props: KubernetesProps = {}): VendorBackend {
  return clusterIssuer(props);
}

/**
 * A role for the pods of a service account, with projected tokens for its audience. The identity is the service
 * account's full name (`sub`).
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @example
 * const role = kubernetesRole({
 *   roleName: 'cart',
 *   namespace: 'shop',
 *   serviceAccount: 'cart',
 *   audience: 'https://vault.acme.example',
 *   tokenPolicies: ['cart'],
 * });
 */
export function kubernetesRole(props: KubernetesRoleProps): VaultJwtRole {
  const { roleName, namespace, serviceAccount, serviceAccountUid } = props;
  const own = { namespace: true, serviceAccount: true, serviceAccountUid: true } as const;
  refuseUnknown(`role "${roleName}"`, props, { ...roleOptions, ...own });
  for (const [name, value] of Object.entries({ namespace, serviceAccount })) {
    requireAccountName(`role "${roleName}"`, name, value);
  }
  return roleFor(props, {
    userClaim: 'sub',
    subject: `system:serviceaccount:${namespace}:${serviceAccount}`,
    claims: {
      '/kubernetes.io/namespace': namespace,
      '/kubernetes.io/serviceaccount/name': serviceAccount,
      '/kubernetes.io/serviceaccount/uid': serviceAccountUid,
    },
  });
}
