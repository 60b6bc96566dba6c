import { createServer, type Server, type Socket } from 'node:net';
import { listenAt, passOn } from '../../internal/listening.js';
import { type Outbound, reservePorts } from '../engines/index.js';
import { outboundBy } from './outbound.js';

const LOOPBACK = '127.0.0.1';

/**
 * What a server is started with in place of a proxy, where it is to have one proxy after the other: a port that passes connections on
 * to the proxy that it leads to.
 */
export interface ProxyRelay {
  /** What the server is started with. */
  readonly settings: Outbound;
  /** Lets a server reach it, where loopback is not enough. */
  listenFor(server: { readonly hostAddress: string | undefined }): Promise<void>;
  /** Passes connections on to a proxy on this host's loopback from now on. */
  leadTo(port: number): void;
  /** Cuts every connection, and accepts none until it leads to a proxy again. */
  cut(): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts a relay, which leads nowhere yet.
 * @param caPem the only CAs that the server trusts
 * @throws VaultproofError `port_in_use`
 */
export async function startProxyRelay(caPem: string): Promise<ProxyRelay> {
  const reservation = await reservePorts(1);
  const [port = 0] = reservation.ports;
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  let proxy: number | undefined;

  const pass = (incoming: Socket): void => {
    if (proxy === undefined) return void incoming.destroy();
    sockets.add(incoming);
    incoming.once('close', () => sockets.delete(incoming));
    passOn(incoming, proxy);
  };
  const listenOn = async (address: string): Promise<void> => {
    const server = createServer(pass);
    await listenAt(server, address, port, 'lease again');
    servers.push(server);
  };
  const cut = (): void => {
    proxy = undefined;
    for (const socket of sockets) socket.destroy();
  };
  try {
    await listenOn(LOOPBACK);
  } catch (error) {
    reservation.release();
    throw error;
  }
  let stopping: Promise<void> | undefined;
  return {
    settings: outboundBy(port, caPem),
    listenFor: async ({ hostAddress }) => {
      if (hostAddress !== undefined) await listenOn(hostAddress);
    },
    leadTo: (to) => {
      proxy = to;
    },
    cut,
    stop: () => {
      const stop = async (): Promise<void> => {
        const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
        cut();
        await Promise.all(closed);
        reservation.release();
      };
      stopping ??= stop();
      return stopping;
    },
  };
}
