import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** How a server does not come to an end. */
export type Endless = 'body' | 'trickle' | 'silence';

/** A server on loopback, or on a Unix socket, whose answers never end, for the running test. */
export async function startEndlessServer(how: Endless, socketPath?: string): Promise<string> {
  const timers = new Set<NodeJS.Timeout>();
  const answer = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    if (how === 'trickle') timers.add(setInterval(() => response.write('1'), 20));
    const piece = Buffer.alloc(64 * 1024, ' ');
    const more = (): void => {
      while (!response.destroyed && response.write(piece));
    };
    if (how === 'body') more();
    if (how === 'body') response.on('drain', more);
  };
  const sockets = new Set<Socket>();
  const server =
    how === 'silence'
      ? createSocketServer((socket) => socket.on('error', () => {}))
      : createServer((_request, response) => answer(response));
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => {
    if (socketPath === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(socketPath, resolve);
  });
  onTestFinished(() => {
    server.close();
    for (const timer of timers) clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  });
  return socketPath ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
