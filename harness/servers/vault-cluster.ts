import { UsageError } from '../../errors/index.js';
import type { HttpClient } from '../../internal/http-client.js';
import { isRecord, membersOf } from '../../internal/json.js';
import { printedAs } from '../../internal/printable.js';
import { vaultRequest } from '../api/vault-api.js';
import { type LeaderClient, leaderClient, lookForLeader } from './leader-client.js';
import type { ServerOutbound, StartedServer } from './server-options.js';
import type { ReadyServer } from './start-server.js';
import { setUp, startConfigured, type VaultServerOptions } from './vault.js';
import { type StartedVault, vaultHandle } from './vault-handle.js';
import { initialise, isActive, type VaultSeal, vaultSeal, withoutSeal } from './vault-seal.js';

/** How the nodes of a cluster are started, once it is known who they are. */
export interface ClusterServerOptions extends Omit<VaultServerOptions, 'storage'> {
  /** How many; default 3, of which one may be down. */
  readonly nodes?: number | undefined;
  /** How long a request waits for a node to be elected, in milliseconds; default 30,000. */
  readonly failoverTimeoutMs?: number | undefined;
}

/** One Vault of a cluster. */
export interface VaultNode extends VaultSeal, Pick<StartedServer, 'address' | 'caPem' | 'logTail'> {
  /** Such as `vault-1`, which is also its `node_id`. */
  readonly name: string;
  /** Requests to this node alone, whether it leads or not. */
  readonly client: HttpClient;
  /** Kills it with SIGKILL; its data stays. {@link VaultNode.restart} has it back. */
  kill(): Promise<void>;
  /** Has it do nothing, with SIGSTOP: it takes connections and answers nothing. */
  pause(): Promise<void>;
  /** Has a paused node go on. */
  resume(): Promise<void>;
  /** Seals it, which only the node that leads can do; another takes its place. */
  seal(): Promise<void>;
  /** Unseals it and waits until it leads or stands by. */
  unseal(): Promise<void>;
  /** Kills it if it runs, starts it again with its data, unseals it, and waits until it leads or stands by. */
  restart(): Promise<void>;
}

/**
 * Vaults that share their data, used like one: `login`, `seed`, `request` and `root` go to the node that leads, and go on
 * after another is elected. `address` is that of the first node.
 */
export interface VaultCluster extends StartedVault {
  /** All nodes, in the order of their names. */
  readonly nodes: readonly VaultNode[];
  /** Sends requests to the node that leads; one that gets no answer is sent again to the next, and may be done twice. */
  readonly client: HttpClient;
  /**
   * The node that leads, as soon as there is one.
   * @throws VaultproofError `no_leader` where none does in time, and at once where every node is down or sealed
   */
  leader(): Promise<VaultNode>;
  /**
   * Has the leader give up its lead, and waits for the next.
   * @returns the node that leads then
   * @see https://developer.hashicorp.com/vault/api-docs/system/step-down
   */
  stepDown(): Promise<VaultNode>;
}

/** Starts the nodes, initialises the first, has the others join it, and waits until all of them vote. */
export async function bootCluster(options: ClusterServerOptions, outbound?: ServerOutbound): Promise<VaultCluster> {
  const { nodes: count = 3, failoverTimeoutMs, auditLog = false, port, startupTimeoutMs } = options;
  if (!Number.isInteger(count) || count < 1) {
    throw new UsageError(`"nodes" is "${String(count)}", expected a whole number from 1`);
  }
  const starting = Array.from({ length: count }, (_, index) =>
    startConfigured(
      {
        ...options,
        storage: 'raft',
        hasPeers: true,
        nodeId: `vault-${index + 1}`,
        port: port === undefined ? port : port + 2 * index,
      },
      outbound,
    ),
  );
  // It is told where it is waited for.
  for (const one of starting) one.catch(() => {});
  const stop = async (): Promise<void> => {
    const settled = await Promise.allSettled(starting);
    await Promise.all(settled.map((one) => (one.status === 'fulfilled' ? one.value.ready.handle.stop() : undefined)));
  };
  try {
    const first = await (starting[0] as (typeof starting)[number]);
    const { token, unsealKeys } = await initialise(first.ready.client);
    const sealOf = (started: typeof first, isUnsealed: typeof isActive): VaultSeal =>
      vaultSeal(started.ready, { id: started.id, token, unsealKeys }, isUnsealed, startupTimeoutMs);
    await sealOf(first, isActive).unseal();
    await letVoteAtOnce(first.ready.client, token);
    const started = await Promise.all(starting);
    for (const { secrets } of started) secrets.push(token, ...unsealKeys);
    await Promise.all(
      started.slice(1).map(async (node) => {
        await join(node.ready, first.ready);
        await sealOf(node, knowsLeader).unseal();
      }),
    );
    await first.ready.until((http) => allVote(http, token, count), startupTimeoutMs);

    const nodes: readonly VaultNode[] = started.map((node, index) =>
      nodeOf(`vault-${index + 1}`, node.ready, sealOf(node, isBack), () => client.forget()),
    );
    /** Unsealed, and known to the leader where there is one: until then it has no vote. */
    async function isBack(http: HttpClient): Promise<true | string> {
      const unsealed = await isUnsealed(http);
      if (unsealed !== true) return unsealed;
      const knows = await knowsLeader(http);
      return knows === true || (await lookForLeader(nodes)).node === undefined || knows;
    }
    const client: LeaderClient<VaultNode> = leaderClient(nodes as [VaultNode, ...VaultNode[]], failoverTimeoutMs);
    const { version } = await setUp(client, token, auditLog);
    const readies = started.map(({ ready }) => ready);
    const stopAll = async (): Promise<void> => {
      client.close();
      await stop();
    };
    const vault = vaultHandle({
      ...merged(first.ready, readies, client, stopAll),
      token,
      version,
      seal: { ...withoutSeal('a cluster has a seal for each of its "nodes"'), unsealKeys },
      auditLog,
      logs: readies.map(({ instance }) => instance),
      documentAt: outbound?.documentAt,
    });
    return clusterOf(vault, nodes, client);
  } catch (error) {
    await stop();
    throw error;
  }
}

