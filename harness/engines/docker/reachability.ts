import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { VaultproofError } from '../../../errors/index.js';
import { readWhole } from '../../../internal/bounded-answer.js';
import { isRecord, membersOf } from '../../../internal/json.js';
import { canListenAt } from '../../../internal/listening.js';
import { ANSWER, type DockerHost, send } from './requests.js';

const LOOPBACK = '127.0.0.1';

/** Where an engine's containers and this process find each other. */
export interface EnginePlace {
  /** The address at which this host reaches what is published. */
  readonly serverHost: string;
  /** The address of the engine's host that ports are published on. */
  readonly publishOn: string;
  /** The address of this host that containers reach; undefined where it is the gateway of their network, or a VM's host. */
  readonly hostAddress?: string;
  /** The gateway of the network, where the engine does not know it as `host-gateway`. */
  readonly gateway?: string;
  /** The network that containers have to be on; default the engine's own. */
  readonly network?: string;
  /** Whether the engine is on another host. */
  readonly isElsewhere?: boolean;
  /** Where the engine is and what listens where, if that isn't this host's loopback. */
  readonly note?: string;
}

/** What the answer of an API says by its connection and its head. */
export interface Connection {
  readonly local: string | undefined;
  readonly remote: string | undefined;
  /** Its `Server` header. */
  readonly server: string;
}

/**
 * Finds out where an engine is: on this host, on the host of the container that this process is in, or on another host.
 * Anywhere but here, the engine is made to connect to this host first, since a server that can't fetch the issuer's keys
 * proves nothing.
 * @throws VaultproofError `docker_unavailable` where containers could not reach this host
 */
export async function placeOf(host: DockerHost, connection: Connection): Promise<EnginePlace> {
  const local = addressOf(connection.local);
  const remote = addressOf(connection.remote);
  if (host.options.socketPath === undefined && local !== undefined && remote !== undefined) {
    return local === remote || isLoopback(remote) ? onThisHost() : onAnotherHost(host, local, remote);
  }
  if (isInContainer() && !(await isInThisContainer(host))) return outsideThisContainer(host);
  if (await isRootless(host)) return rootless(host);
  return connection.server.startsWith('Libpod/') ? podman(host) : onThisHost();
}

function onThisHost(): EnginePlace {
  return { serverHost: LOOPBACK, publishOn: LOOPBACK };
}

/** Before 4.7 it writes the word `host-gateway` to a container's hosts file. In a virtual machine its gateway is not this host. */
async function podman(host: DockerHost): Promise<EnginePlace> {
  if (process.platform !== 'linux') return onThisHost();
  const [, gateway] = /"Gateway":"([^"]+)"/.exec(JSON.stringify(await get(host, '/networks/podman')) ?? '') ?? [];
  return gateway === undefined ? onThisHost() : { ...onThisHost(), gateway };
}

async function onAnotherHost(host: DockerHost, local: string, remote: string): Promise<EnginePlace> {
  if (!(await connectsTo(host, local)) && !(await usesProxy(host)))
    throw unreachable(host, `is on another host and can't connect to this one at "${local}"`, local);
  return {
    serverHost: remote,
    publishOn: remote,
    hostAddress: local,
    isElsewhere: true,
    note: `docker is on another host: the server's port is published there on ${remote}, what it fetches from this host listens on ${local}`,
  };
}

/** Published on the gateway of this container's own network, which both reach. */
async function outsideThisContainer(host: DockerHost): Promise<EnginePlace> {
  for (const id of ownContainerIds()) {
    const inspected = await get(host, `/containers/${id}/json`);
    const settings = isRecord(inspected) ? inspected['NetworkSettings'] : undefined;
    const networks = membersOf(membersOf(settings)['Networks']);
    for (const [network, joined] of Object.entries(networks)) {
      if (!isRecord(joined)) continue;
      const { Gateway: gateway, IPAddress: address } = joined;
      if (typeof gateway !== 'string' || typeof address !== 'string' || gateway === '' || address === '') continue;
      return {
        serverHost: gateway,
        publishOn: gateway,
        hostAddress: address,
        network,
        note: `docker is outside this container: the server's port is published on ${gateway}, the gateway of the network "${network}", what it fetches from this container listens on ${address}`,
      };
    }
  }
  throw unreachable(host, 'is outside this container, and shares no network with it');
}

/** Its bridge is in a network namespace of its own, from which this host's loopback is out of reach. */
async function rootless(host: DockerHost): Promise<EnginePlace> {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
  );
  for (const address of addresses) {
    if (!(await connectsTo(host, address))) continue;
    const note = `docker is rootless: what the server fetches from this host listens on ${address}`;
    return { ...onThisHost(), hostAddress: address, note };
  }
  throw unreachable(host, `is rootless and can't connect to this host at "${addresses.join('", "')}"`);
}

