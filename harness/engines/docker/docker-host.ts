import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { VaultproofError } from '../../../errors/index.js';

/** Where a Docker API may answer. */
export interface DockerHost {
  /** As DOCKER_HOST has it. */
  readonly name: string;
  readonly options: RequestOptions;
}

/**
 * The address of the Docker API: DOCKER_HOST, else the first of the usual sockets that is there.
 * @throws VaultproofError `docker_unavailable` for a DOCKER_HOST that is no such address
 */
export function dockerHost(): DockerHost {
  const { DOCKER_HOST, XDG_RUNTIME_DIR } = process.env;
  if (DOCKER_HOST !== undefined && DOCKER_HOST !== '') {
    const url = URL.canParse(DOCKER_HOST) ? new URL(DOCKER_HOST) : undefined;
    if (url?.protocol === 'unix:') return { name: DOCKER_HOST, options: { socketPath: url.pathname } };
    if (url?.protocol === 'tcp:' || url?.protocol === 'http:') {
      return { name: DOCKER_HOST, options: { host: url.hostname, port: url.port || 2375 } };
    }
    throw new VaultproofError('docker_unavailable', `DOCKER_HOST "${DOCKER_HOST}" is not a unix:// or tcp:// address`);
  }
  const sockets = [
    '/var/run/docker.sock',
    ...(XDG_RUNTIME_DIR === undefined ? [] : [join(XDG_RUNTIME_DIR, 'docker.sock')]),
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.docker/desktop/docker.sock'),
  ];
  const socketPath = sockets.find((path) => existsSync(path)) ?? '/var/run/docker.sock';
  return { name: `unix://${socketPath}`, options: { socketPath } };
}
