import { createServer, type RequestListener } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { UsageError } from '../../errors/index.js';
import { type CertificateFlaw, certificateFlaws } from './certificate.js';
import type { TlsIdentity } from './tls-identity.js';

/** What can go wrong before the first byte of HTTP, by name; docs/faults.md says what each is. */
export const tlsFaultNames = [...certificateFlaws, 'old-protocol', 'cut-handshake', 'plain-http'] as const;
/** The name of a fault of the connection. */
export type TlsFaultName = (typeof tlsFaultNames)[number];

/** The faults of the connections to an issuer that serves HTTPS, for all the issuers of a server at once. */
export interface TlsFaults {
  /** Undefined for none. */
  get(): TlsFaultName | undefined;
  /**
   * Has every connection from now on made with a fault; those that are open are cut, so that nobody goes on with one.
   * @throws TypeError for an unknown name, over HTTP, and for a certificate's fault with an identity of one's own, whose
   *   CA isn't there to sign it
   */
  set(fault: TlsFaultName): void;
  /** Has connections made as they should be; those that are open are cut. */
  clear(): void;
}

/** A server that can take a fault. */
export interface TakesTlsFault {
  take(fault: TlsFaultName | undefined): void;
}

/** A fault for several servers of one identity. */
export interface TlsFaultSwitch extends TlsFaults {
  /** @throws TypeError as {@link TlsFaults.set} does */
  check(fault: TlsFaultName): void;
  /** Gives a server the fault that there is, and each one that comes. */
  join(server: TakesTlsFault): void;
}

/**
 * A switch that no server has joined yet.
 * @param identity what the servers show; undefined over HTTP
 * @throws TypeError as {@link TlsFaults.set} does
 */
export function tlsFaultSwitch(identity: TlsIdentity | undefined, initial?: TlsFaultName): TlsFaultSwitch {
  const servers: TakesTlsFault[] = [];
  let current: TlsFaultName | undefined;
  const change = (fault: TlsFaultName | undefined): void => {
    current = fault;
    for (const server of servers) server.take(fault);
  };
  const set = (fault: TlsFaultName): void => {
    check(fault, identity);
    change(fault);
  };
  if (initial !== undefined) set(initial);
  return {
    get: () => current,
    check: (fault) => check(fault, identity),
    set,
    clear: () => change(undefined),
    join: (server) => {
      servers.push(server);
      if (current !== undefined) server.take(current);
    },
  };
}

function check(fault: TlsFaultName, identity: TlsIdentity | undefined): void {
  if (!tlsFaultNames.includes(fault)) {
    throw new UsageError(`unknown TLS fault "${fault}"; expected one of ${tlsFaultNames.join(', ')}`);
  }
  if (!identity) throw new UsageError(`"${fault}" needs an issuer that serves HTTPS: start it with tls`);
  if (isCertificateFlaw(fault) && !identity.flawed) {
    throw new UsageError(
      `"${fault}" needs a certificate that the CA signs: start the issuer with generateTlsIdentity()`,
    );
  }
}

/** Whether a fault is one of the certificate. */
export function isCertificateFlaw(fault: TlsFaultName | undefined): fault is CertificateFlaw {
  return certificateFlaws.some((flaw) => flaw === fault);
}

/** What a server shows who it is with. */
export type ServerIdentity = Pick<TlsIdentity, 'cert' | 'key' | 'flawed'>;

/** The connections of a server, with a fault or without. */
interface FaultyConnections extends TakesTlsFault {
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
