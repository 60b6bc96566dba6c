import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { UsageError, VaultproofError } from '../errors/index.js';
import { boundedAnswer, UnboundedAnswer } from './bounded-answer.js';
import { shownUrl } from './redaction.js';

/** Longer than the 30 s after which Vault gives up connecting to where its keys are, and says so. */
const SILENCE_MS = 35_000;
const TOTAL_MS = 60_000;

/** What a request sends besides its method and path. */
export interface HttpRequest {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, where there is no `json`. */
  readonly text?: string | undefined;
  /** How long the server may be silent, in milliseconds; default the client's. */
  readonly timeoutMs?: number | undefined;
  /** How long the whole answer may take, in milliseconds; default the client's. */
  readonly totalMs?: number | undefined;
  /** Ends the request, which then fails. */
  readonly signal?: AbortSignal | undefined;
  /** Waiting for the answer does not keep the process alive. Default: false. */
  readonly idle?: boolean | undefined;
  /** The path as messages have it, where it has a secret in it; default as it is. */
  readonly shownPath?: string | undefined;
}

/** A whole answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed where it is JSON, else the text; undefined when empty. */
  readonly body: unknown;
}

/** Sends requests to one server, over connections that are kept. */
export interface HttpClient {
  readonly address: string;
  /** What the server is, where that is known, for messages: `vault`, `openbao`, `consul`. */
  readonly product?: string | undefined;
  /**
   * @param path starts with a slash
   * @throws VaultproofError `certificate_untrusted` where the server's certificate leads to no CA that is trusted, has
   * another name or is out of date, and `request_failed` when there is no answer for another reason: none came in time, or
   * one that is too long
   */
  request(method: string, path: string, request?: HttpRequest): Promise<HttpAnswer>;
  /** Closes the connections; requests under way and later ones fail. */
  close(): void;
}

/** A client whose connections others use, too. */
export interface SharedClient extends HttpClient {
  /** Another client of the same connections. Closing it ends its own requests, and neither others nor the connections. */
  sharing(): HttpClient;
}

/** How a client is made. */
export interface HttpClientOptions {
  /** The CA that the server's certificate must lead to, and no other, PEM; default those that Node trusts. */
  readonly ca?: string | undefined;
  /** How long the server may be silent, in milliseconds; default 35,000. */
  readonly timeoutMs?: number;
  /** How long a whole answer may take, in milliseconds; default 60,000. */
  readonly totalMs?: number;
  /** The longest body of an answer, in bytes; default 8 MiB. */
  readonly maxBytes?: number;
  /** Probes connections that are silent this often, in milliseconds, for a peer that is gone without a word. Default: never. */
  readonly keepAliveMs?: number;
  /** What the server is, see {@link HttpClient.product}. */
  readonly product?: string | undefined;
  /** The address of this host that connections are made from. Default: the system chooses. */
  readonly localAddress?: string | undefined;
}

/**
 * Requests that are more at once wait. Consul takes 200 connections of an address, and a server has several clients.
 * @see https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file/limits#http_max_conns_per_client
 */
const MOST_CONNECTIONS = 50;

/**
 * A client that goes to `address` and nowhere else: it reads no environment variable, uses no proxy and follows no
 * redirect.
 *
 * @example
 * const http = httpClient('http://127.0.0.1:8200');
 * const { status } = await http.request('GET', '/v1/sys/health');
 */
export function httpClient(address: string, options: HttpClientOptions = {}): HttpClient {
  return sharedClient(address, options);
}

