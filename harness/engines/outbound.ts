import { VaultproofError } from '../../errors/index.js';

/** The one way out that a server has to hosts that are not this one's loopback, and the only CAs that it trusts. */
export interface Outbound {
  /** The port of an HTTP proxy where the server reaches this host. */
  readonly port: number;
  /** The CAs, PEM. */
  readonly caPem: string;
}

/** What a server's start takes of it. */
export interface OutboundSettings {
  readonly env: Readonly<Record<string, string>>;
  /** Files of the server's folder, by name. */
  readonly files: Readonly<Record<string, string>>;
}

const CA_FILE = 'outbound-ca.pem';
/** Where containers have their addresses: by those, servers reach each other. */
const PRIVATE_NETWORKS = '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16';

/**
 * The variables that Go's HTTP client and certificate verifier read, in a server's environment. Go leaves loopback out of a
 * proxy by itself; the empty folder is named because Go looks at the system's for none.
 * @param user what the server calls itself to the proxy
 * @param hostName the name that it has for this host
 * @see https://pkg.go.dev/net/http#ProxyFromEnvironment and https://pkg.go.dev/crypto/x509#SystemCertPool
 */
export function outboundSettings(
  outbound: Outbound | undefined,
  { user, engine, hostName, folder }: { user: string; engine: 'docker' | 'process'; hostName: string; folder: string },
): OutboundSettings {
  if (outbound === undefined) return { env: {}, files: {} };
  if (engine === 'process' && process.platform === 'darwin') {
    throw unsupported(
      'a process on macOS uses the keychain\'s CAs alone: use { engine: "docker" }, or VAULTPROOF_ENGINE=docker',
    );
  }
  const proxy = `http://${user}@${hostName}:${outbound.port}`;
  return {
    env: {
      HTTPS_PROXY: proxy,
      HTTP_PROXY: proxy,
      ...(engine === 'docker' && { NO_PROXY: `${hostName},${PRIVATE_NETWORKS}` }),
      SSL_CERT_FILE: `${folder}/${CA_FILE}`,
      SSL_CERT_DIR: `${folder}/no-certificates`,
    },
    files: { [CA_FILE]: outbound.caPem },
  };
}

/** A server that can't be kept from the vendors' own hosts. */
export function unsupported(why: string): VaultproofError {
  return new VaultproofError('impersonation_unsupported', `vendors can't be impersonated here: ${why}`);
}
