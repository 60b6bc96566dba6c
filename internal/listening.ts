import { connect, createServer, type Server, type Socket } from 'node:net';
import { UsageError, VaultproofError } from '../errors/index.js';

/**
 * Has a server listen at an address of this host. It doesn't keep the process alive.
 * @param port 0 for a free one
 * @param advice what to do where the port is taken
 * @throws VaultproofError `port_in_use`
 */
export async function listenAt(server: Server, address: string, port: number, advice: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') return reject(cause);
      const message = `port ${port} on ${address} is taken: ${advice}`;
      return reject(new VaultproofError('port_in_use', message, { details: { port, address }, cause }));
    });
    server.listen(port, address, resolve);
  });
  server.unref();
}

/** Whether a server can listen there. (Node's `networkInterfaces` leaves out a bridge that nothing runs on yet.) */
export function canListenAt(address: string): Promise<boolean> {
  const server = createServer();
  return listenAt(server, address, 0, '').then(
    () => new Promise((resolve) => server.close(() => resolve(true))),
    () => false,
  );
}

/**
 * Refuses what is not a port, before anything is started on it; undefined is left to the default.
 * @param of what takes the option, as the user calls it
 * @param lowest default 0, which stands for a free one
 * @throws UsageError
 *
 * @example
 * checkPort('startVault', '8200'); // "port" of startVault is "8200": expected a whole number from 0 to 65535
 */
export function checkPort(of: string, port: unknown, lowest = 0): void {
  if (port === undefined || (Number.isInteger(port) && Number(port) >= lowest && Number(port) <= 65_535)) return;
  const shown = typeof port === 'number' ? port : `"${String(port)}"`;
  throw new UsageError(`"port" of ${of} is ${shown}: expected a whole number from ${lowest} to 65535`);
}

/** A server that connects to this host: how it reaches it, as a started server tells it. */
export interface NetworkPeer {
  /** The name that it has for this host. */
  readonly hostName: string;
  /** The address of this host that a listener needs so that it is reached; undefined for loopback. */
  readonly hostAddress: string | undefined;
}

/**
 * Passes a connection on to a port of 127.0.0.1. Where one of the two ends, the other does. Neither keeps the process alive.
 *
 * @example
 * createServer((socket) => passOn(socket, 8200));
 */
export function passOn(incoming: Socket, port: number): void {
  const outgoing = connect({ host: '127.0.0.1', port });
  const end = (): void => {
    incoming.destroy();
    outgoing.destroy();
  };
  for (const socket of [incoming, outgoing]) {
    socket.unref();
    socket.on('error', end).on('close', end);
  }
  incoming.pipe(outgoing).pipe(incoming);
}
