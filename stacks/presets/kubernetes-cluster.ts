import { refuseUnknown } from '../known-options.js';
import { refuseWeak, type VendorBackend } from './claim-bounds.js';

/** Which cluster signs. */
export interface KubernetesProps {
  /** The API server's `--service-account-issuer`; default `https://kubernetes.default.svc.cluster.local`. */
  readonly issuer?: string;
  /**
   * Where Vault or Consul fetches the cluster's keys: the `jwks_uri` of the issuer's discovery document, which hosted clusters
   * have elsewhere; default the issuer's `/openid/v1/jwks`. Inside the cluster, give the stack the cluster's CA as
   * `jwksCaPem`.
   */
  readonly jwksUrl?: string;
  /** The algorithm of the cluster's key; default `['RS256']`. */
  readonly algorithms?: readonly string[];
}

/**
 * Who signs the tokens of a cluster's service accounts.
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
 */
export function clusterIssuer(props: KubernetesProps = {}): VendorBackend {
  refuseUnknown<KubernetesProps>('Kubernetes', props, { issuer: true, jwksUrl: true, algorithms: true });
  const { issuer = 'https://kubernetes.default.svc.cluster.local', algorithms = ['RS256'] } = props;
  const { jwksUrl = `${issuer}/openid/v1/jwks` } = props;
  return { boundIssuer: issuer, jwksUrl, jwtSupportedAlgs: [...algorithms] };
}

/**
 * Checks a namespace or the name of a service account.
 * @param what the role or the rule, for the message
 * @throws TypeError for none, and for what is no name
 */
export function requireAccountName(what: string, name: string, value: string | undefined): void {
  if (value === undefined) refuseWeak(what, 'more than one account', name);
  // A colon would make another account's name of it.
  if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(value)) return;
  throw new TypeError(`invalid ${name} "${value}"; expected lower-case letters, digits, "-" and "."`);
}
