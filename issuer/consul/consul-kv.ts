import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { VaultproofError, WrongUse } from '../../errors/index.js';
import { boundedAnswer, UnboundedAnswer } from '../../internal/bounded-answer.js';
import { consulRefusal, entriesOf, type KvEntry } from './consul-answer.js';

/** Which Consul, and as whom. */
export interface ConsulAccess {
  /** For example `http://127.0.0.1:8500`. */
  readonly address: string;
  /** An ACL token; it goes to that address alone, and into no message. */
  readonly token: string;
  /** The CA that the server's certificate must lead to, PEM; default those that Node trusts. */
  readonly ca?: string;
}

/** What was read. */
export interface KvAnswer {
  /** What a blocking query waits beyond. */
  readonly index: number;
  /** None where there is no such key, or none that the token may read. */
  readonly entries: readonly KvEntry[];
}

/** How a key is read. */
export interface KvQuery {
  /** All keys that begin with it, too; default false. */
  readonly recurse?: boolean;
  /** Waits until there is something beyond this index; default 0, at once. */
  readonly index?: number;
  /** How long it waits, in seconds; the server adds a sixteenth at most. */
  readonly waitSeconds?: number;
}

/**
 * Consul's key-value store. Each call throws a VaultproofError: `request_failed` when there is no answer,
 * `permission_denied`, `no_leader`, `acl_disabled`, `value_too_large` or `request_refused`, with Consul's own words.
 * @see https://developer.hashicorp.com/consul/api-docs/kv
 */
export interface ConsulKv {
  /** Reads a key; a query that waits does not keep the process alive. */
  read(key: string, query?: KvQuery): Promise<KvAnswer>;
  /**
   * Writes a key.
   * @param cas only if its `modifyIndex` is this, 0 for a key that is not there; default in any case
   * @returns false when another writer came first, and nothing was written
   */
  write(key: string, value: string, cas?: number): Promise<boolean>;
  /** Removes a key if its `modifyIndex` is this, and says whether it was. */
  remove(key: string, cas: number): Promise<boolean>;
  /** Cuts every request that is under way, and takes no more. */
  close(): void;
}

/** Servers without a leader hold a request for 7 s and more before they say so. */
const TIMEOUT_MS = 20_000;
/** A peer that is gone without a word is noticed by probes of the connection, long before a query's wait is over. */
const KEEP_ALIVE_MS = 10_000;

/**
 * A client that goes to one address and nowhere else: it reads no environment variable, uses no proxy and follows no
 * redirect.
 * @throws TypeError for what is no address of a server, and for a token that no header takes
 */
export function consulKv({ address, token, ca }: ConsulAccess): ConsulKv {
  const base = serverUrl(address);
  if (!/^[\x21-\x7e]*$/.test(token)) throw new WrongUse("Consul's token has a character that no token has");
  const secure = base.protocol === 'https:';
  const kept = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS };
  const agent = secure ? new HttpsAgent({ ...kept, ...(ca === undefined ? {} : { ca }) }) : new HttpAgent(kept);
  const send = secure ? httpsRequest : httpRequest;
  let closed = false;

  const request = async (method: string, path: string, totalMs: number, isIdle: boolean, body?: string) => {
    const outgoing = send({
      agent,
      method,
      // An IPv6 host keeps its brackets in a URL and loses them in a socket address.
      host: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port === '' ? (secure ? 443 : 80) : base.port,
      path: `/v1/${path}`,
      headers: {
        host: base.host,
        ...(token === '' ? {} : { 'x-consul-token': token }),
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
    });
    const answer = boundedAnswer(outgoing, { totalMs });
    outgoing.on('socket', (socket) => {
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      if (isIdle) socket.unref();
    });
    if (closed) outgoing.destroy(new Error('the client is closed'));
    outgoing.end(body);
    try {
      const { incoming, bytes } = await answer;
      return { incoming, text: bytes.toString('utf8') };
    } catch (cause) {
      const what = cause instanceof UnboundedAnswer ? 'no whole answer' : 'no answer';
      const message = `${what} to ${method} "${path}" from "${base.origin}": ${(cause as Error).message}`;
      throw new VaultproofError('request_failed', message, { details: { method, path, address: base.origin }, cause });
    }
  };
  const call = async (method: string, path: string, timeoutMs: number, isIdle: boolean, body?: string) => {
    const answer = await request(method, path, timeoutMs, isIdle, body);
    const { statusCode: status = 0 } = answer.incoming;
    const isThere = status === 200 || (method === 'GET' && status === 404);
    if (!isThere) throw consulRefusal(method, path, status, answer.text.replaceAll(token || '\0', '...'));
    return { ...answer, status };
  };
  const change = async (method: string, key: string, cas: number | undefined, body?: string): Promise<boolean> => {
    const path = `kv/${encodeKey(key)}${cas === undefined ? '' : `?cas=${cas}`}`;
    return (await call(method, path, TIMEOUT_MS, false, body)).text.trim() === 'true';
  };
  return {
    read: async (key, { recurse = false, index = 0, waitSeconds = 0 } = {}) => {
      const waits = index > 0;
      const query = [...(recurse ? ['recurse'] : []), ...(waits ? [`index=${index}`, `wait=${waitSeconds}s`] : [])];
      const path = `kv/${encodeKey(key)}${query.length === 0 ? '' : `?${query.join('&')}`}`;
      const timeoutMs = TIMEOUT_MS + (waits ? waitSeconds * 1_000 * (1 + 1 / 16) : 0);
      const { incoming, status, text } = await call('GET', path, timeoutMs, waits);
      return {
        index: Number(incoming.headers['x-consul-index'] ?? 0) || 0,
        entries: status === 404 ? [] : entriesOf(path, text),
      };
    },
    write: (key, value, cas) => change('PUT', key, cas, value),
    remove: (key, cas) => change('DELETE', key, cas),
    close: () => {
      closed = true;
      agent.destroy();
    },
  };
}

/** A key as a request's path has it; the slashes stay, and nothing in it can lead to another path. */
function encodeKey(key: string): string {
  const segments = key.split('/');
  const isPlain = segments.every(
    (segment, at) => !/^\.{0,2}$/.test(segment) || (segment === '' && at === segments.length - 1),
  );
  if (key === '' || !isPlain) throw new WrongUse(`"${key}" is not a key such as "appmesh/security"`);
  return segments.map(encodeURIComponent).join('/');
}

/** An address with a scheme, a host and nothing behind them: what is dropped silently would lead elsewhere. */
function serverUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isServer =
    url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
  if (isServer && url.username === '' && url.password === '') return url;
  throw new WrongUse('that is not Consul\'s address, such as "http://127.0.0.1:8500"');
}
