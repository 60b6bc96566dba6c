import { createPool, type PoolOptions } from 'vaultproof';

/** Run as a process of its own: a pool that listens until it is killed. */
const { path, options } = JSON.parse(process.argv[2] ?? '') as { path: string; options?: PoolOptions };
const pool = await createPool({ size: 1, ...options });
process.stdout.write(`${JSON.stringify({ path: await pool.listen(path) })}\n`);
setInterval(() => {}, 60_000);
