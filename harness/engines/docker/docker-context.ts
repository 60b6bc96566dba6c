import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { VaultproofError } from '../../../errors/index.js';
import { isRecord } from '../../../internal/json.js';

/** An address as somebody wrote it, and where. */
export interface DockerEndpoint {
  readonly address: string;
  readonly foundBy: string;
  /** The API is HTTPS; `certPath` has the certificates. */
  readonly tls?: boolean;
  readonly certPath?: string;
}

/** The folder of Docker's own client: its contexts, its credentials. */
export function configFolder(): string {
  return process.env['DOCKER_CONFIG'] || join(homedir(), '.docker');
}

/** The endpoint of the context that `docker context use` made the current one; undefined for the default context. */
export function currentContext(configFolder: string): DockerEndpoint | undefined {
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
export function contextEndpoint(configFolder: string, name: string, by: string): DockerEndpoint {
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
  return { address, foundBy: `${by} "${name}"`, tls, ...(tls && { certPath }) };
}

function jsonIn(file: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
