import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type ExternalVault, startVaultCluster, sweepExternal, type VaultCluster } from 'vaultproof';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { vaultRequest } from '../../../harness/api/vault-api.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { contentsOf } from '../../support/vault-contents.js';
import { descendantsOf } from '../../support/what-runs.js';

const suite = fileURLToPath(new URL('../../fixtures/external-suite/', import.meta.url));
const PATIENCE_MS = 120_000;

let cluster: VaultCluster;
let external: ExternalVault;
let before: Readonly<Record<string, unknown>>;
const request = (method: string, path: string, json?: unknown) =>
  vaultRequest(cluster.client, cluster.token, method, path, json);
beforeAll(async () => {
  cluster = await startVaultCluster();
  const { cluster_name: clusterName } = await request('GET', 'sys/health');
  external = { address: cluster.address, token: cluster.token, clusterName: String(clusterName) };
}, PATIENCE_MS);
afterAll(() => cluster?.stop());
beforeEach(async () => {
  before = await contentsOf(request);
});

function runShard(shard: string, { address = external.address, held }: { address?: string; held?: string } = {}) {
  const env = {
    NO_COLOR: '1',
    VITEST: undefined,
    CLUSTER_OF_TESTS: JSON.stringify({ ...external, address }),
    ...(held !== undefined && { HELD: held }),
  };
  return execa('vitest', ['run', `--shard=${shard}`, '--root', suite], {
    all: true,
    reject: false,
    preferLocal: true,
    env,
  });
}

/** All of it at once, and its guardians, too, as when its machine is switched off. */
async function kill(shard: ReturnType<typeof runShard>, { guardians }: { readonly guardians: boolean }): Promise<void> {
  const all = descendantsOf(shard.pid ?? 0).filter(({ command }) => guardians || !command.includes('guardian.sh'));
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const { pid } of all) process.kill(pid, signal);
  await shard;
}

/** The run of a shard that is held, by the accessor of its token. */
async function runOf(held: string): Promise<{ readonly accessor: string; readonly prefix: string }> {
  let accessor = '';
  while (accessor === '') {
    await delay(50);
    accessor = existsSync(held) ? readFileSync(held, 'utf8').trim() : '';
  }
  const { data } = await request('LIST', 'sys/policies/acl');
  for (const prefix of (data as { keys: string[] }).keys) {
    const { data: policy } = await request('GET', `sys/policies/acl/${prefix}`);
    if (JSON.stringify(policy).includes(accessor)) return { accessor, prefix };
  }
  throw new Error('no policy has the accessor of the run');
}

test(
  'three shards at once share a cluster of three nodes, see nothing of each other, and leave nothing',
  async () => {
    // A standby of OpenBao answers by itself, and may not know yet what was written.
    const { address: leading } = await cluster.leader();
    const addresses = cluster.nodes.map(({ address }) => (cluster.product === 'openbao' ? leading : address));
    const ends = await Promise.all(addresses.map((address, index) => runShard(`${index + 1}/3`, { address })));
    for (const { exitCode, all } of ends) {
      expect(all).toMatch(/Tests {2}2 passed/);
      expect(exitCode).toBe(0);
      expect(all).not.toContain(external.token);
    }
    expect(await contentsOf(request)).toEqual(before);
  },
  PATIENCE_MS,
);

test(
  'what a killed shard left is swept, and a run that is alive is not',
  async () => {
    const folder = await temporaryFolder();
    const [held, heldToo] = [join(folder, 'killed'), join(folder, 'alive')];
    const [killed, alive] = [runShard('1/3', { held }), runShard('2/3', { held: heldToo })];
    const [dead, living] = await Promise.all([runOf(held), runOf(heldToo)]);
    await kill(killed, { guardians: true });

    // Its token has not ended yet.
    const left = await contentsOf(request);
    expect(JSON.stringify(left)).toContain(`"${dead.prefix}/kv/"`);
    expect(await sweepExternal(external)).toEqual([]);
    expect(await contentsOf(request)).toEqual(left);

    // What comes by itself after five minutes.
    await request('POST', 'auth/token/revoke-accessor', { accessor: dead.accessor });
    expect(await sweepExternal(external)).toEqual([dead.prefix]);
    const swept = JSON.stringify(await contentsOf(request));
    expect(swept).not.toContain(dead.prefix);
    expect(swept).toContain(`"${living.prefix}/kv/"`);

    // The guardian of a run that was killed without it removes the run at once.
    await kill(alive, { guardians: false });
    // Its own token goes last.
    await vi.waitFor(async () => expect(await contentsOf(request)).toEqual(before), { timeout: 30_000, interval: 50 });
  },
  PATIENCE_MS,
);

test('a sweep leaves alone what only looks like a run', async () => {
  const policy = 'path "kv/app" { capabilities = ["read"] }';
  const names = ['vaultproof', 'vaultproof-app', 'vaultproof-20260301-1f0c2a9b'];
  for (const name of names) await request('PUT', `sys/policies/acl/${name}`, { policy });
  await request('POST', 'sys/mounts/vaultproof-kv', { type: 'kv' });
  const made = await contentsOf(request);
  expect(await sweepExternal(external)).toEqual([]);
  expect(await contentsOf(request)).toEqual(made);
  await expect(sweepExternal({ ...external, clusterName: 'vault-test' })).rejects.toMatchObject({
    code: 'cluster_mismatch',
  });
});
