import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server that nobody should talk to, for the running test. */
export interface TrapServer {
  /** For example `http://127.0.0.1:41234`. */
  readonly url: string;
  /** What reached it: method and path of each request, `connection` for each connection. */
  readonly caught: readonly string[];
}

/** Starts a server on loopback that answers everything and keeps a list of it. */
export async function startTrapServer(): Promise<TrapServer> {
  const caught: string[] = [];
  const server = createServer((request, response) => {
    caught.push(`${request.method} ${request.url}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.on('connection', () => caught.push('connection'));
  server.on('connect', (request, socket) => {
    caught.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, caught };
}
