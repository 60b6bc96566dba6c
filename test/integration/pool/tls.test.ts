import { X509Certificate } from 'node:crypto';
import { connectToPool, createPool } from 'vaultproof';
import { expect, onTestFinished, test } from 'vitest';

test('the servers of a pool with TLS share one CA', async () => {
  const pool = await createPool({ vault: { tls: true }, consul: { tls: true }, size: 2 });
  onTestFinished(() => pool.stop());
  const connection = await connectToPool(await pool.listen());
  onTestFinished(() => connection.stop());
  const leases = [await pool.lease(), await connection.lease()];
  const servers = leases.flatMap(({ vault, consul }) => [vault, consul]);
  expect(new Set(servers.map(({ address }) => address)).size).toBe(4);
  for (const { address, caPem } of servers) {
    expect(address).toMatch(/^https:/);
    expect(caPem).toBe(servers[0]?.caPem);
    expect(new X509Certificate(caPem ?? '').ca).toBe(true);
  }
  // Each client verifies its server with it.
  for (const { vault, consul } of leases) {
    await vault.request('POST', 'sys/mounts/kv', { type: 'kv' });
    await vault.seed('kv/app', { password: 'correct horse' });
    await consul.kv.write('app/colour', 'green');
  }
  await Promise.all(leases.map((env) => env.stop()));
  await using env = await pool.lease();
  expect(env.vault.caPem).toBe(servers[0]?.caPem);
  await expect(env.vault.root.read('kv/app')).rejects.toMatchObject({ code: 'mount_not_found' });
});
