import { VaultproofError } from '../../errors/index.js';
import { membersOf } from '../../internal/json.js';
import type { NetworkPeer } from '../../internal/listening.js';
import { Mutex } from '../../internal/mutex.js';
import { once } from '../../internal/once.js';
import { vaultRequest } from '../api/vault-api.js';
import { guard, removeRun } from '../guardian/index.js';
import { openServer } from '../servers/start-server.js';
import { type StartedVault, vaultHandle } from '../servers/vault-handle.js';
import { withoutSeal } from '../servers/vault-seal.js';
import { type CheckedCluster, checkedCluster, type ExternalCluster, removing } from './cluster.js';
import { runClient } from './run-client.js';
import { newPrefix, runPolicy } from './run-mark.js';
import { keepRun } from './run-of-handle.js';

/** How an environment uses a Vault that runs already, and that others use. */
export interface ExternalVault extends ExternalCluster, Partial<NetworkPeer> {}

/** How long a run's token lives without being renewed, and how often it is. */
const TTL_SECONDS = 300;
const RENEW_MS = 60_000;

/** See `startRun` of this room. */
export async function beginRun(external: ExternalVault): Promise<StartedVault> {
  const cluster = await checkedCluster(external);
  try {
    return await begin(cluster, external);
  } catch (error) {
    cluster.client.close();
    throw error;
  }
}

async function begin(cluster: CheckedCluster, external: ExternalVault): Promise<StartedVault> {
  const { client, request, product, version, seconds } = cluster;
  const { caPem, hostName = '127.0.0.1', hostAddress } = external;
  const { address } = client;
  const prefix = newPrefix(seconds);
  const { auth } = await request('POST', 'auth/token/create', {
    display_name: prefix,
    policies: [prefix],
    ttl: `${TTL_SECONDS}s`,
  });
  const { client_token: token, accessor } = membersOf(auth);
  if (typeof token !== 'string' || typeof accessor !== 'string') {
    throw new VaultproofError('unexpected_answer', '"auth/token/create" answered without a token');
  }
  const unguard = guard('run', JSON.stringify({ address, token, caPem, prefix }));
  const methods = new Set<string>();
  const marking = new Mutex();
  const mark = (): Promise<unknown> =>
    marking.run(() =>
      request('PUT', `sys/policies/acl/${prefix}`, {
        policy: runPolicy(prefix, { token: accessor, methods: [...methods] }),
      }),
    );
  const renewal = setInterval(() => {
    vaultRequest(client, token, 'POST', 'auth/token/renew-self', { increment: `${TTL_SECONDS}s` }).catch(() => {});
  }, RENEW_MS).unref();
  const end = once(async (): Promise<void> => {
    clearInterval(renewal);
    // First, so that nothing is made while all is removed.
    await request('POST', 'auth/token/revoke-accessor', { accessor }).catch(() => {});
    try {
      await removeRun(removing(request), prefix);
      unguard();
    } finally {
      client.close();
    }
  });
  try {
    await mark();
  } catch (error) {
    await end().catch(() => {});
    throw error;
  }
  const instance = {
    product,
    engine: 'process' as const,
    address,
    hostName,
    hostAddress,
    origin: address,
    exited: new Promise<never>(() => {}),
    log: async () => '',
    linesFrom: async (next: number) => ({ lines: [], next }),
    stop: end,
  };
  // What is removed at the end of the run is removed over the same connections.
  const connection = { ...client, close: () => {} };
  const ready = openServer({ instance, engineReason: 'it runs already', caPem, secrets: [token] }, connection);
  const inRun = runClient(ready.client, {
    prefix,
    methodMade: async (made) => {
      methods.add(made);
      await mark();
    },
  });
  const seal = withoutSeal('a Vault that others use is not sealed');
  const vault = vaultHandle({ ...ready, client: inRun, token, version, seal, auditLog: false });
  keepRun(vault, { prefix, address, check: inRun.check });
  return vault;
}
