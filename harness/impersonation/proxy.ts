import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { listenAt } from '../../internal/listening.js';
import { type CertificateAuthority, faultyConnections, type VendorSite } from '../../issuer/vendors/index.js';

const LOOPBACK = '127.0.0.1';
/** How long a request may take to arrive, and a connection may be silent. */
const SILENCE_MS = 10_000;
const HTTPS_PORT = '443';

/** Something that was asked of the proxy, and that it refused. */
export interface RefusedRequest {
  /** The server that asked, `vault` or `consul`; undefined for any other client. */
  readonly server: string | undefined;
  /** What it wanted, for example `https://idp.example:443` or `https://gitlab.com/api/v4/projects`. */
  readonly url: string;
}

/** What answers for a host. */
type ProxySite = Pick<VendorSite, 'serve' | 'tlsFaults'>;

/** What the proxy answers for. */
export interface ProxySites {
  /** What answers for a host; undefined where nothing does. */
  siteOf(host: string): Promise<ProxySite> | undefined;
}

/** A proxy that runs. */
export interface Proxy {
  readonly port: number;
  /** Everything that was refused, oldest first. */
  readonly refused: readonly RefusedRequest[];
  /**
   * Listens on another address of this host, too, at the same port.
   * @throws VaultproofError `port_in_use`
   */
  listenOn(address: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A CONNECT proxy that answers for some hosts itself, with TLS by a CA of ours, and connects to no other. Why it refuses one
 * is in the reason phrase of its answer, which Go's client makes its error.
 * @param port on 127.0.0.1
 * @throws VaultproofError `port_in_use`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
 */
export async function startProxy(port: number, sites: ProxySites, authority: CertificateAuthority): Promise<Proxy> {
  const refused: RefusedRequest[] = [];
  const limits = { headersTimeout: SILENCE_MS, requestTimeout: SILENCE_MS };
  const sockets = new Set<Socket>();
  /** Under TLS a request has another socket than its connection, with the same address. */
  const clients = new Map<string, string | undefined>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.unref();
    socket.on('error', () => socket.destroy());
    const name = nameOf(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      clients.delete(name);
    });
  };

  /** The servers that answer for hosts, each made when its host is first asked for. */
  const origins = new Map<string, TlsServer>();
  const originFor = (host: string, { serve, tlsFaults }: ProxySite): TlsServer => {
    const identity = authority.identify(host);
    const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
      if (serve(incoming, outgoing)) return;
      const url = `https://${incoming.headers.host ?? ''}${incoming.url}`;
      refused.push({ server: clients.get(nameOf(incoming.socket)), url });
      answer(outgoing, 404, `${url} is neither the discovery document nor the key set of this issuer`);
    };
    const { key, cert } = identity;
    const origin = createTlsServer({ ...limits, handshakeTimeout: SILENCE_MS, key, cert }, listener);
    tlsFaults.join(faultyConnections(origin, identity, listener));
    // A client that does not trust the CA breaks the handshake off, and says why in its own words.
    origin.on('tlsClientError', (_error, socket) => socket.destroy());
    origins.set(host, origin);
    return origin;
  };

  const connect = (request: IncomingMessage, socket: Socket, head: Buffer): void => {
    const [, host = '', to = ''] = /^(.*):(\d+)$/.exec((request.url ?? '').toLowerCase()) ?? [];
    const site = to === HTTPS_PORT ? sites.siteOf(host) : undefined;
    if (site === undefined) {
      refused.push({ server: userOf(request), url: `https://${request.url}` });
      socket.end(`HTTP/1.1 403 ${reasonFor(request.url ?? '')}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    const accept = (ready: ProxySite): void => {
      if (socket.destroyed) return;
      clients.set(nameOf(socket), userOf(request));
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) socket.unshift(head);
      (origins.get(host) ?? originFor(host, ready)).emit('connection', socket);
    };
    site.then(accept, () => socket.destroy());
  };
  const plain = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    refused.push({ server: userOf(incoming), url: incoming.url ?? '' });
    answer(outgoing, 403, reasonFor(incoming.url ?? ''));
  };
  const servers: Server[] = [];
  const listenOn = async (address: string): Promise<void> => {
    const server = createServer(limits, plain);
    server.on('connect', connect).on('connection', keep);
    await listenAt(server, address, port, 'start the environment again');
    servers.push(server);
  };
  await listenOn(LOOPBACK);
  return {
    port,
    refused,
    listenOn,
    stop: async () => {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function reasonFor(wanted: string): string {
  return `"${wanted.replaceAll(/[^\x21-\x7e]/g, '')}" is not impersonated`;
}

/** The user that a server was given in its proxy's URL: its own name. */
function userOf({ headers }: IncomingMessage): string | undefined {
  const [, basic] = /^Basic (\S+)$/i.exec(headers['proxy-authorization'] ?? '') ?? [];
  return basic === undefined ? undefined : Buffer.from(basic, 'base64').toString('utf8').split(':')[0];
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function answer(outgoing: ServerResponse, status: number, description: string): void {
  const body = JSON.stringify({ error: 'not_impersonated', error_description: description });
  outgoing
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
    .end(body);
}