/** The same, for several that share its connections. */
export function sharedClient(address: string, options: HttpClientOptions = {}): SharedClient {
  const base = serverUrl(address);
  const secure = base.protocol === 'https:';
  // Agents of our own, because NODE_USE_ENV_PROXY changes Node's global ones.
  const kept = { keepAlive: true, timeout: options.timeoutMs ?? SILENCE_MS, maxSockets: MOST_CONNECTIONS };
  const agent = secure ? new HttpsAgent({ ...kept, rejectUnauthorized: true, ca: options.ca }) : new HttpAgent(kept);
  const send = secure ? httpsRequest : httpRequest;
  const { host } = base;
  // An IPv6 host keeps its brackets in a URL and loses them in a socket address.
  const hostname = base.hostname.replace(/^\[|\]$/g, '');
  const port = base.port === '' ? (secure ? 443 : 80) : base.port;

  const { maxBytes, keepAliveMs, localAddress } = options;
  // One function for all that share the connections: made anew for each, it would never be compiled well.
  const request = async (method: string, path: string, asked: HttpRequest, own: OwnRequests): Promise<HttpAnswer> => {
    const { headers, json, text, idle, shownPath, signal } = asked;
    const body = json === undefined ? text : JSON.stringify(json);
    const type = json === undefined ? {} : { 'content-type': 'application/json' };
    const length = Buffer.byteLength(body ?? '');
    const outgoing = send({
      agent,
      host: hostname,
      port,
      localAddress,
      method,
      path,
      headers: { host, 'content-length': length, ...type, ...headers },
      ...(signal && { signal }),
    });
    own.underWay.add(outgoing);
    const answer = boundedAnswer(outgoing, {
      maxBytes,
      timeoutMs: asked.timeoutMs ?? kept.timeout,
      totalMs: asked.totalMs ?? options.totalMs ?? TOTAL_MS,
    });
    if (keepAliveMs !== undefined || idle === true) {
      outgoing.on('socket', (socket) => {
        if (keepAliveMs !== undefined) socket.setKeepAlive(true, keepAliveMs);
        if (idle === true) socket.unref();
      });
    }
    if (own.closed) outgoing.destroy(isClosed());
    outgoing.end(body);
    try {
      const { incoming, bytes } = await answer;
      return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: parseBody(bytes.toString('utf8')) };
    } catch (error) {
      throw noAnswer(error as Error, { method, path: shownPath ?? path, address });
    } finally {
      own.underWay.delete(outgoing);
    }
  };
  const sharing = (): HttpClient => {
    const own: OwnRequests = { underWay: new Set(), closed: false };
    return {
      address: base.origin,
      request: (method, path, asked = {}) => request(method, path, asked, own),
      close: () => {
        own.closed = true;
        for (const outgoing of own.underWay) outgoing.destroy(isClosed());
      },
    };
  };

  const own = sharing();
  const close = (): void => {
    own.close();
    agent.destroy();
  };
  return { ...own, sharing, close };
}

/** The requests of one client. */
interface OwnRequests {
  readonly underWay: Set<ClientRequest>;
  closed: boolean;
}

function isClosed(): Error {
  return new Error('the client is closed');
}

/** The error for a request without an answer that is of use. */
function noAnswer(cause: Error, to: Readonly<Record<'method' | 'path' | 'address', string>>): VaultproofError {
  const { method, path, address } = to;
  const untrusted = certificateFault(cause);
  const code = untrusted === undefined ? 'request_failed' : 'certificate_untrusted';
  const advice =
    untrusted ?? (speaksHttp(cause) ? `; no TLS is spoken there, write "${address.replace(/^https/i, 'http')}"` : '');
  const reason = speaksHttp(cause) ? 'the server answers in plain HTTP' : cause.message;
  const what = cause instanceof UnboundedAnswer ? 'no whole answer' : 'no answer';
  return new VaultproofError(code, `${what} to ${method} "${path}" from "${address}": ${reason}${advice}`, {
    details: { method, path, address },
    cause,
  });
}

/**
 * An address with a scheme, a host and nothing behind them: what is dropped silently would lead elsewhere.
 * @throws UsageError for any other
 */
export function serverUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isServer =
    url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
  if (isServer && url.username === '' && url.password === '') return url;
  throw new UsageError(
    `"${shownUrl(address)}" is not a server's address: write it with its scheme and port, http://HOST:PORT`,
  );
}

/**
 * What to do where the server's certificate was refused; undefined where something else failed. (What begins with
 * ERR_SSL is of the connection.)
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
function certificateFault(cause: Error): string | undefined {
  const code = 'code' in cause ? String(cause.code) : '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return '; give the server a certificate for this address';
  if (/^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/.test(code)) return '; give the server a certificate that is valid now';
  const refused = /^(?!ERR_SSL_)(?:.*CERT.*|UNABLE_TO_VERIFY_LEAF_SIGNATURE|INVALID_CA|INVALID_PURPOSE)$/.test(code);
  return refused ? '; give the CA that signed its certificate' : undefined;
}

/** OpenSSL read the first bytes of an answer as a record of TLS. */
function speaksHttp(cause: Error): boolean {
  return /wrong version number|packet length too long/.test(cause.message);
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
