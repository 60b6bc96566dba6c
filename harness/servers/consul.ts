import { randomUUID } from 'node:crypto';
import { consulCall, consulRefusal } from '../../internal/consul-api.js';
import type { HttpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';
import { printedAs } from '../../internal/printable.js';
import type { ServerCommand } from '../engines/index.js';
import { type ConsulLoginRequest, consulLogin } from '../login/consul-login.js';
import { type ConsulApi, type ConsulKv, type ConsulSession, consulKv, sessionOf } from '../login/consul-session.js';
import type { VaultLease } from '../login/vault-session.js';
import {
  type IdentifiedServerOptions,
  identityFiles,
  rareGc,
  type ServerIdentity,
  type ServerOutbound,
  type StartedServer,
} from './server-options.js';
import { type ReadyServer, startServer } from './start-server.js';

const HTTP_PORT = 8500;
const CONFIG_FILE = 'consul.json';

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
  session(credential: string | VaultLease): Promise<ConsulApi>;
  /**
   * Sends a request to the HTTP API with the management token.
   * @param path without `/v1/`, for example `acl/policies`
   * @returns the body of the answer
   * @throws VaultproofError `permission_denied`, `request_refused`, with Consul's own words
   */
  request(method: string, path: string, json?: unknown): Promise<unknown>;
}

/** A Consul that is ready, with what its handle is made of. */
export interface ReadyConsul extends ReadyServer {
  /** The token that may do everything. */
  readonly token: string;
  readonly version: string;
  /** The document that the server finds at a vendor's URL; default what this host finds there. */
  readonly documentAt?: ServerOutbound['documentAt'] | undefined;
}

/**
 * Starts a dev Consul and waits until it has a leader and its ACL system is bootstrapped.
 * @throws VaultproofError as {@link startVault} does
 * @param outbound how it reaches other hosts; default as this host does
 * @see https://developer.hashicorp.com/consul/commands/agent#_dev
 */
export async function bootConsul(
  options: IdentifiedServerOptions = {},
  outbound?: ServerOutbound,
): Promise<ReadyConsul> {
  const token = randomUUID();
  const ready = await startServer({
    service: 'consul',
    command: async ({ host }) => consulCommand(token, options.port, await options.identify?.(host)),
    options,
    outbound,
    isReady: (http) => isReady(http, token),
  });
  const headers = { 'x-consul-token': token };
  const self = await ready.client.request('GET', '/v1/agent/self', { headers }).catch(async (error: unknown) => {
    await ready.handle.stop();
    throw error;
  });
  const config = isRecord(self.body) ? self.body['Config'] : undefined;
  const version = isRecord(config) ? String(config['Version']) : '';
  return { ...ready, token, version, documentAt: outbound?.documentAt };
}

/** The handle of a Consul that is ready. */
export function consulHandle({ client, handle, token, version, documentAt }: ReadyConsul): StartedConsul {
  const started: StartedConsul = {
    ...handle,
    version,
    token,
    kv: consulKv(client, token),
    login: (request) =>
      consulLogin(client, request, {
        token,
        host: {
          name: handle.hostName,
          address: handle.hostAddress ?? '127.0.0.1',
          documentAt,
        },
      }),
    session: (credential) => sessionOf(client, credential, token),
    request: (method, path, json) => consulCall(client, token, method, path, json === undefined ? {} : { json }),
  };
  return printedAs(started, () => `Consul(${started.version}, ${handle.engine}, ${handle.address})`, ['token']);
}

function consulCommand(token: string, port: number | undefined, tls: ServerIdentity | undefined): ServerCommand {
  const config = {
    // Without a token of its own the agent can't take a service out of the catalog again.
    acl: { enabled: true, default_policy: 'deny', tokens: { initial_management: token, agent: token } },
    // One server is its own quorum: there is nobody to wait for.
    performance: { raft_multiplier: 1 },
  };
  return {
    service: 'consul',
    caPem: tls?.ca,
    ports: [HTTP_PORT, HTTP_PORT + 1, HTTP_PORT + 2, HTTP_PORT + 3],
    fixedPort: port,
    args: ({ bindAddress, ports: [http, server, lan, wan], folder }) => [
      'agent',
      '-dev',
      `-client=${bindAddress}`,
      '-bind=127.0.0.1',
      ...(tls ? httpsArgs(folder, http) : [`-http-port=${http}`]),
      `-server-port=${server}`,
      `-serf-lan-port=${lan}`,
      `-serf-wan-port=${wan}`,
      '-dns-port=-1',
      '-grpc-port=-1',
      '-grpc-tls-port=-1',
      '-log-level=warn',
      `-config-file=${folder}/${CONFIG_FILE}`,
    ],
    env: rareGc,
    secrets: [token],
    files: () => ({
      [CONFIG_FILE]: JSON.stringify(config),
      ...(tls && { [identityFiles.cert]: tls.cert, [identityFiles.key]: tls.key }),
    }),
  };
}

/** TLS on the HTTP API only. Gossip and RPC stay plaintext: this is a single node. */
function httpsArgs(folder: string, port: number | undefined): readonly string[] {
  const files = { cert_file: `${folder}/${identityFiles.cert}`, key_file: `${folder}/${identityFiles.key}` };
  return ['-http-port=-1', `-https-port=${port}`, `-hcl=${JSON.stringify({ tls: { https: files } })}`];
}

/**
 * `/v1/status/leader` answers 200 with an empty name before there is a leader; the token works once there is one. Whatever
 * needs a leader and is asked before that, Consul holds for up to 0.4 s by chance, long after there is one.
 */
async function isReady(client: HttpClient, token: string): Promise<true | string> {
  const leader = await client.request('GET', '/v1/status/leader', { timeoutMs: 2_000 });
  if (leader.status !== 200 || leader.body === '') return `no leader, status ${leader.status}`;
  const headers = { 'x-consul-token': token };
  const path = 'acl/token/self';
  const self = await client.request('GET', `/v1/${path}`, { headers, timeoutMs: 2_000 });
  // An executable that is a script may turn them off, and then waiting for them is in vain.
  if (self.status === 401) throw consulRefusal('GET', path, self.status, self.body);
  return self.status === 200 || `${path} ${self.status}`;
}
