import { connect, type Socket } from 'node:net';

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
