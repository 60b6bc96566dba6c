import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { configFolder, contextEndpoint, currentContext, type DockerEndpoint } from './docker-context.js';
import { testcontainersProperties } from './testcontainers-properties.js';

/**
 * The addresses at which a Docker API may answer, best first: those that are configured, then the sockets that are there.
 * An address that was named for this run, by `tc.host`, DOCKER_HOST or DOCKER_CONTEXT, is the only one. At least one.
 * @throws VaultproofError `docker_unavailable` for a DOCKER_CONTEXT that does not exist
 * @see https://docs.docker.com/engine/manage-resources/contexts/
 * @see https://node.testcontainers.org/configuration/
 */
export function dockerEndpoints(): readonly DockerEndpoint[] {
  const { DOCKER_HOST, DOCKER_CONTEXT, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH } = process.env;
  const folder = configFolder();
  const properties = testcontainersProperties();
  const tcHost = properties.get('tc.host');
  if (tcHost) return [{ address: tcHost, foundBy: '"tc.host" in ~/.testcontainers.properties' }];
  if (DOCKER_HOST) {
    const tls = Boolean(DOCKER_TLS_VERIFY);
    return [{ address: DOCKER_HOST, foundBy: 'DOCKER_HOST', tls, certPath: DOCKER_CERT_PATH || folder }];
  }
  if (DOCKER_CONTEXT && DOCKER_CONTEXT !== 'default') {
    return [contextEndpoint(folder, DOCKER_CONTEXT, 'DOCKER_CONTEXT')];
  }

  const found: DockerEndpoint[] = [];
  const address = properties.get('docker.host');
  if (address) {
    const tls = properties.get('docker.tls.verify') === '1';
    const certPath = properties.get('docker.cert.path') || folder;
    found.push({ address, foundBy: '"docker.host" in ~/.testcontainers.properties', tls, certPath });
  }
  const context = DOCKER_CONTEXT ? undefined : currentContext(folder);
  if (context) found.push(context);
  for (const [foundBy, path] of wellKnownSockets()) {
    if (existsSync(path)) found.push({ address: `unix://${path}`, foundBy });
  }
  return found.length > 0 ? found : [{ address: 'unix:///var/run/docker.sock', foundBy: 'its default socket' }];
}

/** Where engines put their sockets: who has it there, and the path. */
function wellKnownSockets(): readonly (readonly [foundBy: string, path: string])[] {
  const home = homedir();
  const runtime = process.env['XDG_RUNTIME_DIR'] || `/run/user/${process.getuid?.()}`;
  return [
    ['its default socket', '/var/run/docker.sock'],
    ["rootless Docker's socket", join(runtime, 'docker.sock')],
    ["Docker Desktop's socket", join(home, '.docker/run/docker.sock')],
    ["Docker Desktop's socket", join(home, '.docker/desktop/docker.sock')],
    ["OrbStack's socket", join(home, '.orbstack/run/docker.sock')],
    ["Colima's socket", join(home, '.colima/default/docker.sock')],
    ["Colima's socket", join(home, '.config/colima/default/docker.sock')],
    ["Rancher Desktop's socket", join(home, '.rd/docker.sock')],
    ["Podman's socket", join(runtime, 'podman/podman.sock')],
    ["Podman's socket", '/run/podman/podman.sock'],
    ["Podman's socket", join(home, '.local/share/containers/podman/machine/podman.sock')],
  ];
}
