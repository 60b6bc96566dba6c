import { randomUUID } from 'node:crypto';
import type { HttpClient, StartedServer } from 'vaultproof';
import type { ServerCommand } from '../../harness/engines/index.js';
import { startServer } from '../../harness/servers/start-server.js';

/** A Consul that is set up in an unusual way, and a client of it. */
export interface OddConsul extends Pick<StartedServer, 'address' | 'stop'> {
  /** The token that may do everything, where it has ACLs and a leader. */
  readonly token: string;
  readonly client: HttpClient;
}

const TOKEN = randomUUID();

const kinds = {
  /** A dev agent as it comes, with its ACLs off. */
  'without ACLs': { args: ['-dev'], config: {} },
  /** A server that waits for two others before one of them is elected. */
  'without a leader': {
    args: ['-server', '-bootstrap-expect=3'],
    config: { acl: { enabled: true, default_policy: 'deny' } },
  },
  /** A dev agent that wants "list", not "read", for keys by their prefix. */
  'with a key list policy': {
    args: ['-dev'],
    config: {
      acl: {
        enabled: true,
        default_policy: 'deny',
        enable_key_list_policy: true,
        tokens: { initial_management: TOKEN, agent: TOKEN },
      },
    },
  },
} as const;

/** Starts a Consul as a process, and waits until it answers. */
export async function startOddConsul(kind: keyof typeof kinds): Promise<OddConsul> {
  const { args, config } = kinds[kind];
  const command: ServerCommand = {
    service: 'consul',
    ports: [8500, 8501, 8502, 8503],
    args: ({ bindAddress, ports: [http, server, lan, wan], folder }) => [
      'agent',
      ...args,
      ...(kind === 'without a leader' ? [`-data-dir=${folder}/data`] : []),
      `-client=${bindAddress}`,
      '-bind=127.0.0.1',
      `-http-port=${http}`,
      `-server-port=${server}`,
      `-serf-lan-port=${lan}`,
      `-serf-wan-port=${wan}`,
      '-dns-port=-1',
      '-grpc-port=-1',
      '-grpc-tls-port=-1',
      `-config-file=${folder}/consul.json`,
    ],
    env: {},
    secrets: [TOKEN],
    files: () => ({ 'consul.json': JSON.stringify(config) }),
  };
  const { client, handle } = await startServer({
    service: 'consul',
    command: () => command,
    options: { engine: 'process' },
    isReady: async (http) => (await http.request('GET', '/v1/status/leader')).status === 200 || 'no answer yet',
  });
  return { client, token: TOKEN, address: handle.address, stop: () => handle.stop() };
}
