import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.js';

/** The path of a Unix socket that accepts every connection and never says anything, for the running test. */
export async function silentSocket(): Promise<string> {
  const path = join(await temporaryFolder(), 'docker.sock');
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of connections) socket.destroy();
  });
  return path;
}
