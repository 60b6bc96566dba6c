import { randomUUID } from 'node:crypto';
import { GenericContainer, type StartedTestContainer, type WaitStrategy } from 'testcontainers';
import { VaultproofError } from '../../../errors/index.js';
import { commands, type Product } from '../../binaries/index.js';
import { guard } from '../../guardian/index.js';
import type { Engine, ServerCommand, ServerInstance, ServerPlace } from '../engine.js';
import { textLines } from '../log-lines.js';
import { reservePorts } from '../port-block.js';
import type { DockerApi } from './find-docker.js';
import { runtimeClient } from './testcontainers.js';

/** The name under which a container reaches this host; Docker Desktop knows it, elsewhere it is added. */
const HOST_NAME = 'host.docker.internal';
const FOLDER = '/vaultproof';
const RYUK_IMAGE = process.env['RYUK_CONTAINER_IMAGE'] ?? 'testcontainers/ryuk:0.14.0';
/** Where another host's address is a translated one, nothing can be published on it. */
const NOT_ITS_ADDRESS = /cannot assign requested address/i;
const ANY_ADDRESS = '0.0.0.0';
const LOOPBACK = '127.0.0.1';
const PORT_TAKEN = /port is already allocated|address already in use/i;

/** Readiness is this project's own question, asked every few milliseconds instead of every second. */
const alreadyReady: WaitStrategy = {
  waitUntilReady: async () => {},
  withStartupTimeout: () => alreadyReady,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
};

let ryuk: Promise<boolean> | undefined;

/**
 * Runs servers in containers, with testcontainers, published on loopback only; where the engine is on another host, on the
 * one address of it that this host reaches.
 * @throws VaultproofError `docker_unavailable` where testcontainers can't use what answers
 */
export async function dockerEngine(docker: DockerApi, image: string, product: Product): Promise<Engine> {
  const { serverHost, publishOn } = docker.place;
  await runtimeClient(docker.endpoint, serverHost);
  return {
    name: 'docker',
    product,
    host: serverHost,
    start: async (command) => {
      try {
        return await startContainer(docker, image, product, command, publishOn);
      } catch (error) {
        const elsewhere = docker.place.note !== undefined && error instanceof VaultproofError;
        if (!elsewhere || !NOT_ITS_ADDRESS.test(error.message)) throw error;
        return startContainer(docker, image, product, command, ANY_ADDRESS);
      }
    },
  };
}

async function startContainer(
  docker: DockerApi,
  image: string,
  product: Product,
  command: ServerCommand,
  publishOn: string,
): Promise<ServerInstance> {
  const { place: host } = docker;
  const { exposed, addresses, release, ...peers } = await portsFor(docker, command, publishOn);
  const out = command.outbound?.({
    service: command.service,
    engine: 'docker',
    hostName: HOST_NAME,
    folder: FOLDER,
    isElsewhere: host.isElsewhere === true,
  });
  const place = { bindAddress: ANY_ADDRESS, ports: command.ports, folder: FOLDER, ...peers };
  ryuk ??= hasRyuk(docker);
  const container = new ServerContainer(image, `vaultproof-${command.service}-${randomUUID()}`, docker, addresses)
    .withEntrypoint([commands[product]])
    .withCommand([...command.args(place)])
    .withEnvironment({ ...command.env, ...out?.env })
    .withExposedPorts(...exposed)
    .withExtraHosts([{ host: HOST_NAME, ipAddress: host.hostAddress ?? host.gateway ?? 'host-gateway' }])
    .withCopyContentToContainer(
      Object.entries({ ...command.files(place), ...out?.files }).map(([name, content]) => ({
        content,
        target: `${FOLDER}/${name}`,
        mode: 0o644,
      })),
    )
    .withAutoCleanup(await ryuk)
    .withWaitStrategy(alreadyReady);
  // Its files are to be written to, whatever user the image has.
  if (command.isRestartable) container.withUser('0:0');
  if (host.network !== undefined) container.withNetworkMode(host.network);

  try {
    const started = await container.start();
    const hostAddress = host.hostAddress ?? (await docker.hostAddress(started.getId()));
    return instanceOf(docker, image, product, started, command, {
      hostAddress,
      publishOn,
      released: () => {
        container.released();
        release();
      },
    });
  } catch (cause) {
    await container.discard();
    release();
    throw startFailure(command, product, image, cause);
  }
}

/** A container's ports, and where on its host they are published. */
interface PublishedPorts extends Pick<ServerPlace, 'peerHost' | 'peerPorts'> {
  readonly exposed: readonly (number | { readonly container: number; readonly host: number })[];
  readonly addresses: readonly string[];
  release(): void;
}

