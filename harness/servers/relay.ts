import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A listener that passes every connection on. */
export interface Relay {
  readonly port: number;
  /** Ends it with all its connections. */
  close(): void;
}

/**
 * Passes connections to a free port of one of this host's addresses on to a port of 127.0.0.1. It doesn't keep the
 * process alive.
 */
export async function startRelay(host: string, port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect({ host: '127.0.0.1', port });
    const end = (): void => {
      for (const socket of [incoming, outgoing]) {
        sockets.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.unref();
      socket.on('error', end).on('close', end);
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, resolve);
  });
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
