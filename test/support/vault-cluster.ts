import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpClient, StartedServer } from 'vaultproof';
import { vaultRequest } from '../../harness/api/vault-api.js';
import type { ServerCommand } from '../../harness/engines/index.js';
import { startServer } from '../../harness/servers/start-server.js';

/** One of two Vaults that keep the same storage. */
export interface VaultNode extends Pick<StartedServer, 'address' | 'stop'> {
  readonly client: HttpClient;
  /** The root token of both. */
  readonly token: string;
}

/** An active Vault and its standby. */
export interface VaultCluster {
  readonly active: VaultNode;
  readonly standby: VaultNode;
  /** Kills both and starts the standby again, which then knows of no active one. */
  loseActive(): Promise<VaultNode>;
  stop(): Promise<void>;
}

/** Starts two Vaults as processes, with integrated storage, and waits until one stands by for the other. */
export async function startVaultCluster(): Promise<VaultCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'vaultproof-test-'));
  const nodes: Omit<VaultNode, 'token'>[] = [];
  const start = async (name: string): Promise<Omit<VaultNode, 'token'>> => {
    const node = await startNode(name, join(folder, name));
    nodes.push(node);
    return node;
  };
  const [first, second] = await Promise.all([start('first'), start('second')]);
  const { keys_base64: keys, root_token: token } = await vaultRequest(first.client, '', 'PUT', 'sys/init', {
    secret_shares: 1,
    secret_threshold: 1,
  });
  const unseal = async ({ client }: Pick<VaultNode, 'client'>, health: number): Promise<void> => {
    await vaultRequest(client, '', 'PUT', 'sys/unseal', { key: (keys as string[])[0] });
    while ((await client.request('GET', '/v1/sys/health')).status !== health);
  };
  await unseal(first, 200);
  await vaultRequest(second.client, '', 'PUT', 'sys/storage/raft/join', { leader_api_addr: first.address });
  await unseal(second, 429);
  return {
    active: { ...first, token: String(token) },
    standby: { ...second, token: String(token) },
    loseActive: async () => {
      await Promise.all([first.stop(), second.stop()]);
      const alone = await start('second');
      await unseal(alone, 429);
      return { ...alone, token: String(token) };
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startNode(name: string, folder: string): Promise<Omit<VaultNode, 'token'>> {
  mkdirSync(join(folder, 'raft'), { recursive: true });
  const command: ServerCommand = {
    service: 'vault',
    ports: [8200, 8201],
    args: ({ bindAddress, ports: [api, cluster] }) => {
      const file = join(folder, 'vault.json');
      writeFileSync(
        file,
        JSON.stringify({
          storage: { raft: { path: join(folder, 'raft'), node_id: name, performance_multiplier: 1 } },
          listener: {
            tcp: {
              address: `${bindAddress}:${api}`,
              cluster_address: `${bindAddress}:${cluster}`,
              tls_disable: true,
            },
          },
          api_addr: `http://${bindAddress}:${api}`,
          cluster_addr: `https://${bindAddress}:${cluster}`,
          disable_mlock: true,
        }),
      );
      return ['server', `-config=${file}`, '-log-level=warn'];
    },
    env: { SKIP_SETCAP: 'true' },
    secrets: [],
    files: () => ({}),
  };
  const { client, handle } = await startServer({
    service: 'vault',
    command: () => command,
    options: { engine: 'process' },
    isReady: async (http) => (await http.request('GET', '/v1/sys/seal-status')).status === 200 || 'no answer yet',
  });
  return { client, address: handle.address, stop: () => handle.stop() };
}
