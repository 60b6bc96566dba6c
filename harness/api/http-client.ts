import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
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
  /** How long the server may be silent, in milliseconds; default 60,000. */
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
}

/**
 * A client that goes to `address` and nowhere else: it reads no environment variable, uses no proxy and follows no
 * redirect. (The agents are our own, because NODE_USE_ENV_PROXY changes Node's global ones.)
 */
export function httpClient(address: string, { ca }: HttpClientOptions = {}): HttpClient {
  const base = serverUrl(address);
  const secure = base.protocol === 'https:';
  const agent = secure
    ? new HttpsAgent({
        keepAlive: true,
        timeout: TIMEOUT_MS,
        rejectUnauthorized: true,
        ...(ca === undefined ? {} : { ca }),
      })
    : new HttpAgent({ keepAlive: true, timeout: TIMEOUT_MS });
  const send = secure ? httpsRequest : httpRequest;
  const server = {
    agent,
    // An IPv6 host keeps its brackets in a URL and loses them in a socket address.
    host: base.hostname.replace(/^\[|\]$/g, ''),
    port: base.port === '' ? (secure ? 443 : 80) : base.port,
  };
  const { host } = base;

  const request = (method: string, path: string, options: HttpRequest = {}): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const fail = (cause: Error): void => {
        const untrusted = certificateFault(cause);
        const code = untrusted === undefined ? 'request_failed' : 'certificate_untrusted';
        const message = `no answer to ${method} "${path}" from "${address}": ${cause.message}${untrusted ?? ''}`;
        reject(new VaultproofError(code, message, { details: { method, path, address }, cause }));
      };
      const body = options.json === undefined ? options.text : JSON.stringify(options.json);
      const outgoing = send(
        {
          ...server,
          method,
          path,
          headers: {
            host,
            ...(options.json === undefined ? {} : { 'content-type': 'application/json' }),
            ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
            ...options.headers,
          },
          timeout: options.timeoutMs ?? TIMEOUT_MS,
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', fail);
          incoming.on('end', () => {
            const text = chunks.length === 0 ? '' : Buffer.concat(chunks).toString('utf8');
            resolve(answerOf(incoming, text));
          });
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
      outgoing.on('error', fail);
      outgoing.end(body);
    });

  return { address: base.origin, request, close: () => agent.destroy() };
}

/** An address with a scheme, a host and nothing behind them: what is dropped silently would lead elsewhere. */
function serverUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isServer =
    url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
  if (isServer && url.username === '' && url.password === '') return url;
  throw new WrongUse(`"${address}" is not a server's address, such as "http://127.0.0.1:8200"`);
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

/** The headers are put together by Node when they are asked for, which most answers never are. */
function answerOf(incoming: IncomingMessage, text: string): HttpAnswer {
  return {
    status: incoming.statusCode ?? 0,
    get headers() {
      return incoming.headers;
    },
    body: parseBody(text),
  };
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
