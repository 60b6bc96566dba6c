import { UsageError } from '../../errors/index.js';
import { importInTurn } from '../../internal/import-in-turn.js';
import { refuseUnknownOptions } from '../../internal/known-options.js';
import type { LeasingPool, Pool } from './pool.js';
import { type PoolOptions, poolOptions } from './pool-options.js';

export type { LeaseOptions } from './lease-options.js';
export type { LeasingPool, Pool } from './pool.js';
export type { PoolOptions } from './pool-options.js';
export { type Declare, type ProvisionedPool, provisionedPool } from './provisioned.js';
export type { PoolCounts } from './server-pool.js';

/**
 * Starts servers to be leased by one test after the other. A server that is given back is undone, read back over its API and
 * compared with what it showed when it was new; one that differs in anything, or is sealed, is thrown away and replaced.
 * @throws VaultproofError what startVault throws
 * @throws TypeError for a size that is not a whole number from 1
 * @example
 * await using pool = await createPool();
 * await using env = await pool.lease();
 */
export async function createPool(options: PoolOptions = {}): Promise<Pool> {
  refuseUnknownOptions('createPool', options, poolOptions);
  const { startPool } = await importInTurn(() => import('./pool.js'));
  return startPool(options);
}

/**
 * Leases from a pool of another process, which listens. What is leased is given back when this process ends.
 * @param path what {@link Pool.listen} returned there
 * @throws VaultproofError `pool_socket_unusable` where no pool listens
 * @throws TypeError without a path
 * @example
 * const pool = await connectToPool(process.env['POOL_SOCKET']);
 * await using env = await pool.lease();
 */
export async function connectToPool(path: string): Promise<LeasingPool> {
  if (typeof path !== 'string' || path === '') {
    const what = 'connectToPool needs the path that pool.listen() returned';
    throw new UsageError(`${what}, not "${String(path)}": is POOL_SOCKET set?`);
  }
  const { leaseFrom } = await importInTurn(() => import('./connect.js'));
  return leaseFrom(path);
}
