import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SentRequest } from '../test/support/provider-fixture.js';

/** A proxy on loopback that passes everything on to one server and keeps what changes something. */
export interface RecordingProxy {
  readonly address: string;
  /** What was sent since the last call. */
  taken(): readonly SentRequest[];
  stop(): void;
}

/** They are about the client's own token. */
const UNINTERESTING = /^auth\/token\/(?!roles\/)/;

/** Starts a proxy to the API at an address. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  let sent: SentRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const method = incoming.method ?? 'GET';
      const namespace = incoming.headers['x-vault-namespace'];
      const within = namespace === undefined || namespace === '' ? '' : `${String(namespace).replace(/\/$/, '')}/`;
      const path = `${within}${(incoming.url ?? '').replace(/^\/v1\/+/, '').replace(/\?.*$/, '')}`;
      if (method !== 'GET' && method !== 'LIST' && !UNINTERESTING.test(path)) {
        sent.push({ method, path, ...(body.length > 0 && { body: parsed(body.toString('utf8')) }) });
      }
      const onward = httpRequest(
        new URL(incoming.url ?? '/', target),
        { method, headers: { ...incoming.headers, host: new URL(target).host } },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.on('error', () => outgoing.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken: () => {
      const all = sent;
      sent = [];
      return all;
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Consul's key-value store has what is not JSON. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
