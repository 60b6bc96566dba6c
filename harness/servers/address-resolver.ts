import { type AddressInfo, createServer, type Socket } from 'node:net';
import { UsageError } from '../../errors/index.js';
import { listenAt, passOn } from '../../internal/listening.js';
import type { ServerInstance } from '../engines/index.js';
import type { StartedServer } from './server-options.js';

/** How others reach a server, see {@link createAddressResolver}. */
export interface AddressResolver extends Pick<StartedServer, 'addressFor'> {
  /** Ends what was opened for it. */
  close(): Promise<void>;
}

/** The addresses of a server, by who wants to reach it. */
export function createAddressResolver(server: Pick<ServerInstance, 'address' | 'networkHost'>): AddressResolver {
  const relays = new Map<string, Promise<Relay>>();
  const { protocol, port } = new URL(server.address);
  const addressFor: AddressResolver['addressFor'] = async ({ engine, hostName, hostAddress }) => {
    if (engine === 'process') return server.address;
    if (server.networkHost !== undefined) return `${protocol}//${server.networkHost}`;
    // Where Docker runs in a virtual machine, its name for this host leads to loopback.
    if (hostAddress === undefined) return `${protocol}//${hostName}:${port}`;
    const relay = relays.get(hostAddress) ?? startRelay(hostAddress, Number(port));
    relays.set(hostAddress, relay);
    return `${protocol}//${hostName}:${(await relay).port}`;
  };
  return {
    addressFor: (other) => awaited(addressFor(other)),
    close: async () => {
      const opened = await Promise.allSettled(relays.values());
      for (const one of opened) if (one.status === 'fulfilled') one.value.close();
    },
  };
}

/** A promise that is written into JSON would be "{}" there. */
function awaited(address: Promise<string>): Promise<string> {
  const toJSON = (): never => {
    throw new UsageError('"addressFor" returns a promise: await it');
  };
  return Object.defineProperty(address, 'toJSON', { value: toJSON });
}

/** A listener that passes every connection on. */
interface Relay {
  readonly port: number;
  /** Ends it with all its connections. */
  close(): void;
}

/**
 * Passes connections to a free port of one of this host's addresses on to a port of 127.0.0.1. It doesn't keep the
 * process alive.
 */
async function startRelay(host: string, port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    sockets.add(incoming);
    incoming.once('close', () => sockets.delete(incoming));
    passOn(incoming, port);
  });
  await listenAt(server, host, 0, 'start the server again');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
