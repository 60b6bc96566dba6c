import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:http';
import { join } from 'node:path';
import { VaultproofError } from '../../../errors/index.js';
import { withoutPasswords } from '../../../internal/shown-url.js';
import type { DockerEndpoint } from './docker-context.js';

/** Where a Docker API may answer. */
export interface DockerHost {
  /** As DOCKER_HOST has it, for example `unix:///var/run/docker.sock` or `tcp://docker:2376`. */
  readonly name: string;
  /** What led to it, for example `DOCKER_HOST` or `the context "colima"`. */
  readonly foundBy: string;
  /** The folder of `ca.pem`, `cert.pem` and `key.pem`, where the API is HTTPS. */
  readonly certPath?: string;
  readonly options: RequestOptions;
}

/**
 * How an address is spoken to.
 * @throws VaultproofError `docker_unavailable` for an address that is not `unix://`, `tcp://`, `http://` or `https://`,
 * and for certificates that can't be read
 */
export function dockerHost({ address, foundBy, tls = false, certPath }: DockerEndpoint): DockerHost {
  // Docker's API has no passwords; one that is there anyway is not repeated.
  const name = withoutPasswords(address);
  const url = URL.canParse(name) ? new URL(name) : undefined;
  if (url?.protocol === 'unix:') return { name, foundBy, options: { socketPath: name.slice('unix://'.length) } };
  if (url?.protocol === 'ssh:') {
    throw unusable(
      name,
      foundBy,
      "uses ssh, over which a container can't reach the issuer; expected unix:// or tcp://; " +
        'set VAULTPROOF_ENGINE=process',
    );
  }
  if (url?.protocol !== 'tcp:' && url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw unusable(name, foundBy, 'is not a unix:// or tcp:// address');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!tls && url.protocol !== 'https:') return { name, foundBy, options: { host, port: url.port || 2375 } };
  if (certPath === undefined) throw unusable(name, foundBy, 'needs certificates, set DOCKER_HOST and DOCKER_CERT_PATH');
  try {
    const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readFileSync(join(certPath, file)));
    const options = { protocol: 'https:', host, port: url.port || 2376, ca, cert, key };
    return { name, foundBy, certPath, options };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unusable(name, foundBy, `needs ca.pem, cert.pem and key.pem in "${certPath}" (${reason})`, cause);
  }
}

function unusable(name: string, foundBy: string, what: string, cause?: unknown): VaultproofError {
  return new VaultproofError('docker_unavailable', `docker "${name}" (${foundBy}) ${what}`, {
    details: { host: name },
    cause,
  });
}
