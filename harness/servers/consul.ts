import { randomUUID } from 'node:crypto';
import { consulCall } from '../api/consul-api.js';
import type { HttpClient } from '../api/http-client.js';
import { isRecord } from '../api/vault-api.js';
import type { ServerCommand } from '../engines/index.js';
import { type ConsulKv, consulKv } from '../login/consul-kv.js';
import { type ConsulLoginRequest, loginToConsul } from '../login/consul-login.js';
import { type ConsulCalls, type ConsulSession, sessionOf } from '../login/consul-session.js';
import type { VaultLease } from '../login/vault-session.js';
import type { ServerOptions, StartedServer } from './server-options.js';
import { startServer } from './start-server.js';

const HTTP_PORT = 8500;
const CONFIG_FILE = 'consul.json';

/** How a Consul is started. */
export type ConsulOptions = ServerOptions;

/** A dev Consul with a leader and its ACLs on, default deny: in memory, gone with {@link StartedServer.stop}. */
export interface StartedConsul extends StartedServer {
  /** The key-value store, with the management token. */
  readonly kv: ConsulKv;
  /** Logs in with a JWT; throws a LoginRefusedError that names the failed check and both sides of it. */
  login(request: ConsulLoginRequest): Promise<ConsulSession>;
  /**
   * The calls of a token that is at hand, or of a lease of Vault's Consul secrets engine; throws `permission_denied` for
   * one that Consul doesn't know.
   */
  session(credential: string | VaultLease): Promise<ConsulCalls>;
  /**
   * Sends a request to the HTTP API with the management token.
   * @param path without `/v1/`, for example `acl/policies`
   * @returns the body of the answer
   * @throws VaultproofError `permission_denied`, `request_refused`, with Consul's own words
   */
  request(method: string, path: string, json?: unknown): Promise<unknown>;
}

/**
 * Starts a dev Consul and waits until it has a leader and its ACL system is bootstrapped.
 * @throws VaultproofError as {@link startVault} does
 * @see https://developer.hashicorp.com/consul/commands/agent#_dev
 */
export async function startConsul(options: ConsulOptions = {}): Promise<StartedConsul> {
  const token = randomUUID();
  const { client, handle } = await startServer({
    command: consulCommand(token, options.port),
    options,
    isReady: (http) => isReady(http, token),
  });
  const headers = { 'x-consul-token': token };
  const self = await client.request('GET', '/v1/agent/self', { headers }).catch(async (error: unknown) => {
    await handle.stop();
    throw error;
  });
  const config = isRecord(self.body) ? self.body['Config'] : undefined;
  return {
    ...handle,
    version: isRecord(config) ? String(config['Version']) : '',
    token,
    kv: consulKv(client, token),
    login: (request) =>
      loginToConsul(client, request, {
        token,
        host: { name: handle.hostName, address: handle.hostAddress ?? '127.0.0.1' },
      }),
    session: (credential) => sessionOf(client, credential),
    request: (method, path, json) => consulCall(client, token, method, path, json === undefined ? {} : { json }),
  };
}

function consulCommand(token: string, port: number | undefined): ServerCommand {
  const config = {
    // Without a token of its own the agent can't take a service out of the catalog again.
    acl: { enabled: true, default_policy: 'deny', tokens: { initial_management: token, agent: token } },
    // One server is its own quorum: there is nobody to wait for.
    performance: { raft_multiplier: 1 },
  };
  return {
    product: 'consul',
    ports: [HTTP_PORT, HTTP_PORT + 1, HTTP_PORT + 2, HTTP_PORT + 3],
    ...(port === undefined ? {} : { fixedPort: port }),
    args: ({ bindAddress, ports: [http, server, lan, wan], folder }) => [
      'agent',
      '-dev',
      `-client=${bindAddress}`,
      '-bind=127.0.0.1',
      `-http-port=${http}`,
      `-server-port=${server}`,
      `-serf-lan-port=${lan}`,
      `-serf-wan-port=${wan}`,
      '-dns-port=-1',
      '-grpc-port=-1',
      '-grpc-tls-port=-1',
      '-log-level=warn',
      `-config-file=${folder}/${CONFIG_FILE}`,
    ],
    env: {},
    secrets: [token],
    files: { [CONFIG_FILE]: JSON.stringify(config) },
  };
}

/** `/v1/status/leader` answers 200 with an empty name before there is a leader; the token works once there is one. */
async function isReady(client: HttpClient, token: string): Promise<true | string> {
  const leader = await client.request('GET', '/v1/status/leader', { timeoutMs: 2_000 });
  if (leader.status !== 200 || leader.body === '') return `no leader, status ${leader.status}`;
  const headers = { 'x-consul-token': token };
  const self = await client.request('GET', '/v1/acl/token/self', { headers, timeoutMs: 2_000 });
  return self.status === 200 || `acl/token/self ${self.status}`;
}