function clusterOf(vault: StartedVault, nodes: readonly VaultNode[], client: LeaderClient<VaultNode>): VaultCluster {
  const stepDown = async (): Promise<VaultNode> => {
    const before = await client.leader();
    await vaultRequest(before.client, vault.token, 'PUT', 'sys/step-down');
    return client.leader(before);
  };
  const { token, root, unsealKeys, product, version, address } = vault;
  const leader = (): Promise<VaultNode> => client.leader();
  const started: VaultCluster = { ...vault, token, root, unsealKeys, nodes, client, leader, stepDown };
  const name = product === 'openbao' ? 'OpenBao' : 'Vault';
  const line = (): string => `${name}Cluster(${version}, ${nodes.length} nodes, ${address})`;
  return printedAs(started, line, ['token', 'root', 'unsealKeys']);
}

/** @param changed is called when another node may lead */
function nodeOf(
  name: string,
  { client, handle, control }: ReadyServer,
  { unsealKeys, seal, unseal, restart }: VaultSeal,
  changed: () => void,
): VaultNode {
  const then = (action: () => Promise<void>) => () => action().finally(changed);
  const { address, caPem, logTail } = handle;
  const node: VaultNode = {
    ...{ name, address, caPem, client, logTail, unsealKeys },
    kill: then(control.kill),
    pause: then(control.pause),
    resume: then(control.resume),
    seal: then(seal),
    unseal: then(unseal),
    restart: then(restart),
  };
  return printedAs(node, () => `VaultNode(${name}, ${address})`, ['unsealKeys']);
}

/** What a handle of all nodes is made of. */
function merged(
  first: ReadyServer,
  all: readonly ReadyServer[],
  client: HttpClient,
  stop: () => Promise<void>,
): ReadyServer {
  const texts = async (read: (ready: ReadyServer) => Promise<string>): Promise<string> =>
    (await Promise.all(all.map(read))).join('\n');
  return {
    ...first,
    client,
    instance: { ...first.instance, log: () => texts(({ instance }) => instance.log()) },
    handle: {
      ...first.handle,
      exited: Promise.race(all.map(({ handle }) => handle.exited)),
      logTail: (lines) => texts(({ handle }) => handle.logTail(lines)),
      stop,
      [Symbol.asyncDispose]: stop,
    },
  };
}

/**
 * Autopilot lets a node vote after ten seconds by default, and without voters there is no next leader.
 * @see https://developer.hashicorp.com/vault/api-docs/system/storage/raftautopilot#set-configuration
 */
async function letVoteAtOnce(client: HttpClient, token: string): Promise<void> {
  const path = 'sys/storage/raft/autopilot/configuration';
  await vaultRequest(client, token, 'POST', path, { server_stabilization_time: '1ms' });
}

/** @see https://developer.hashicorp.com/vault/api-docs/system/storage/raft#join-a-raft-cluster */
async function join({ client }: ReadyServer, { instance, caPem }: ReadyServer): Promise<void> {
  await vaultRequest(client, '', 'PUT', 'sys/storage/raft/join', {
    leader_api_addr: instance.peerAddress ?? instance.address,
    leader_ca_cert: caPem,
  });
}

/** Stands by, and knows for whom; without being asked it looks for its leader every 2.5 s, and can't vote before. */
async function knowsLeader(client: HttpClient): Promise<true | string> {
  const { status, body } = await client.request('GET', '/v1/sys/leader', { timeoutMs: 2_000 });
  return (status === 200 && isRecord(body) && Boolean(body['leader_address'])) || `sys/leader ${status}`;
}

/** Leads or stands by. */
async function isUnsealed(client: HttpClient): Promise<true | string> {
  const path = '/v1/sys/health?standbyok=true&perfstandbyok=true';
  const { status } = await client.request('GET', path, { timeoutMs: 2_000 });
  return status === 200 || `sys/health ${status}`;
}

async function allVote(client: HttpClient, token: string, count: number): Promise<true | string> {
  const { data } = await vaultRequest(client, token, 'GET', 'sys/storage/raft/configuration');
  const { servers } = membersOf(membersOf(data)['config']);
  const voters = Array.isArray(servers) ? servers.filter((server) => server['voter'] === true).length : 0;
  return voters === count || `${voters} of ${count} nodes vote`;
}
