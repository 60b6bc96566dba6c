import { createRequire } from 'node:module';
import type { ContainerRuntimeClient } from 'testcontainers';
import { VaultproofError } from '../../../errors/index.js';
import type { DockerHost } from './requests.js';

/** The version that this package is tested with. */
export const TESTED_VERSION = '11.14.0';

let client: Promise<ContainerRuntimeClient> | undefined;

/**
 * testcontainers is an optional peer dependency, which only containers take.
 * @throws VaultproofError `docker_unavailable` where it is not installed
 */
export function checkTestcontainers(host: DockerHost): void {
  try {
    createRequire(import.meta.url).resolve('testcontainers');
  } catch (cause) {
    throw new VaultproofError(
      'docker_unavailable',
      `docker answers at "${host.name}", and testcontainers, which runs servers there, is not installed: ` +
        `npm install -D testcontainers@${TESTED_VERSION}`,
      { details: { host: host.name, missing: 'testcontainers' }, cause },
    );
  }
}

/**
 * testcontainers' client of the engine that was found, and of no other.
 * @param serverHost where this host reaches what is published
 * @throws VaultproofError `docker_unavailable` where testcontainers can't use it, or uses another already
 */
export async function runtimeClient(host: DockerHost, serverHost: string): Promise<ContainerRuntimeClient> {
  client ??= firstClient(host, serverHost);
  const failed = (reason: string, todo: string, cause?: unknown): VaultproofError =>
    new VaultproofError(
      'docker_unavailable',
      `testcontainers can't use docker at "${host.name}" (${reason}), ${todo}`,
      {
        details: { host: host.name },
        cause,
      },
    );
  let used: ContainerRuntimeClient;
  try {
    used = await client;
  } catch (cause) {
    client = undefined;
    throw failed(cause instanceof Error ? cause.message : String(cause), 'see that docker works', cause);
  }
  const modem = used.container.dockerode.modem as { socketPath?: unknown; host?: unknown; port?: unknown };
  const { socketPath, host: name, port } = host.options;
  const same = socketPath === undefined ? String(modem.port) === String(port) : modem.socketPath === socketPath;
  if (same && (socketPath !== undefined || String(modem.host).replace(/^\[(.*)\]$/, '$1') === name)) return used;
  throw failed('it uses another one in this process', `set DOCKER_HOST=${host.name}`);
}

/** It reads its configuration when it is first used, once, and knows neither contexts nor most sockets. */
async function firstClient(host: DockerHost, serverHost: string): Promise<ContainerRuntimeClient> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const own = {
    // Its default port is none.
    DOCKER_HOST: host.options.socketPath === undefined ? addressWithPort(host) : host.name,
    DOCKER_TLS_VERIFY: host.certPath === undefined ? '' : '1',
    DOCKER_CERT_PATH: host.certPath ?? '',
    // Else it runs a container to find out, where it is in one itself.
    TESTCONTAINERS_HOST_OVERRIDE: serverHost,
  };
  const saved = Object.keys(own).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, own);
  try {
    return await getContainerRuntimeClient();
  } finally {
    for (const [name, value] of saved) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

function addressWithPort({ options: { host, port } }: DockerHost): string {
  return `tcp://${String(host).includes(':') ? `[${host}]` : host}:${port}`;
}
