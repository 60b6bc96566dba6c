import { UsageError } from '../../errors/index.js';
import { importInTurn } from '../../internal/import-in-turn.js';
import { once } from '../../internal/once.js';
import type { Environment } from '../environment.js';
import type { ProxyRelay } from '../impersonation/index.js';
import { checkImpersonate } from '../start-environment.js';
import { leaser } from './lease-environment.js';
import type { LeaseOptions } from './lease-options.js';
import { giveBackAll, type LeasedServers, type LeaseServers, leased, leasedWithAuditLog } from './leased-servers.js';
import type { PoolOptions } from './pool-options.js';
import { listenForLeases } from './pool-socket.js';
import { poolsOf, serversOf, sumOfCounts } from './product-pools.js';
import { type Declare, type ProvisionedPool, provisionedPool } from './provisioned.js';
import { defaultSize, type PoolCounts } from './server-pool.js';

/** Where environments are leased from: a pool, or one of another process. */
export interface LeasingPool extends AsyncDisposable {
  /**
   * An environment of servers that are as new: an issuer of its own, and servers that no other lease has, each with a root
   * token of its own. Its `stop()` gives the servers back, and they are made as new in the background.
   * @throws VaultproofError `pool_exhausted` when all servers are leased for longer than `timeoutMs`, `pool_stopped`, and
   * what starting a server throws
   *
   * @example
   * await using env = await pool.lease();
   * await env.vault.seed('secret/app', { password: 'correct horse' });
   */
  lease(options?: LeaseOptions): Promise<Environment>;
  /**
   * Environments in which the same was declared, each with servers of its own: it is declared in the next one while the one
   * before is used, so that a test waits for none of it.
   * @param declare is called with each environment, and declares, seeds and writes what all are to have
   *
   * @example
   * await using logins = pool.provisioned(async (env) => {
   *   await env.apply((app) => new VaultJwtStack(app, 'login', { ...env.issuer.trustedBy(env.vault), roles }));
   * });
   * await using env = await logins.lease();
   */
  provisioned(declare: Declare, options?: LeaseOptions): ProvisionedPool;
  /** Of a pool, stops all servers, also those that are leased; of a connection, gives back what it leased. Idempotent. */
  stop(): Promise<void>;
}

/** Servers that are leased one test at a time; `await using` or {@link Pool.stop} ends all of them. */
export interface Pool extends LeasingPool {
  /** How its servers ended up so far, by product. */
  readonly counts: { readonly vault?: PoolCounts; readonly consul?: PoolCounts };
  /**
   * Lets other processes of this user lease, with `connectToPool`. What a process has leased is given back when it ends, however it does.
   * @param path of a Unix socket; default one in a new temporary folder
   * @returns the path
   * @throws VaultproofError `pool_socket_unusable` for a path that is too long or taken
   */
  listen(path?: string): Promise<string>;
}

/** See `createPool` of this room. */
export async function startPool(options: PoolOptions): Promise<Pool> {
  const { size = defaultSize(), impersonate, caBundle = '' } = options;
  if (!Number.isInteger(size) || size < 1) {
    throw new UsageError(
      `"size" is "${String(size)}", expected a whole number from 1: leave it out to fit this machine`,
    );
  }
  if (impersonate !== undefined) checkImpersonate(impersonate);
  if (caBundle !== '') (await importInTurn(() => import('../impersonation/index.js'))).checkBundle(caBundle);
  const authority = once(async () => {
    const { certificateAuthority } = await importInTurn(() => import('../../issuer/vendors/index.js'));
    return certificateAuthority();
  });
  const startRelay = async (): Promise<ProxyRelay> => {
    const { startProxyRelay } = await importInTurn(() => import('../impersonation/index.js'));
    return startProxyRelay(`${(await authority()).caPem}\n${caBundle}`);
  };
  const plain = await serversOf(options, size, authority);
  const impersonating = await serversOf(options, size, authority, startRelay);
  const all = [plain, impersonating];
  const stopServers = async (): Promise<void> => {
    await Promise.all(all.flatMap(poolsOf).map((pool) => pool.stop()));
  };
  await allOrNone(
    poolsOf(impersonate === undefined ? plain : impersonating).map((pool) => pool.start()),
    stopServers,
  );

  const leaseServers: LeaseServers = async (wanted) => {
    const { impersonates = impersonate !== undefined } = wanted;
    const { vaults, consuls } = impersonates ? impersonating : plain;
    const outbound = impersonates ? { authority: (await authority()).secrets, vendors: impersonate ?? [] } : undefined;
    const asked: (Promise<LeasedServers> | false)[] = [
      vaults &&
        wanted.vault !== false &&
        vaults
          .lease(wanted)
          .then(async (held) => ({ vault: await (wanted.auditLog ? leasedWithAuditLog : leased)(held) })),
      consuls && wanted.consul !== false && consuls.lease(wanted).then((held) => ({ consul: leased(held) })),
    ];
    const servers = await allOrNone(
      asked.filter((one) => one !== false),
      async (got) => void (await Promise.all(got.map(giveBackAll))),
    );
    return Object.assign({ outbound }, ...servers);
  };
  const own = leaser(leaseServers);
  const sockets: AsyncDisposable[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(sockets.map((socket) => socket[Symbol.asyncDispose]()));
    await Promise.all([stopServers(), own.stop()]);
  };
  return {
    lease: own.lease,
    provisioned: (declare, options) => provisionedPool(own.lease, declare, options),
    get counts() {
      const [vault, consul] = [all.map(({ vaults }) => vaults), all.map(({ consuls }) => consuls)].map(sumOfCounts);
      return { ...(vault && { vault }), ...(consul && { consul }) };
    },
    listen: async (path) => {
      const socket = await listenForLeases(leaseServers, path);
      sockets.push(socket);
      return socket.path;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Waits for all of several; where one fails, `undo` gets what the others came to, and the failure is thrown. */
async function allOrNone<Result>(
  promises: readonly Promise<Result>[],
  undo: (results: Result[]) => Promise<void>,
): Promise<Result[]> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find((one) => one.status === 'rejected');
  const results = settled.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
  if (failed === undefined) return results;
  await undo(results);
  throw failed.reason;
}
