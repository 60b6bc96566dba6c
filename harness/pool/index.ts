export { connectToPool } from './connect.js';
export type { LeaseOptions } from './lease.js';
export { createPool, type LeasingPool, type Pool, type PoolOptions } from './pool.js';
export { type Declare, type ProvisionedPool, provisionedPool } from './provisioned.js';
export type { PoolCounts } from './server-pool.js';
