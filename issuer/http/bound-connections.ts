import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

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
