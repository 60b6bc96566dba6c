import type { StartedServer } from 'vaultproof';
import { startServer } from '../../harness/servers/start-server.js';

/** A Consul whose ACL system is on, and that has no token yet. */
export interface UnbootstrappedConsul {
  /** `host:port`, as the Vault reaches it. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts a Consul that whoever comes first may bootstrap, on the engine of the Vault that is to do it. */
export async function startUnbootstrappedConsul(vault: StartedServer): Promise<UnbootstrappedConsul> {
  const { handle } = await startServer({
    service: 'consul',
    command: () => ({
      service: 'consul',
      ports: [8500, 8501, 8502, 8503],
      args: ({ bindAddress, ports: [http, server, lan, wan], folder }) => [
        ...['agent', '-dev', `-client=${bindAddress}`, '-bind=127.0.0.1', `-config-file=${folder}/consul.json`],
        ...[`-http-port=${http}`, `-server-port=${server}`, `-serf-lan-port=${lan}`, `-serf-wan-port=${wan}`],
        ...['-dns-port=-1', '-grpc-port=-1', '-grpc-tls-port=-1', '-log-level=warn'],
      ],
      env: {},
      secrets: [],
      files: () => ({
        'consul.json': JSON.stringify({
          acl: { enabled: true, default_policy: 'deny' },
          performance: { raft_multiplier: 1 },
        }),
      }),
    }),
    options: { engine: vault.engine },
    isReady: async (client) => {
      const { status, body } = await client.request('GET', '/v1/status/leader');
      return (status === 200 && body !== '') || `no leader, status ${status}`;
    },
  });
  return { address: new URL(await handle.addressFor(vault)).host, stop: handle.stop };
}