/**
 * Whether the engine gets a connection to an address of this host: it is asked for an image of a registry there, and the
 * connection is all that is waited for.
 */
async function connectsTo(host: DockerHost, address: string): Promise<boolean> {
  const server = createServer((socket) => socket.destroy());
  const listening = new Promise<number | undefined>((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen({ host: address, port: 0 }, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : undefined);
    });
  });
  const port = await listening;
  if (port === undefined) return false;
  const registry = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const connected = new Promise<boolean>((resolve) => server.once('connection', () => resolve(true)));
  const answered = send(host.options, 'GET', `/distribution/${registry}/vaultproof/none:1/json`, ANSWER).then(
    (answer) => {
      answer.resume();
      return false;
    },
    () => false,
  );
  try {
    return await Promise.race([connected, answered]);
  } finally {
    server.close();
  }
}

/** What goes to a registry goes through the proxy then, and says nothing of containers. */
async function usesProxy(host: DockerHost): Promise<boolean> {
  const info = await get(host, '/info');
  return isRecord(info) && [info['HttpProxy'], info['HttpsProxy']].some((proxy) => Boolean(proxy));
}

async function isRootless(host: DockerHost): Promise<boolean> {
  // Asking takes 10 ms, so only an engine of this user is asked.
  if (process.platform !== 'linux' || !/^\/run\/user\//.test(host.options.socketPath ?? '')) return false;
  const info = await get(host, '/info');
  const options = isRecord(info) ? info['SecurityOptions'] : undefined;
  return Array.isArray(options) && options.includes('name=rootless');
}

function isInContainer(): boolean {
  return existsSync('/.dockerenv') || existsSync('/run/.containerenv');
}

/**
 * The address of this host at which containers reach each other's published ports: the gateway of their network, or loopback
 * where the engine's virtual machine leads `host.docker.internal` there.
 * @throws VaultproofError `docker_unavailable` where the engine is not on this host, or is rootless
 */
export async function addressForPeers(host: DockerHost, { note, gateway }: EnginePlace): Promise<string> {
  if (note !== undefined) {
    throw new VaultproofError(
      'docker_unavailable',
      `the nodes of a cluster can't reach each other there: ${note}; set VAULTPROOF_ENGINE=process`,
      { details: { host: host.name } },
    );
  }
  const address = gateway ?? (await bridgeGateway(host));
  return address !== undefined && (await canListenAt(address)) ? address : LOOPBACK;
}

/**
 * Whether the engine runs in this container, or shares its network: its host then has this one's name, or its bridge's
 * gateway is an address here. (Podman makes its bridge with the first container.)
 */
async function isInThisContainer(host: DockerHost): Promise<boolean> {
  const [info, gateway] = await Promise.all([get(host, '/info'), bridgeGateway(host)]);
  if (isRecord(info) && info['Name'] === hostname()) return true;
  return gateway === undefined || (await canListenAt(gateway));
}

/** The gateway of the network that containers are on by default; undefined where there is no such network. */
async function bridgeGateway(host: DockerHost): Promise<string | undefined> {
  const network = JSON.stringify(await get(host, '/networks/bridge')) ?? '';
  const [, subnet] = /"Subnet":"([\d.]+)\.\d+\/\d+"/.exec(network) ?? [];
  // Where the gateway is not said, it is the first address.
  return /"Gateway":"([^"]+)"/.exec(network)?.[1] ?? (subnet === undefined ? undefined : `${subnet}.1`);
}

/** What this container may be known as: its host name, unless that was set, and the id in the paths of its mounts. */
function ownContainerIds(): readonly string[] {
  const mounts = existsSync('/proc/self/mountinfo') ? readFileSync('/proc/self/mountinfo', 'utf8') : '';
  return [hostname(), ...new Set([...mounts.matchAll(/containers\/([0-9a-f]{64})\//g)].map(([, id]) => String(id)))];
}

/** The body of an answer; undefined where there is none that can be used. */
async function get(host: DockerHost, path: string): Promise<unknown> {
  try {
    const answer = await send(host.options, 'GET', path, ANSWER);
    const text = (await readWhole(answer)).toString('utf8');
    return answer.statusCode === 200 ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** An IPv4 address may be written as IPv6. */
function addressOf(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/, '');
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function unreachable(host: DockerHost, why: string, address?: string): VaultproofError {
  return new VaultproofError(
    'docker_unavailable',
    `docker "${host.name}" (${host.foundBy}) ${why}, so no server there can fetch the issuer's keys: ` +
      'let it reach this one, or set VAULTPROOF_ENGINE=process',
    { details: { host: host.name, address } },
  );
}
