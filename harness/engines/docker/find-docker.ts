import { VaultproofError } from '../../../errors/index.js';
import { readWhole } from '../../../internal/bounded-answer.js';
import { isRecord } from '../../../internal/json.js';
import { canListenAt } from '../../../internal/listening.js';
import { type DockerEndpoint, dockerEndpoints } from './endpoints.js';
import { canPullImage, pullImage } from './pull-image.js';
import { addressForPeers, type EnginePlace, placeOf } from './reachability.js';
import { ANSWER, type DockerHost, dockerHost, type SendLimits, send } from './requests.js';
import { checkTestcontainers } from './testcontainers.js';

/** The log of a server that runs for a day. */
const LOG: SendLimits = { silenceMs: 10_000, totalMs: 60_000 };
const MOST_LOG_BYTES = 64 * 2 ** 20;

/** A Docker API that answered. */
export interface DockerApi {
  /** Where it answers, as DOCKER_HOST has it: `unix:///var/run/docker.sock` or `tcp://host:2375`. */
  readonly host: string;
  /** What led to it, for example `DOCKER_HOST` or `the current context "colima"`. */
  readonly foundBy: string;
  /** How it is spoken to. */
  readonly endpoint: DockerHost;
  /** Where its containers and this process find each other. */
  readonly place: EnginePlace;
  /** The engine's version, for example `28.2.2`. */
  readonly version: string;
  /** Whether an image is there without a pull. */
  hasImage(image: string): Promise<boolean>;
  /**
   * Asks the registry whether it has an image, with the user's login to it; pulls nothing.
   * @param limitMs how long the answer may take
   * @throws VaultproofError `image_unavailable` with the reason
   */
  canPull(image: string, limitMs: number): Promise<void>;
  /**
   * Pulls an image, with lines of progress.
   * @throws VaultproofError `image_unavailable`, also when the registry says nothing for 10 s
   */
  pull(image: string, report: (line: string) => void): Promise<void>;
  /** The address of this host on the network of a container that runs; undefined where the engine runs in a VM. */
  hostAddress(container: string): Promise<string | undefined>;
  /**
   * The address of this host at which its containers reach what others of them publish there.
   * @throws VaultproofError `docker_unavailable` where the engine is not on this host
   */
  addressForPeers(): Promise<string>;
  /** What a container has written so far to standard output and standard error; empty when it is gone. */
  logs(container: string): Promise<string>;
  /** Resolves with a container's exit code once it has ended. */
  wait(container: string): Promise<string>;
  /** Has a container killed, started again, paused, or go on. */
  control(container: string, action: 'kill' | 'start' | 'pause' | 'unpause'): Promise<void>;
}

/**
 * Looks for a Docker API where Docker's own clients and testcontainers look, see {@link dockerEndpoints}. It is asked here
 * without testcontainers, which takes half a second to load.
 * @throws VaultproofError `docker_unavailable` with the reason: none answers, testcontainers is not installed, or
 * containers could not reach this host
 * @see https://docs.docker.com/reference/api/engine/
 */
export async function findDocker(): Promise<DockerApi> {
  const failures: unknown[] = [];
  for (const endpoint of dockerEndpoints()) {
    try {
      return await askDocker(endpoint);
    } catch (error) {
      if (!(error instanceof VaultproofError)) throw error;
      failures.push(error);
    }
  }
  throw failures[0];
}

async function askDocker(endpoint: DockerEndpoint): Promise<DockerApi> {
  const host = dockerHost(endpoint);
  const absent = (reason: string, cause?: unknown): VaultproofError =>
    new VaultproofError('docker_unavailable', `no Docker engine answers at "${host.name}" (${reason}): start Docker`, {
      details: { host: host.name },
      cause,
    });
  const json = async (method: string, path: string): Promise<{ status: number; body: unknown }> => {
    try {
      const answer = await send(host.options, method, path, ANSWER);
      const text = (await readWhole(answer)).toString('utf8');
      return { status: answer.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) };
    } catch (cause) {
      throw absent(cause instanceof Error ? cause.message : String(cause), cause);
    }
  };
  // Not /version, which takes ten times as long.
  const ping = await send(host.options, 'GET', '/_ping', ANSWER).catch((cause: unknown) => {
    throw absent(cause instanceof Error ? cause.message : String(cause), cause);
  });
  // Once the answer is read, the connection and its addresses are gone.
  const { localAddress: local, remoteAddress: remote } = ping.socket;
  ping.resume();
  if (ping.statusCode !== 200) throw absent(`status ${ping.statusCode}`);
  checkTestcontainers(host);
  const server = String(ping.headers['server']);
  const place = await placeOf(host, { local, remote, server });
  return {
    host: host.name,
    foundBy: host.foundBy,
    endpoint: host,
    place,
    // "Docker/28.2.2 (linux)"
    version: /^\w+\/(\S+)/.exec(server)?.[1] ?? '',
    hasImage: async (image) => (await json('GET', `/images/${encodeURIComponent(image)}/json`)).status === 200,
    canPull: (image, limitMs) => canPullImage(host.options, image, limitMs),
    pull: (image, report) => pullImage(host.options, image, report),
    hostAddress: async (container) => {
      // A network that was never configured names its gateway only in the containers that are on it.
      const { body: inspected } = await json('GET', `/containers/${container}/json`);
      const gateway = /"Gateway":"([^"]+)"/.exec(JSON.stringify(inspected))?.[1];
      return gateway !== undefined && (await canListenAt(gateway)) ? gateway : undefined;
    },
    addressForPeers: () => addressForPeers(host, place),
    logs: async (container) => {
      const answer = await send(host.options, 'GET', `/containers/${container}/logs?stdout=1&stderr=1`, LOG);
      const frames = await readWhole(answer, MOST_LOG_BYTES);
      return answer.statusCode === 200 ? demultiplex(frames) : '';
    },
    wait: async (container) => {
      const answer = await send(host.options, 'POST', `/containers/${container}/wait`, {}, (request) => {
        // Waiting for a container must not keep this process alive.
        request.on('socket', (socket) => socket.unref());
      });
      const { StatusCode } = JSON.parse((await readWhole(answer)).toString('utf8')) as { StatusCode?: number };
      return `exit code ${StatusCode}`;
    },
    control: async (container, action) => {
      const { status, body } = await json('POST', `/containers/${container}/${action}`);
      // One that does not run needs no killing.
      if (status < 400 || (action === 'kill' && status === 409)) return;
      const reason = isRecord(body) ? body['message'] : `status ${status}`;
      throw new VaultproofError('server_exited', `docker refused to ${action} a container: ${reason}`, {
        details: { container, action, status },
      });
    },
  };
}

/** A stream of frames, each with a header of eight bytes of which the last four are the length. */
function demultiplex(frames: Buffer): string {
  const parts: Buffer[] = [];
  for (let offset = 0; offset + 8 <= frames.length; ) {
    const length = frames.readUInt32BE(offset + 4);
    parts.push(frames.subarray(offset + 8, offset + 8 + length));
    offset += 8 + length;
  }
  return Buffer.concat(parts).toString('utf8');
}
