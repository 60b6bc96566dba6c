import { createServer, type Server } from 'node:net';
import { VaultproofError } from '../errors/index.js';

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
