import { UsageError, VaultproofError } from '../../errors/index.js';
import { type ConsulPayload, consulCall, consulKeyPath } from '../../internal/consul-api.js';
import type { HttpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';
import { printedAs } from '../../internal/printable.js';
import { isNotFound } from '../api/vault-api.js';
import type { TriedBindingRule } from './consul-binding.js';
import { type ConsulToken, consulToken } from './consul-token.js';
import type { VaultLease } from './vault-session.js';

/** A service as an agent registers it. */
export interface ServiceRegistration {
  readonly name: string;
  /** Default the name. */
  readonly id?: string;
  readonly address?: string;
  readonly port?: number;
  readonly tags?: readonly string[];
}

/** A session that Consul keeps, such as a lock is held with. */
export interface SessionRegistration {
  readonly name?: string;
  /** A duration of Consul's, 10 s to 24 h, such as `30s`; default none: it lives as long as its node. */
  readonly ttl?: string;
  /** What becomes of its locks: `release`, by default, or `delete`. */
  readonly behavior?: 'release' | 'delete';
}

/** A Consul token, and the calls to try it with. Each throws `permission_denied`, with method and path, where its policies end. */
export interface ConsulApi extends ConsulToken {
  readonly kv: ConsulKv;
  readonly services: {
    /**
     * The names of the services in the catalog, with their tags. Consul leaves out what the token may not read, be it
     * the service or its node.
     */
    list(): Promise<Readonly<Record<string, readonly string[]>>>;
    /**
     * Registers a service with the agent, as `consul services register` does. The agent tells the catalog a moment later.
     * @see https://developer.hashicorp.com/consul/api-docs/agent/service#register-service
     */
    register(service: ServiceRegistration): Promise<void>;
    /** @param id the service's id, which is its name unless it was told */
    deregister(id: string): Promise<void>;
  };
  /** @see https://developer.hashicorp.com/consul/api-docs/session */
  readonly sessions: {
    /** @returns the session's id */
    create(session?: SessionRegistration): Promise<string>;
    /**
     * Locks a key for a session and writes the value into it. The lock is free again once the session ends.
     * @returns false where another session has it
     */
    lock(id: string, key: string, value?: string): Promise<boolean>;
    /** Ends a session; one that is not there is no error. */
    destroy(id: string): Promise<void>;
  };
  /**
   * Sends any other request to the HTTP API with this token.
   * @param path without `/v1/`, for example `acl/token/self`
   * @returns the body of the answer
   */
  request(method: string, path: string, json?: unknown): Promise<unknown>;
}

/** The same with a token from a login. Disposing of it logs out. */
export interface ConsulSession extends ConsulApi, AsyncDisposable {
  /**
   * Why the login was let in: the binding rules that match the token, with the name that each binds and what it saw of the
   * claims. It reads them when it is called, so that rules that were changed since are read as they are now. A rule whose
   * regular expression only Consul can evaluate is among them, with `matched` undefined.
   * @throws VaultproofError `permission_denied` where the rules may not be read: by the management token of a started server, by
   * the `token` that `loginToConsul()` was given, else by the session's own
   * @see https://developer.hashicorp.com/consul/api-docs/acl/binding-rules
   * @example
   * (await session.matchedRules()).map(({ selector, bindType, name }) => [selector, bindType, name]);
   * // [['value.repository == "acme/payments"', 'policy', 'payments']]
   */
  matchedRules(): Promise<readonly TriedBindingRule[]>;
  /**
   * Destroys the token; idempotent, and no error where it has expired or its Consul was stopped.
   * @see https://developer.hashicorp.com/consul/api-docs/acl#logout-to-auth-method
   */
  logout(): Promise<void>;
}

/** What explains a session. */
interface ConsulSessionInspection {
  readonly matchedRules: ConsulSession['matchedRules'];
  /** A token that may read the session's policies, to explain what they deny; default none. */
  readonly readerToken?: string | undefined;
}

/** A session with a token that a login has just made. */
export function consulSession(
  http: HttpClient,
  made: ConsulToken,
  { matchedRules, readerToken }: ConsulSessionInspection,
): ConsulSession {
  const calls = consulApi(http, made, readerToken);
  const { request } = calls;
  let over: Promise<void> | undefined;
  const logout = (): Promise<void> => {
    over ??= request('POST', 'acl/logout').then(
      () => {},
      (error: unknown) => {
        if (isGone(error)) return;
        over = undefined;
        throw error;
      },
    );
    return over;
  };
  return printed({ ...calls, token: made.token, matchedRules, logout, [Symbol.asyncDispose]: logout });
}

/**
 * The same for a token that someone else made, be it the token itself or a lease of Vault's Consul secrets engine.
 * @throws VaultproofError `permission_denied` where Consul knows no such token, or no more
 * @throws TypeError for a lease that has none
 */
export async function sessionOf(
  http: HttpClient,
  credential: string | VaultLease,
  readerToken?: string,
): Promise<ConsulApi> {
  const secret = typeof credential === 'string' ? credential : credential.data['token'];
  if (typeof secret !== 'string') throw new UsageError('the lease has no "token": use a lease of "consul/creds/..."');
  const token = consulToken(await consulCall(http, secret, 'GET', 'acl/token/self'));
  if (token === undefined) throw new VaultproofError('unexpected_answer', '"acl/token/self" answered without a token');
  return consulApi(http, token, readerToken);
}

function consulApi(http: HttpClient, made: ConsulToken, readerToken: string | undefined): ConsulApi {
  const { token, accessorId } = made;
  const call: ConsulRequest = (method, path, payload) =>
    consulCall(http, token, method, path, payload).catch(async (error: unknown) => {
      const isDenied = error instanceof VaultproofError && error.code === 'permission_denied';
      if (!isDenied || readerToken === undefined) throw error;
      const { explainConsulDenied } = await import('./consul-session-denied.js');
      throw await explainConsulDenied(http, { readerToken, accessorId }, error);
    });
  const request: ConsulApi['request'] = (method, path, json) => call(method, path, json === undefined ? {} : { json });
  return printed({
    ...made,
    token,
    kv: kvBy(call),
    services: {
      list: async () => {
        const services = await request('GET', 'catalog/services');
        return isRecord(services) ? (services as Readonly<Record<string, readonly string[]>>) : {};
      },
      register: async ({ name, id, address, port, tags }) => {
        await request('PUT', 'agent/service/register', {
          Name: name,
          ID: id,
          Address: address,
          Port: port,
          Tags: tags,
        });
      },
      deregister: async (id) => {
        await request('PUT', `agent/service/deregister/${encodeURIComponent(id)}`);
      },
    },
    sessions: {
      create: async ({ name, ttl, behavior } = {}) => {
        const session = await request('PUT', 'session/create', { Name: name, TTL: ttl, Behavior: behavior });
        return isRecord(session) ? String(session['ID']) : '';
      },
      lock: async (id, key, value = '') => {
        const path = `kv/${consulKeyPath(key)}?acquire=${encodeURIComponent(id)}`;
        return (await call('PUT', path, { text: value })) === true;
      },
      destroy: async (id) => {
        await request('PUT', `session/destroy/${encodeURIComponent(id)}`);
      },
    },
    request,
  });
}

function printed<Calls extends ConsulApi>(calls: Calls): Calls {
  return printedAs(calls, () => `ConsulSession(${[...describeGrants(calls), describeEnd(calls)].join(', ')})`, [
    'token',
  ]);
}

function describeGrants({
  policies,
  roles,
  serviceIdentities,
  nodeIdentities,
  templatedPolicies,
}: ConsulToken): string[] {
  const grants = {
    policies,
    roles,
    services: serviceIdentities.map(({ serviceName }) => serviceName),
    nodes: nodeIdentities.map(({ nodeName }) => nodeName),
    'templated policies': templatedPolicies.map(({ templateName, name }) =>
      [templateName, name].filter(Boolean).join(' '),
    ),
  };
  return Object.entries(grants).flatMap(([kind, names]) => (names.length === 0 ? [] : `${kind} ${names.join(', ')}`));
}

function describeEnd({ expirationTime }: ConsulToken): string {
  return expirationTime === undefined ? 'no end' : `until ${expirationTime.toISOString()}`;
}

/** The token no longer exists: it has expired, was destroyed, or was lost with its Consul. */
function isGone(error: unknown): boolean {
  if (!(error instanceof VaultproofError)) return false;
  return error.code === 'server_stopped' || /ACL not found/.test(String(error.details['errors']));
}

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
  return kvBy((method, path, payload) => consulCall(http, token, method, path, payload));
}

/** Sends a request with a token. */
type ConsulRequest = (method: string, path: string, payload?: ConsulPayload) => Promise<unknown>;

function kvBy(call: ConsulRequest): ConsulKv {
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
