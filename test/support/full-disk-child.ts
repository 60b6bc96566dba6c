import { type StartedVault, startVault, type VaultproofError } from 'vaultproof';

/** Run as a process of its own: writes secrets to a Vault's disk until that is full, and prints how it ended as JSON. */
async function fillDisk(vault: StartedVault): Promise<void> {
  await vault.request('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '1' } });
  for (let count = 0; count < 2_000; count += 1) await vault.seed(`kv/${count}`, { value: 'x'.repeat(64 * 1024) });
}

let stage = 'start';
try {
  await using vault = await startVault({ engine: 'process', storage: 'raft', startupTimeoutMs: 15_000 });
  stage = 'write';
  await fillDisk(vault);
} catch (error) {
  const { code, message } = error as VaultproofError;
  process.stdout.write(JSON.stringify({ stage, code, message }));
}
