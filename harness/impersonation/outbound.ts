import { VaultproofError } from '../../errors/index.js';
import type { Outbound } from '../engines/index.js';

const CA_FILE = 'outbound-ca.pem';
/** Where containers have their addresses: by those, servers reach each other. */
const PRIVATE_NETWORKS = '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16';

/**
 * The variables that Go's HTTP client and certificate verifier read. Go leaves loopback out of a proxy by itself. The folder
 * of certificates does not exist: without one that is named, Go reads the system's.
 * @param port the proxy's, where servers reach this host
 * @param caPem the only CAs that they trust
 * @throws VaultproofError `impersonation_unsupported` from what it returns, for a process on macOS and a Docker on another host
 * @see https://pkg.go.dev/net/http#ProxyFromEnvironment and https://pkg.go.dev/crypto/x509#SystemCertPool
 */
export function outboundBy(port: number, caPem: string): Outbound {
  return ({ service, engine, hostName, folder, isElsewhere }) => {
    if (engine === 'process' && process.platform === 'darwin') {
      throw unsupported(
        'a process on macOS trusts the keychain alone: use { engine: "docker" }, or VAULTPROOF_ENGINE=docker',
      );
    }
    if (isElsewhere) throw unsupported('docker is on another host: use one on this host, or { engine: "process" }');
    const proxy = `http://${service}@${hostName}:${port}`;
    return {
      env: {
        HTTPS_PROXY: proxy,
        HTTP_PROXY: proxy,
        ...(engine === 'docker' && { NO_PROXY: `${hostName},${PRIVATE_NETWORKS}` }),
        SSL_CERT_FILE: `${folder}/${CA_FILE}`,
        SSL_CERT_DIR: `${folder}/no-certificates`,
      },
      files: { [CA_FILE]: caPem },
    };
  };
}

function unsupported(why: string): VaultproofError {
  return new VaultproofError('impersonation_unsupported', `vendors can't be impersonated here: ${why}`);
}
