import { type ConsulPayload, consulCall, consulKeyPath } from '../../internal/consul-api.js';
import type { HttpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';

/**
 * Consul's key-value store as one token sees it. Each call throws `permission_denied` where a policy ends.
 * @see https://developer.hashicorp.com/consul/api-docs/kv
 */
export interface ConsulKv {
  /** The value of a key, as text; undefined where there is no such key. */
  read(key: string): Promise<string | undefined>;
  /** Writes a value as it is. */
  write(key: string, value: string): Promise<void>;
  /** Deletes a key; one that is not there is no error. */
  delete(key: string): Promise<void>;
  /**
   * The keys with a prefix, sorted. Consul leaves out what the token may not read, and says nothing of it: no key at all
   * may mean no permission.
   */
  list(prefix: string): Promise<readonly string[]>;
}

/** The key-value store, with a token. */
export function consulKv(http: HttpClient, token: string): ConsulKv {
  const call = (method: string, path: string, payload?: ConsulPayload): Promise<unknown> =>
    consulCall(http, token, method, path, payload);
  /** A key that is not there is 404 without a word. */
  const get = (path: string): Promise<unknown> =>
    call('GET', path).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
  return {
    read: async (key) => {
      const entries = await get(`kv/${consulKeyPath(key)}`);
      const value = Array.isArray(entries) && isRecord(entries[0]) ? entries[0]['Value'] : undefined;
      // An empty value is null.
      return value === undefined ? undefined : Buffer.from(String(value ?? ''), 'base64').toString('utf8');
    },
    write: async (key, value) => {
      await call('PUT', `kv/${consulKeyPath(key)}`, { text: value });
    },
    delete: async (key) => {
      await call('DELETE', `kv/${consulKeyPath(key)}`);
    },
    list: async (prefix) => {
      const keys = await get(`kv/${consulKeyPath(prefix, 'prefix')}?keys`);
      return Array.isArray(keys) ? keys.map(String) : [];
    },
  };
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'details' in error && isRecord(error.details) && error.details['status'] === 404;
}
