import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { VaultproofError } from '../../../errors/index.js';
import { isRecord } from '../../../internal/json.js';

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

/** An address as it was written, and where. */
export interface DockerEndpoint {
  readonly address: string;
  readonly foundBy: string;
  /** The API is HTTPS; `certPath` has the certificates. */
  readonly tls?: boolean | undefined;
  readonly certPath?: string | undefined;
}

/** The folder of Docker's own client: its contexts, its credentials. */
export function configFolder(): string {
  return process.env['DOCKER_CONFIG'] || join(homedir(), '.docker');
}

/** The endpoint of the context that `docker context use` made the current one; undefined for the default context. */
function currentContext(configFolder: string): DockerEndpoint | undefined {
  const name = jsonIn(join(configFolder, 'config.json'))?.['currentContext'];
  if (typeof name !== 'string' || name === '' || name === 'default') return undefined;
  try {
    return contextEndpoint(configFolder, name, 'the current context');
  } catch {
    // Docker's client would refuse to work; a socket that answers is as good.
    return undefined;
  }
}

/**
 * The endpoint of a context. Its metadata and certificates are in folders that the SHA-256 of its name names.
 * @param by what names the context, for example `DOCKER_CONTEXT`
 * @throws VaultproofError `docker_unavailable` where there is no such context, or one that does not verify its TLS
 * @see https://docs.docker.com/engine/manage-resources/contexts/
 */
function contextEndpoint(configFolder: string, name: string, by: string): DockerEndpoint {
  const id = createHash('sha256').update(name).digest('hex');
  const endpoints = jsonIn(join(configFolder, 'contexts/meta', id, 'meta.json'))?.['Endpoints'];
  const docker = isRecord(endpoints) ? endpoints['docker'] : undefined;
  const address = isRecord(docker) ? docker['Host'] : undefined;
  const refused = (what: string): VaultproofError =>
    new VaultproofError('docker_unavailable', `the docker context "${name}" (${by}) ${what}`, {
      details: { context: name },
    });
  if (typeof address !== 'string') throw refused('does not exist: see "docker context ls"');
  if (isRecord(docker) && docker['SkipTLSVerify'] === true) throw refused('does not verify TLS: give it a CA');
  const certPath = join(configFolder, 'contexts/tls', id, 'docker');
  const tls = existsSync(certPath);
  return { address, foundBy: `${by} "${name}"`, tls, certPath: tls ? certPath : undefined };
}

function jsonIn(file: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What `~/.testcontainers.properties` sets, which Testcontainers Desktop and users write; empty where there is none.
 * @see https://node.testcontainers.org/configuration/
 */
function testcontainersProperties(): ReadonlyMap<string, string> {
  let text: string;
  try {
    text = readFileSync(join(homedir(), '.testcontainers.properties'), 'utf8');
  } catch {
    return new Map();
  }
  const pairs = text.split(/\r?\n/).map((line) => /^\s*([^#!\s=:][^\s=:]*)\s*[=:\s]\s*(.*?)\s*$/.exec(line));
  // "docker.host=tcp\://127.0.0.1\:2375": Java's own writer escapes colons.
  return new Map(pairs.flatMap((pair) => (pair ? [[String(pair[1]), String(pair[2]).replaceAll('\\', '')]] : [])));
}
