import { randomUUID } from 'node:crypto';
import {
  GenericContainer,
  getContainerRuntimeClient,
  type StartedTestContainer,
  type WaitStrategy,
} from 'testcontainers';
import { VaultproofError } from '../../../errors/index.js';
import { commands, type Product } from '../../binaries/index.js';
import type { Engine, ServerCommand, ServerInstance } from '../engine.js';
import { guard } from '../guardian.js';
import type { DockerApi } from './docker-api.js';

/** The name under which a container reaches this host; Docker Desktop knows it, elsewhere it is added. */
const HOST_NAME = 'host.docker.internal';
const FOLDER = '/vaultproof';
const RYUK_IMAGE = process.env['RYUK_CONTAINER_IMAGE'] ?? 'testcontainers/ryuk:0.14.0';
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
 * Runs servers in containers, with testcontainers, published on loopback only.
 * @throws VaultproofError `docker_unavailable` where testcontainers can't use what answers
 */
export async function dockerEngine(docker: DockerApi, image: string, product: Product): Promise<Engine> {
  const host = await apiHost(docker);
  return { name: 'docker', product, host, start: (command) => startContainer(docker, image, product, command) };
}

async function startContainer(
  docker: DockerApi,
  image: string,
  product: Product,
  command: ServerCommand,
): Promise<ServerInstance> {
  const [apiPort] = command.ports;
  ryuk ??= hasRyuk(docker);
  const container = new ServerContainer(image, `vaultproof-${command.service}-${randomUUID()}`, docker.host)
    .withEntrypoint([commands[product]])
    .withCommand([...command.args({ bindAddress: '0.0.0.0', ports: command.ports, folder: FOLDER })])
    .withEnvironment({ ...command.env })
    .withExposedPorts(command.fixedPort === undefined ? apiPort : { container: apiPort, host: command.fixedPort })
    .withExtraHosts([{ host: HOST_NAME, ipAddress: 'host-gateway' }])
    .withCopyContentToContainer(
      Object.entries(command.files).map(([name, content]) => ({ content, target: `${FOLDER}/${name}`, mode: 0o644 })),
    )
    .withAutoCleanup(await ryuk)
    .withWaitStrategy(alreadyReady);

  try {
    const started = await container.start();
    const hostAddress = await docker.hostAddress(started.getId());
    return instanceOf(docker, image, product, started, command, hostAddress, container.released);
  } catch (cause) {
    await container.discard();
    throw startFailure(command, product, image, cause);
  }
}

function instanceOf(
  docker: DockerApi,
  image: string,
  product: Product,
  started: StartedTestContainer,
  { ports: [apiPort], caPem }: ServerCommand,
  hostAddress: string | undefined,
  released: () => void,
): ServerInstance {
  const id = started.getId();
  const [network = ''] = started.getNetworkNames();
  const exited = docker.wait(id).catch((error: unknown) => String(error));
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await started.stop({ timeout: 0, remove: true, removeVolumes: true });
    released();
  };
  return {
    product,
    engine: 'docker',
    address: `${caPem === undefined ? 'http' : 'https'}://${loopback(started.getHost())}:${started.getMappedPort(apiPort)}`,
    networkHost: `${started.getIpAddress(network)}:${apiPort}`,
    hostName: HOST_NAME,
    ...(hostAddress === undefined ? {} : { hostAddress }),
    origin: image,
    exited,
    log: () => docker.logs(id),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Where testcontainers has it that published ports are. */
async function apiHost(docker: DockerApi): Promise<string> {
  try {
    const { info } = await getContainerRuntimeClient();
    return loopback(info.containerRuntime.host);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VaultproofError(
      'docker_unavailable',
      `testcontainers can't use the docker api at "${docker.host}" (${reason}), see that docker works`,
      { details: { host: docker.host }, cause },
    );
  }
}

/** testcontainers says `localhost`, which may resolve to ::1 first, where nothing was published. */
function loopback(host: string): string {
  return host === 'localhost' ? '127.0.0.1' : host;
}

function startFailure(command: ServerCommand, product: Product, image: string, cause: unknown): VaultproofError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (PORT_TAKEN.test(reason)) {
    return new VaultproofError('port_in_use', `port "${command.fixedPort}" is taken, choose another`, {
      details: { port: command.fixedPort },
      cause,
    });
  }
  return new VaultproofError('server_exited', `image "${image}" could not be started: ${reason}`, {
    details: { image, product },
    cause,
  });
}

/** Ryuk, testcontainers' own reaper, is a second line of defence; where its image can't be had the guardian is the only one. */
async function hasRyuk(docker: DockerApi): Promise<boolean> {
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
  readonly #host: string;
  /** Says that the container is gone. */
  released: () => void = () => {};

  constructor(image: string, name: string, host: string) {
    super(image);
    this.#name = name;
    this.#host = host;
    this.withName(name);
  }

  protected override async beforeContainerCreated(): Promise<void> {
    // By a name that is known before there is a container: we may be killed while it is made.
    this.released = guard('container', `${this.#name} ${this.#host}`);
    const { info } = await getContainerRuntimeClient();
    if (loopback(info.containerRuntime.host) !== '127.0.0.1') return;
    for (const bindings of Object.values(this.hostConfig.PortBindings as Record<string, { HostIp?: string }[]>)) {
      for (const binding of bindings) binding.HostIp = '127.0.0.1';
    }
  }

  /** Removes a container that could not be started, if it was created at all. */
  async discard(): Promise<void> {
    const client = await getContainerRuntimeClient();
    await client.container
      .getById(this.#name)
      .remove({ force: true, v: true })
      .catch((error: { statusCode?: number }) => {
        if (error.statusCode !== 404) throw error;
      });
    this.released();
  }
}
