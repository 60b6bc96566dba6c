import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startProxyRelay } from '../../../harness/impersonation/index.js';

/** A program that says its name to each connection, and keeps it open. */
async function startNamed(name: string): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.write(name);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** A relay, and what connects to where a server is told that its proxy is. */
async function relayed() {
  const relay = await startProxyRelay('-----BEGIN CERTIFICATE-----');
  onTestFinished(() => relay.stop());
  const place = {
    service: 'vault',
    engine: 'docker',
    hostName: 'host.docker.internal',
    folder: '/tmp',
    isElsewhere: false,
  };
  const { env } = relay.settings(place as Parameters<typeof relay.settings>[0]);
  const { port } = new URL(env['HTTPS_PROXY'] ?? '');
  const open = (): Socket => {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
    onTestFinished(() => void socket.destroy());
    return socket;
  };
  const heard = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);
  return { relay, open, heard };
}

test('a relay leads to one proxy after the other', async () => {
  const { relay, open, heard } = await relayed();
  for (const name of ['first', 'second']) {
    relay.leadTo(await startNamed(name));
    expect(await heard(open())).toBe(name);
  }
});

test('a relay that is cut ends the connections to the proxy before, and makes no other', async () => {
  const { relay, open, heard } = await relayed();
  relay.leadTo(await startNamed('first'));
  const kept = open();
  expect(await heard(kept)).toBe('first');
  const ended = once(kept, 'close');
  relay.cut();
  await ended;
  await once(open(), 'close');
  relay.leadTo(await startNamed('second'));
  expect(await heard(open())).toBe('second');
});

test('a connection to a proxy that is gone is closed', async () => {
  const { relay, open } = await relayed();
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  gone.close();
  await once(gone, 'close');
  relay.leadTo(port);
  await once(open(), 'close');
});
