import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { setup as poolSetup } from '../../harness/vitest/global-setup.js';
import { nodeHttpTo } from '../by-hand/node-http.js';
import { startVaultByHand } from '../by-hand/servers.js';
import { firstAuthMount } from '../by-hand/vault-http.js';

/** Starts what a side's tests use: the pool, or the one Vault that the tests by hand share; nothing where each starts its own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (process.env['BENCH_SIDE'] !== 'by-hand') return poolSetup(project);
  const token = randomBytes(24).toString('hex');
  const { address, stop } = await startVaultByHand(process.env['BENCH_VAULT'] ?? '', token);
  const { send, close } = nodeHttpTo(address, token);
  await firstAuthMount(send);
  close();
  Object.assign(process.env, { BENCH_ADDRESS: address, BENCH_TOKEN: token });
  return stop;
}
