import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a server on loopback that can be cut. */
export interface TcpProxy {
  readonly address: string;
  /** How many connections are open through it. */
  open(): number;
  /** How many requests have gone through it: the lines that begin with a method and end with the version. */
  requests(): readonly string[];
  /** Cuts all connections, and takes no more. */
  cut(): Promise<void>;
  /** Takes connections again, at the same address; to another server if one is named. */
  mend(target?: string): Promise<void>;
}

/** Forwards a port of its own to a server, for the running test. */
export async function tcpProxy(target: string): Promise<TcpProxy> {
  let port = 0;
  let to = new URL(target);
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const lines: string[] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    clients.add(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        clients.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      lines.push(...(chunk.toString('latin1').match(/^[A-Z]+ \S+(?= HTTP\/1\.1\r)/gm) ?? []));
    });
    client.pipe(upstream).pipe(client);
  });
  const listen = (): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen();
  port = (server.address() as AddressInfo).port;
  onTestFinished(cut);
  return {
    address: `http://127.0.0.1:${port}`,
    open: () => clients.size,
    requests: () => [...lines],
    cut,
    mend: async (other = target) => {
      to = new URL(other);
      await listen();
    },
  };
}