async function portsFor(docker: DockerApi, command: ServerCommand, publishOn: string): Promise<PublishedPorts> {
  const { hasPeers, isRestartable, fixedPort } = command;
  const ports = hasPeers ? command.ports : command.ports.slice(0, 1);
  const addresses = hasPeers ? [...new Set([publishOn, await docker.addressForPeers()])] : [publishOn];
  // A free port would be another one after a restart.
  const keepsPorts = hasPeers || isRestartable;
  const reserved = keepsPorts && fixedPort === undefined ? await reservePorts(ports.length) : undefined;
  const published = reserved?.ports ?? (fixedPort === undefined ? [] : ports.map((_, index) => fixedPort + index));
  return {
    exposed: ports.map((container, index) => {
      const host = published[index];
      return host === undefined ? container : { container, host };
    }),
    addresses,
    ...(hasPeers ? { peerHost: HOST_NAME, peerPorts: published } : { peerHost: LOOPBACK, peerPorts: command.ports }),
    release: () => reserved?.release(),
  };
}

function instanceOf(
  docker: DockerApi,
  image: string,
  product: Product,
  started: StartedTestContainer,
  { ports: [apiPort], caPem, hasPeers }: ServerCommand,
  { hostAddress, publishOn, released }: { hostAddress: string | undefined; publishOn: string; released: () => void },
): ServerInstance {
  const { serverHost, note } = docker.place;
  const id = started.getId();
  const [network = ''] = started.getNetworkNames();
  const untilExited = (): Promise<string> => docker.wait(id).catch((error: unknown) => String(error));
  let exited = untilExited();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await started.stop({ timeout: 0, remove: true, removeVolumes: true });
    released();
  };
  const addressAt = (name: string): string =>
    `${caPem === undefined ? 'http' : 'https'}://${inUrl(name)}:${started.getMappedPort(apiPort)}`;
  return {
    product,
    engine: 'docker',
    address: addressAt(serverHost),
    peerAddress: hasPeers ? addressAt(HOST_NAME) : undefined,
    networkHost: `${started.getIpAddress(network)}:${apiPort}`,
    hostName: HOST_NAME,
    hostAddress,
    ...(note === undefined
      ? {}
      : {
          note:
            publishOn === ANY_ADDRESS
              ? `${note}; ${serverHost} is a translated address, so that the port is published on all of that host's`
              : note,
        }),
    origin: image,
    get exited() {
      return exited;
    },
    log: () => docker.logs(id),
    linesFrom: async (position) => textLines(await docker.logs(id), position),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
    control: {
      kill: async () => {
        await docker.control(id, 'kill');
        await exited;
      },
      start: async () => {
        await docker.control(id, 'start');
        exited = untilExited();
      },
      pause: () => docker.control(id, 'pause'),
      resume: () => docker.control(id, 'unpause'),
    },
  };
}

function inUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function startFailure(command: ServerCommand, product: Product, image: string, cause: unknown): VaultproofError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (PORT_TAKEN.test(reason)) {
    return new VaultproofError('port_in_use', `port ${command.fixedPort} is taken: choose another`, {
      details: { port: command.fixedPort },
      cause,
    });
  }
  return new VaultproofError('server_exited', `image "${image}" could not be started: ${reason}`, {
    details: { image, product },
    cause,
  });
}

/**
 * Ryuk, testcontainers' own reaper, is a second line of defence; where its image can't be had the guardian is the only one.
 * On another host it would open a port to all of that host's network.
 */
async function hasRyuk(docker: DockerApi): Promise<boolean> {
  if (docker.place.note !== undefined) return false;
  if (process.env['TESTCONTAINERS_RYUK_DISABLED'] === 'true') return false;
  if (await docker.hasImage(RYUK_IMAGE)) return true;
  return docker
    .pull(RYUK_IMAGE, () => {})
    .then(
      () => true,
      () => false,
    );
}

class ServerContainer extends GenericContainer {
  readonly #name: string;
  readonly #docker: DockerApi;
  readonly #publishOn: readonly string[];
  /** Says that the container is gone. */
  released: () => void = () => {};

  constructor(image: string, name: string, docker: DockerApi, publishOn: readonly string[]) {
    super(image);
    this.#name = name;
    this.#docker = docker;
    this.#publishOn = publishOn;
    this.withName(name);
  }

  protected override async beforeContainerCreated(): Promise<void> {
    // By a name that is known before there is a container: we may be killed while it is made.
    const { host, endpoint } = this.#docker;
    this.released = guard('container', [this.#name, host, ...(endpoint.certPath ? [endpoint.certPath] : [])].join(' '));
    const ports = this.hostConfig.PortBindings as Record<string, { HostPort: string }[]>;
    for (const [port, bindings] of Object.entries(ports)) {
      ports[port] = bindings.flatMap((binding) => this.#publishOn.map((HostIp) => ({ ...binding, HostIp })));
    }
  }

  /** Removes a container that could not be started, if it was created at all. */
  async discard(): Promise<void> {
    const client = await runtimeClient(this.#docker.endpoint, this.#docker.place.serverHost);
    await client.container
      .getById(this.#name)
      .remove({ force: true, v: true })
      .catch((error: { statusCode?: number }) => {
        if (error.statusCode !== 404) throw error;
      });
    this.released();
  }
}
