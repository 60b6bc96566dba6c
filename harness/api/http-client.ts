import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { VaultproofError, WrongUse } from '../../errors/index.js';

const TIMEOUT_MS = 60_000;

/** What a request sends besides its method and path. */
export interface HttpRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, where there is no `json`. */
  readonly text?: string;
  /** How long the server may be silent, in milliseconds; default the client's. */
  readonly timeoutMs?: number;
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
   * another name or is out of date, and `request_failed` when there is no answer for another reason
   */
  request(method: string, path: string, request?: HttpRequest): Promise<HttpAnswer>;
  /** Closes the connections. */
  close(): void;
}

/** How a client is made. */
export interface HttpClientOptions {
  /** The CA that the server's certificate must lead to, and no other, PEM; default those that Node trusts. */
  readonly ca?: string | undefined;
  /** How long the server may be silent, in milliseconds; default 60,000. */
  readonly timeoutMs?: number;
  /** What the server is, see {@link HttpClient.product}. */
  readonly product?: string | undefined;
}

/**
 * A client that goes to `address` and nowhere else: it reads no environment variable, uses no proxy and follows no
 * redirect.
 */
export function httpClient(address: string, options: HttpClientOptions = {}): HttpClient {
  const base = serverUrl(address);
  const secure = base.protocol === 'https:';
  const agent = connections(secure, options);
  const send = secure ? httpsRequest : httpRequest;
  const { host } = base;
  // An IPv6 host keeps its brackets in a URL and loses them in a socket address.
  const hostname = base.hostname.replace(/^\[|\]$/g, '');
  const port = base.port === '' ? (secure ? 443 : 80) : base.port;

  const request: HttpClient['request'] = (method, path, { headers, json, text, timeoutMs } = {}) =>
    new Promise((resolve, reject) => {
      const fail = (cause: Error): void => {
        const untrusted = certificateFault(cause);
        const code = untrusted === undefined ? 'request_failed' : 'certificate_untrusted';
        const advice = untrusted ?? (speaksHttp(cause) ? `; no TLS is spoken there, write "http://${host}"` : '');
        const reason = speaksHttp(cause) ? 'the server answers in plain HTTP' : cause.message;
        const message = `no answer to ${method} "${path}" from "${address}": ${reason}${advice}`;
        reject(new VaultproofError(code, message, { details: { method, path, address }, cause }));
      };
      const body = json === undefined ? text : JSON.stringify(json);
      const fields = fieldsOf(host, headers, body, json !== undefined);
      const parts: RequestOptions = { agent, host: hostname, port, method, path, headers: fields };
      if (timeoutMs !== undefined) parts.timeout = timeoutMs;
      const outgoing = send(parts, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', fail);
        incoming.on('end', () => {
          const received = chunks.length === 0 ? '' : Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: parseBody(received) });
        });
      });
      outgoing.on('error', fail);
      outgoing.end(body);
    });

  return { address: base.origin, request, close: () => agent.destroy() };
}

/** A request's headers, names and values in turn: Node takes less time with them than with an object. */
function fieldsOf(host: string, headers: HttpRequest['headers'] = {}, body = '', isJson: boolean): string[] {
  const fields = ['host', host, 'content-length', String(Buffer.byteLength(body))];
  let hasType = false;
  for (const name of Object.keys(headers)) {
    fields.push(name, String(headers[name]));
    hasType ||= name.toLowerCase() === 'content-type';
  }
  if (isJson && !hasType) fields.push('content-type', 'application/json');
  return fields;
}

/**
 * An agent of our own, because NODE_USE_ENV_PROXY changes Node's global ones. A connection that was silent for too long
 * is ended by what is told of it once: to tell with each request takes several microseconds.
 */
function connections(secure: boolean, { ca, timeoutMs = TIMEOUT_MS }: HttpClientOptions): HttpAgent {
  const kept = { keepAlive: true, timeout: timeoutMs };
  const agent = secure
    ? new HttpsAgent({ ...kept, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) })
    : new HttpAgent(kept);
  // They all go to one server, so there is no need to find out which of them go to the same one.
  agent.getName = () => 'the server';
  const connect: HttpAgent['createConnection'] = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const connection = connect(options, callback);
    connection?.once('timeout', () => connection.destroy(new Error('timed out')));
    return connection;
  };
  return agent;
}

/**
 * An address with a scheme, a host and nothing behind them: what is dropped silently would lead elsewhere.
 * @throws WrongUse for any other
 */
export function serverUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isServer =
    url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
  if (isServer && url.username === '' && url.password === '') return url;
  throw new WrongUse(`"${address}" is not a server's address: write it with its scheme and port, http://HOST:PORT`);
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
