import { createServer, type RequestListener } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { isCertificateFlaw, type TakesTlsFault, type TlsFaultName } from './tls-fault.js';
import type { TlsIdentity } from './tls-identity.js';

/** What a server shows who it is with. */
export type ServerIdentity = Pick<TlsIdentity, 'cert' | 'key' | 'flawed'>;

/** The connections of a server, with a fault or without. */
export interface FaultyConnections extends TakesTlsFault {
  /** Cuts them all. */
  cut(): void;
}

/**
 * Stands between an HTTPS server and those who connect to it.
 * @param listener what answers requests, also those without TLS under `plain-http`
 */
export function faultyConnections(
  server: Server,
  identity: ServerIdentity,
  listener: RequestListener,
): FaultyConnections {
  const sockets = new Set<Socket>();
  const plain = createServer(listener);
  let fault: TlsFaultName | undefined;
  // Node's own listener begins the handshake at once, and a later listener can't keep a connection from that.
  const handshakes = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (fault === 'cut-handshake') return cutAfterHello(socket);
    if (fault === 'plain-http') return plain.emit('connection', socket);
    for (const handshake of handshakes) handshake.call(server, socket);
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    cut,
    take: (next) => {
      fault = next;
      server.setSecureContext(contextOf(identity, next));
      cut();
    },
  };
}

/** What was sent is read first: the connection is then closed in order, and not reset. */
function cutAfterHello(socket: Socket): void {
  socket.on('error', () => {});
  socket.once('data', () => socket.end());
}

function contextOf({ key, cert, flawed }: ServerIdentity, fault: TlsFaultName | undefined): SecureContextOptions {
  if (isCertificateFlaw(fault)) return { key, cert: flawed?.[fault] ?? cert };
  // OpenSSL has TLS 1.1 at its lowest level alone.
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  return { key, cert, ...(fault === 'old-protocol' && old) };
}
