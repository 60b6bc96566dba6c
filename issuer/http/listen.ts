import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { listenAt } from '../../internal/listening.js';
import type { TlsFaultSwitch } from '../tls/tls-fault.js';
import { faultyConnections, type ServerIdentity } from '../tls/tls-fault.js';

const REQUEST_TIMEOUT_MS = 10_000;
const MOST_CONNECTIONS = 512;

/** Answers a request if it is for what this serves, and says whether it was. */
export type ServeIfMine = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

/** What a listener serves. */
export interface Site {
  /** Asked first, for every request. */
  readonly documents: ServeIfMine;
  /** What serves the rest. */
  readonly app: Pick<Hono, 'fetch'>;
}

/** A listener that was opened. */
export interface Listener {
  readonly port: number;
  /** Closes it and every connection to it. */
  close(): Promise<void>;
}

/** How a listener is opened. */
export interface ListenOptions {
  /** How long a request may take to arrive, headers and body, in milliseconds; default 10,000. The answer is then 408. */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * How many connections are open at once; default 512. Beyond that the one that was quiet for longest is closed, and a new one
   * where every other waits for its answer.
   */
  readonly mostConnections?: number | undefined;
  /** Serves HTTPS with this certificate and its private key, both PEM; default HTTP. */
  readonly tls?: ServerIdentity | undefined;
  /** Has the faults of its connections; default it has none. */
  readonly tlsFaults?: TlsFaultSwitch | undefined;
}

/**
 * Serves a site over HTTP on one address.
 * @param port 0 for a free one
 * @throws VaultproofError `port_in_use`
 */
export async function listen(
  { documents, app }: Site,
  address: string,
  port: number,
  options: ListenOptions = {},
): Promise<Listener> {
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS, mostConnections = MOST_CONNECTIONS, tls, tlsFaults } = options;
  const serverOptions: ServerOptions = {
    // Its refusal is ours, as JSON.
    requireHostHeader: false,
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    // How often Node looks for what is late.
    connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs),
  };
  const serveApp = requestListener(app);
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    if (!documents(incoming, outgoing)) void serveApp(incoming, outgoing);
  };
  const tlsServer =
    tls &&
    createTlsServer({ ...serverOptions, handshakeTimeout: requestTimeoutMs, key: tls.key, cert: tls.cert }, listener);
  const connections = tlsServer && faultyConnections(tlsServer, tls, listener);
  if (connections) tlsFaults?.join(connections);
  const server = tlsServer ?? createServer(serverOptions, listener);
  // Node's own 408 comes first, within twice that time.
  boundConnections(server, mostConnections, 3 * requestTimeoutMs);
  const answering = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }: IncomingMessage, outgoing: ServerResponse) => {
    answering.set(socket, outgoing);
    outgoing.once('close', () => answering.delete(socket));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) =>
    answerBrokenRequest(error, socket, answering.get(socket)),
  );
  await listenAt(server, address, port, 'choose another');
  // A forgotten close() must not keep the process alive, and neither must a connection that a verifier keeps.
  server.on('connection', (socket) => socket.unref());
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        // HTTP does not know connections whose handshake isn't over.
        connections?.cut();
      }),
  };
}

/** What answers Node's requests by an app of Hono's. */
export function requestListener(app: Pick<Hono, 'fetch'>): ReturnType<typeof getRequestListener> {
  return getRequestListener((request, env) => app.fetch(request, env), {
    errorHandler: answerFailure,
    // The process is the caller's: its Request and Response stay what they are.
    overrideGlobalObjects: false,
  });
}

/** What reached no route: no Host, or one that is no name at all. */
function answerFailure(error: unknown): Response {
  const isBadRequest = error instanceof Error && error.name === 'RequestError';
  return isBadRequest
    ? Response.json({ error: 'invalid_request', error_description: 'bad request' }, { status: 400 })
    : Response.json({ error: 'server_error', error_description: 'the issuer failed' }, { status: 500 });
}

const brokenRequests: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** A request that never became one: Node's own answer has no body. Without TLS where it is wanted, there is no answer. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex, begun: ServerResponse | undefined): void {
  if (!socket.writable || /^(?:ECONNRESET$|ERR_TLS_|ERR_SSL_)/.test(error.code ?? '')) {
    socket.destroy();
    return;
  }
  // What comes behind a request that is being answered is no part of that answer.
  if (begun?.headersSent) {
    socket.end(() => socket.destroy());
    return;
  }
  const status = brokenRequests[error.code ?? ''] ?? '400 Bad Request';
  const body = JSON.stringify({ error: 'invalid_request', error_description: status.slice(4).toLowerCase() });
  const head = ['Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close'];
  socket.end([`HTTP/1.1 ${status}`, ...head, '', body].join('\r\n'), () => socket.destroy());
}

/** A connection, and the exchanges on it that are not over. */
interface Connection {
  readonly socket: Socket;
  readonly exchanges: Set<{ readonly incoming: IncomingMessage; readonly outgoing: ServerResponse }>;
}

/**
 * Bounds what connections cost a server, of HTTP or HTTPS. Only those stay for sure that have a request which has arrived and
 * is not answered yet. Of the others the one that was quiet for longest is closed when there are too many, and each that is
 * quiet for too long, also one whose client does not read its answer. A new one is closed where no other can be.
 * @param most how many are open at once
 * @param idleMs how long nothing may come or go
 */
export function boundConnections(server: Server, most: number, idleMs: number): void {
  /** The one that was used last comes last. */
  const open = new Map<string, Connection>();
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    open.set(name, { socket, exchanges: new Set() });
    socket.once('close', () => open.delete(name));
    if (open.size <= most) return;
    const quiet = [...open.values()].find((connection) => connection.socket !== socket && !isOwed(connection));
    (quiet?.socket ?? socket).destroy();
  });
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const name = nameOf(incoming.socket);
    const connection = open.get(name);
    if (!connection) return;
    open.delete(name);
    open.set(name, connection);
    const exchange = { incoming, outgoing };
    connection.exchanges.add(exchange);
    outgoing.once('close', () => connection.exchanges.delete(exchange));
  });
  server.setTimeout(idleMs, (socket) => {
    const connection = open.get(nameOf(socket));
    if (!connection || !isOwed(connection)) socket.destroy();
  });
}

/** Whether the server has yet to say something. */
function isOwed({ exchanges }: Connection): boolean {
  return [...exchanges].some(({ incoming, outgoing }) => incoming.complete && !outgoing.writableEnded);
}

/** Under TLS a request has another socket than its connection, with the same address. */
function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
