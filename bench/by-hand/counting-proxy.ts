import { type AddressInfo, connect, createServer } from 'node:net';

/** A way to a server on loopback that counts the requests that go through it. */
export interface CountingProxy extends AsyncDisposable {
  readonly address: string;
  /** How many requests have been sent, and how many of them have no answer yet. */
  count(): { readonly sent: number; readonly open: number };
}

/** Forwards a free port to a server that is called over HTTP/1.1, one request after the other on each connection. */
export async function countingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target);
  let sent = 0;
  let answered = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.on('data', (chunk: Buffer) => {
      sent += chunk.toString('latin1').match(/^[A-Z]+ \S+ HTTP\/1\.1\r$/gm)?.length ?? 0;
    });
    upstream.on('data', (chunk: Buffer) => {
      answered += chunk.toString('latin1').match(/^HTTP\/1\.1 \d+/gm)?.length ?? 0;
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => ({ sent, open: sent - answered }),
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
}
