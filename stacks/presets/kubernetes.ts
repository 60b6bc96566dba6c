import type { VaultJwtRole } from '../vault-jwt-role.js';
import { type PresetRoleProps, roleFor, type VendorBackend } from './bounds.js';

/** Which cluster signs. */
export interface KubernetesProps {
  /** The API server's `--service-account-issuer`; default `https://kubernetes.default.svc.cluster.local`. */
  readonly issuer?: string;
  /**
   * Where Vault fetches the cluster's keys: the `jwks_uri` of the issuer's discovery document, which hosted clusters
   * have elsewhere; default the issuer's `/openid/v1/jwks`. Inside the cluster, give the stack the cluster's CA as
   * `jwksCaPem`.
   */
  readonly jwksUrl?: string;
  /** The algorithm of the cluster's key; default `['RS256']`. */
  readonly algorithms?: readonly string[];
}

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
 */
export function kubernetes(props: KubernetesProps = {}): VendorBackend {
  const { issuer = 'https://kubernetes.default.svc.cluster.local', algorithms = ['RS256'] } = props;
  const { jwksUrl = `${issuer}/openid/v1/jwks` } = props;
  return { boundIssuer: issuer, jwksUrl, jwtSupportedAlgs: [...algorithms] };
}

/**
 * A role for the pods of a service account, with projected tokens for its audience. The identity is the service
 * account's full name (`sub`).
 * @throws TypeError for bounds that let strangers in; the message says what to add
 */
export function kubernetesRole(props: KubernetesRoleProps): VaultJwtRole {
  const { roleName, namespace, serviceAccount, serviceAccountUid } = props;
  for (const [name, value] of Object.entries({ namespace, serviceAccount })) {
    if (value === undefined) throw new TypeError(`role "${roleName}" lets in more than one account: add ${name}`);
    // A colon would make another account's name of it.
    if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(value)) {
      throw new TypeError(`"${value}" is no ${name}: it has small letters, digits, "-" and "." only`);
    }
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
