import { UsageError, VaultproofError } from '../../errors/index.js';
import {
  type ConsulPayload,
  consulAnswer,
  consulKeyPath,
  consulRefusal,
  consulWords,
} from '../../internal/consul-api.js';
import { type HttpAnswer, httpClient } from '../../internal/http-client.js';
import { membersOf } from '../../internal/json.js';

/** Which Consul, and as whom. */
export interface ConsulAccess {
  /** For example `http://127.0.0.1:8500`. */
  readonly address: string;
  /** An ACL token; it goes to that address alone, and into no message. */
  readonly token: string;
  /** The CA that the server's certificate must lead to, PEM; default those that Node trusts. */
  readonly ca?: string | undefined;
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
  readonly recurse?: boolean | undefined;
  /** Waits until there is something beyond this index; default 0, at once. */
  readonly index?: number | undefined;
  /** How long it waits, in seconds; the server adds a sixteenth at most. */
  readonly waitSeconds?: number | undefined;
}

/**
 * Consul's key-value store. Each call throws a VaultproofError: `request_failed` and `certificate_untrusted` without an answer,
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

const REMEDIES = { permission_denied: 'give a token with the policies of ConsulUsersStack' };

/**
 * A client that goes to one address and nowhere else: it reads no environment variable, uses no proxy and follows no
 * redirect.
 * @throws TypeError for what is no address of a server, and for a token that no header takes
 */
export function consulKv({ address, token, ca }: ConsulAccess): ConsulKv {
  if (!/^[\x21-\x7e]*$/.test(token)) throw new UsageError("Consul's token has a character that no token has");
  const client = httpClient(address, { ca, keepAliveMs: KEEP_ALIVE_MS });
  const call = async (method: string, path: string, payload: ConsulPayload = {}): Promise<HttpAnswer> => {
    const limits = { timeoutMs: TIMEOUT_MS, totalMs: TIMEOUT_MS };
    const answer = await consulAnswer(client, token, method, path, { ...limits, ...payload });
    const { status, body } = answer;
    if (status === 200 || (method === 'GET' && status === 404)) return answer;
    const words = consulWords(body).replaceAll(token || '\0', '...');
    throw consulRefusal(method, path, status, words, REMEDIES);
  };
  const change = async (method: string, key: string, cas: number | undefined, text?: string): Promise<boolean> => {
    const path = `kv/${consulKeyPath(key)}${cas === undefined ? '' : `?cas=${cas}`}`;
    return (await call(method, path, text === undefined ? {} : { text })).body === true;
  };
  return {
    read: async (key, { recurse = false, index = 0, waitSeconds = 0 } = {}) => {
      const waits = index > 0;
      const query = [...(recurse ? ['recurse'] : []), ...(waits ? [`index=${index}`, `wait=${waitSeconds}s`] : [])];
      const path = `kv/${consulKeyPath(key)}${query.length === 0 ? '' : `?${query.join('&')}`}`;
      const limitMs = TIMEOUT_MS + (waits ? waitSeconds * 1_000 * (1 + 1 / 16) : 0);
      const { headers, status, body } = await call('GET', path, { timeoutMs: limitMs, totalMs: limitMs, idle: waits });
      return {
        index: Number(headers['x-consul-index'] ?? 0) || 0,
        entries: status === 404 ? [] : entriesOf(path, body),
      };
    },
    write: (key, value, cas) => change('PUT', key, cas, value),
    remove: (key, cas) => change('DELETE', key, cas),
    close: client.close,
  };
}

/** A key and what it holds. */
export interface KvEntry {
  readonly key: string;
  readonly value: string;
  /** What a write compares with, greater after every change. */
  readonly modifyIndex: number;
}

/**
 * The entries in an answer to GET /v1/kv.
 * @throws VaultproofError `unexpected_answer` for what no Consul answers
 */
function entriesOf(path: string, list: unknown): readonly KvEntry[] {
  try {
    if (!Array.isArray(list)) throw new TypeError('no list');
    return list.map(entryOf);
  } catch (cause) {
    const message = `what answered GET "${path}" is no Consul, look at its address`;
    throw new VaultproofError('unexpected_answer', message, { details: { path, status: 200 }, cause });
  }
}

function entryOf(entry: unknown): KvEntry {
  const { Key: key, Value: value, ModifyIndex: modifyIndex } = membersOf(entry);
  if (typeof key !== 'string' || !Number.isSafeInteger(modifyIndex)) throw new TypeError('no entry');
  // An empty value is null.
  if (value !== null && typeof value !== 'string') throw new TypeError('no value');
  return { key, value: Buffer.from(value ?? '', 'base64').toString('utf8'), modifyIndex: Number(modifyIndex) };
}
