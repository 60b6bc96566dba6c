export { createPool, type LeaseOptions, type Pool, type PoolOptions } from './pool.js';
export type { PoolCounts } from './server-pool.js';
