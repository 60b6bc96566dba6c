import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPool, type StartedVault } from 'vaultproof';
import { expect, test } from 'vitest';
import { findExecutable } from '../../../harness/binaries/index.js';
import { isRecord } from '../../../internal/json.js';
import { prepared } from '../../support/prepared.js';
import { randomBy } from '../../support/random.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { callAtRandom } from './random-calls.js';

/** More take longer: `VAULTPROOF_ROUNDS=2000 VAULTPROOF_SEED=7 npx vitest run as-new`. */
const ROUNDS = Number(process.env['VAULTPROOF_ROUNDS'] ?? 25);
const SEED = Number(process.env['VAULTPROOF_SEED'] ?? 1);

/** What is stored after a lease and not before, and changes nothing: where it is, and what may be there. */
const LEFT_OUT: readonly (readonly [path: RegExp, value: RegExp])[] = [
  // A bucket of the identity engine whose entities or groups are gone.
  [/^logical\/[^/]+\/packer\/(group\/)?buckets\/\d+$/, /^"\\n\\u00\d\dpacker\/(group\/)?buckets\/\d+"$/],
  // The settings that were set and deleted are stored as none.
  [/^sys\/config\/cors$/, /^"\{\\"enabled\\":0\}\\n"$/],
  [
    /^sys\/audited-headers-config\/audited-headers$/,
    /^"\{(\\"(x-)?(correlation-id|user-agent)\\":\{\\"hmac\\":false\},?)*\}\\n"$/,
  ],
  // The salt of an audit device that is gone.
  [/^audit\/[^/]+\/salt$/, /./],
];

test('a server that is leased again has stored what a new one has', { timeout: 60_000 + ROUNDS * 4_000 }, async () => {
  await using pool = await createPool({ vault: { executable: await withRawStorage() }, size: 2 });
  const random = randomBy(SEED);
  const pristine = new Map<string, Stored>();
  const differences = new Map<string, number>();
  let [made, refused, compared] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    await using env = await pool.lease();
    const { vault } = env;
    const stored = await everythingIn(vault);
    const { cluster_id: id } = await vault.request('GET', 'sys/health');
    const before = pristine.get(String(id));
    if (before === undefined) pristine.set(String(id), stored);
    else {
      compared += 1;
      for (const path of differing(before, stored)) differences.set(path, (differences.get(path) ?? 0) + 1);
    }
    for (let calls = 5 + random.below(20); calls > 0; calls--) {
      if (await callAtRandom(vault, random)) made += 1;
      else refused += 1;
    }
  }
  const { vault } = pool.counts;
  // biome-ignore lint/suspicious/noConsole: the totals are what the test is run for
  console.log({ rounds: ROUNDS, seed: SEED, made, refused, compared, ...vault });
  expect([...differences]).toEqual([]);
  expect(compared).toBeGreaterThan(ROUNDS / 2);
});

type Stored = ReadonlyMap<string, string>;

function differing(before: Stored, after: Stored): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path));
}

/** A token's record, its accessor and its lease: the pool's own root and the lease's, whose ids differ each time. */
const OF_TOKENS = /^(sys\/(?:token\/(?:id|accessor)|expire\/id\/auth\/token\/create)\/)[0-9a-f]{40}$/;

/** All that Vault has in its storage, decrypted, except what is left out. */
async function everythingIn({ request }: StartedVault): Promise<Stored> {
  const stored = new Map<string, string>();
  const tokens = new Map<string, number>();
  const keep = async (path: string): Promise<void> => {
    const [, kind] = OF_TOKENS.exec(path) ?? [];
    if (kind !== undefined) {
      tokens.set(kind, (tokens.get(kind) ?? 0) + 1);
      return;
    }
    // Root keys are protected, and answered with a refusal.
    const { data } = await request('GET', `sys/raw/${path}`).catch(({ message }: Error) => ({ data: message }));
    const value = JSON.stringify(isRecord(data) ? data['value'] : data);
    if (!LEFT_OUT.some(([where, what]) => where.test(path) && what.test(value))) stored.set(path, value);
  };
  const walk = async (folder: string): Promise<void> => {
    const { data } = await request('GET', `sys/raw/${folder}?list=true`);
    const keys = isRecord(data) ? (data['keys'] as string[]) : [];
    await Promise.all(keys.map((key) => (key.endsWith('/') ? walk(folder + key) : keep(folder + key))));
  };
  await walk('');
  for (const [kind, count] of tokens) stored.set(kind, String(count));
  return stored;
}

/** The Vault or OpenBao of the tests, which shows what it has stored. */
async function withRawStorage(): Promise<string> {
  const found = await findExecutable(prepared().vault.product);
  const folder = await temporaryFolder();
  const [config, wrapper] = [join(folder, 'raw.json'), join(folder, 'vault')];
  await writeFile(config, '{"raw_storage_endpoint":true}');
  await writeFile(
    wrapper,
    `#!/bin/sh\ncase "$1" in server) exec "${found?.path}" "$@" -config=${config};; *) exec "${found?.path}" "$@";; esac\n`,
    { mode: 0o755 },
  );
  return wrapper;
}
