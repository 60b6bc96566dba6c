import { expect, onTestFinished, test, vi } from 'vitest';
import { vaultRequest } from '../../../harness/api/vault-api.js';
import { type PooledVault, vaultKind } from '../../../harness/pool/pooled-vault.js';
import { ServerPool } from '../../../harness/pool/server-pool.js';

/** The only unseal key, which a dev server writes to its log. */
async function unsealKey({ ready }: PooledVault): Promise<string> {
  return vi.waitFor(async () => {
    const [, key] = /Unseal Key: (\S+)/.exec(await ready.instance.log()) ?? [];
    expect(key).toBeDefined();
    return String(key);
  }, 10_000);
}

async function rekey(vault: PooledVault): Promise<void> {
  const { client, instance } = vault.ready;
  const path = instance.product === 'openbao' ? 'sys/rotate/root' : 'sys/rekey';
  const shares = { secret_shares: 1, secret_threshold: 1 };
  const begun = await vaultRequest(client, vault.token, 'PUT', `${path}/init`, shares);
  const { nonce } = { ...begun, ...(begun['data'] as object) } as { nonce?: string };
  const done = await vaultRequest(client, vault.token, 'PUT', `${path}/update`, { key: await unsealKey(vault), nonce });
  expect({ ...done, ...(done['data'] as object) }).toMatchObject({ complete: true });
}

test('a server that a lease has rekeyed is thrown away and replaced', async () => {
  const pool = new ServerPool(vaultKind({}), 1);
  onTestFinished(() => pool.stop());
  await pool.start();
  const first = await pool.lease();
  await rekey(first.server);
  await first.giveBack();
  const next = await pool.lease();
  expect(next.server).not.toBe(first.server);
  expect(pool.counts).toMatchObject({
    booted: 2,
    leased: 2,
    recycled: 0,
    discarded: [expect.stringContaining('sys/raw/core/shamir-kek')],
  });
});
