import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { VaultproofError } from '../../errors/index.js';

/** A listener that was opened. */
export interface Listener {
  readonly port: number;
  /** Closes it and every connection to it. */
  close(): Promise<void>;
}

/**
 * Serves an app over HTTP on one address.
 * @param port 0 for a free one
 * @throws VaultproofError `port_in_use`
 */
export async function listen(app: Pick<Hono, 'fetch'>, address: string, port: number): Promise<Listener> {
  const server = createAdaptorServer({ fetch: (request, env) => app.fetch(request, env) }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') return reject(cause);
      const message = `port "${port}" on "${address}" is taken, choose another`;
      return reject(new VaultproofError('port_in_use', message, { details: { port, address }, cause }));
    });
    server.listen(port, address, resolve);
  });
  // A forgotten close() must not keep the process alive, and neither must a connection that a verifier keeps.
  server.unref();
  server.on('connection', (socket) => socket.unref());
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
