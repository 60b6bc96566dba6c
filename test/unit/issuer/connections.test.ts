import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { describe, expect, onTestFinished, test } from 'vitest';
import { boundConnections } from '../../../issuer/http/listen.js';

const GET_KEY_SET = 'GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** An open connection that has sent something, and what became of it. */
interface Opened {
  readonly socket: Socket;
  /** Resolves with all that was received once it is closed. */
  readonly closed: Promise<string>;
}

async function open({ url }: Pick<StartedIssuer, 'url'>, text = ''): Promise<Opened> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (chunk) => {
    received += String(chunk);
  });
  // A connection that is refused may be reset.
  socket.on('error', () => {});
  const closed = once(socket, 'close').then(() => received);
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return { socket, closed };
}

async function openAndAsk(issuer: StartedIssuer): Promise<Opened> {
  const opened = await open(issuer, GET_KEY_SET);
  await once(opened.socket, 'data');
  return opened;
}

describe.each([false, true])('connections (https: %s)', (tls) => {
  test('connections on which nothing is sent are closed', async () => {
    await using issuer = await startIssuer({ tls, requestTimeoutMs: 100 });
    const { closed } = await open(issuer);
    expect(await closed).toMatch(tls ? /^$/ : /^HTTP\/1\.1 408 /);
  });

  test('connections on which nothing is sent keep no other client out', async () => {
    await using issuer = await startIssuer({ tls, mostConnections: 8 });
    const silent: Opened[] = [];
    for (let count = 0; count < 40; count += 1) silent.push(await open(issuer));
    await Promise.all(silent.slice(0, 32).map(({ closed }) => closed));
    const port = Number(new URL(issuer.url).port);
    const socket = tls ? connectTls({ port, host: '127.0.0.1', ca: issuer.caPem }) : connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write(GET_KEY_SET);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test('of too many connections the one that was quiet for longest is closed', async () => {
  await using issuer = await startIssuer({ mostConnections: 2 });
  const first = await openAndAsk(issuer);
  const second = await openAndAsk(issuer);
  first.socket.write(GET_KEY_SET);
  await once(first.socket, 'data');
  await openAndAsk(issuer);
  await second.closed;
  first.socket.write(GET_KEY_SET);
  await once(first.socket, 'data');
});

test('where every connection waits for its answer, a new one is closed', async () => {
  await using issuer = await startIssuer({ mostConnections: 2, faults: { jwks: { delayMs: 60_000 } } });
  const waiting = [await open(issuer, GET_KEY_SET), await open(issuer, GET_KEY_SET)];
  while (issuer.fetches.jwks < 2) await new Promise((resolve) => setImmediate(resolve));
  expect(await (await open(issuer, GET_KEY_SET)).closed).toBe('');
  expect(waiting.map(({ socket }) => socket.readyState)).toEqual(['open', 'open']);
});

test('a client that does not read what it asked for is cut', async () => {
  const server = createServer((_incoming, outgoing) => outgoing.end('x'.repeat(16_000_000)));
  boundConnections(server, 2, 100);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  client.write(GET_KEY_SET);
  const [connection] = (await once(server, 'connection')) as [Socket];
  await once(connection, 'close');
  expect(client.bytesRead).toBeLessThan(16_000_000);
});

test('an answer that is late on purpose is waited for', async () => {
  await using issuer = await startIssuer({ requestTimeoutMs: 100, faults: { jwks: { delayMs: 500 } } });
  const { socket } = await open(issuer, GET_KEY_SET);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
});
