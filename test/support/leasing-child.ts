import { connectToPool } from 'vaultproof';

/** Run as a process of its own: leases, says what it has, and sends requests until it is killed. */
const { path } = JSON.parse(process.argv[2] ?? '') as { path: string };
const pool = await connectToPool(path);
const { vault } = await pool.lease();
process.stdout.write(`${JSON.stringify({ address: vault.address, token: vault.token })}\n`);
for (let count = 0; ; count++) {
  await vault.request('POST', `sys/mounts/kv-${count}`, { type: 'kv' });
  await vault.seed(`kv-${count}/a`, { count });
}
