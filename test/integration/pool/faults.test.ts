import { setTimeout as delay } from 'node:timers/promises';
import { createPool, type Environment, type Pool, type StartedVault } from 'vaultproof';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChild } from '../../support/child.js';
import { killServer } from '../../support/kill-server.js';
import { type Random, randomBy } from '../../support/random.js';
import { descendantsOf } from '../../support/what-runs.js';

/** More take longer: `VAULTPROOF_ROUNDS=100 VAULTPROOF_SEED=7 npx vitest run test/integration/pool/faults`. */
const ROUNDS = Number(process.env['VAULTPROOF_ROUNDS'] ?? 9);
const SEED = Number(process.env['VAULTPROOF_SEED'] ?? 1);
const SIZE = 3;

let pool: Pool;
let path: string;

beforeAll(async () => {
  pool = await createPool({ size: SIZE });
  path = await pool.listen();
});
afterAll(() => pool.stop());

/** Writes until it is refused, as a test's forgotten watcher does; with connections of its own. */
async function watcher({ address, token }: StartedVault): Promise<number> {
  for (let writes = 0; ; writes++) {
    const { ok } = await fetch(`${address}/v1/sys/mounts/left-${writes}`, {
      method: 'POST',
      headers: { 'x-vault-token': token },
      body: '{"type":"kv"}',
    }).catch(() => ({ ok: false }));
    if (!ok) return writes;
  }
}

async function withLease(use: (env: Environment) => Promise<unknown>): Promise<void> {
  await using env = await pool.lease();
  await use(env);
}

/** What goes wrong, by what it is. */
const FAULTS: Readonly<Record<string, (random: Random) => Promise<unknown>>> = {
  'a process that leases is killed in the middle of its requests': async ({ below }) => {
    const child = startChild('leasing-child.ts', { path });
    await child.started;
    await delay(below(50));
    child.kill('SIGKILL');
    await child.ended;
  },
  'a leased server is killed': () => withLease(({ vault }) => killServer(vault)),
  'a server that waits is killed': async ({ below }) => {
    const env = await pool.lease();
    const { vault } = env;
    await env.stop();
    await delay(below(50));
    await killServer(vault);
  },
  'a request is under way when its lease ends': ({ below }) =>
    withLease(async ({ vault }) => {
      for (let count = 0; count < 20; count++)
        vault.request('POST', `sys/mounts/kv-${count}`, { type: 'kv' }).catch(() => {});
      await delay(below(5));
    }),
  'a watcher writes after its lease has ended': async ({ below }) => {
    let writes: Promise<number> | undefined;
    await withLease(async ({ vault }) => {
      writes = watcher(vault);
      await delay(below(50));
    });
    expect(await writes).toBeLessThan(1_000);
  },
  'a server is sealed': () => withLease(({ vault }) => vault.request('PUT', 'sys/seal')),
  'a server is filled': () =>
    withLease(async ({ vault }) => {
      await vault.request('POST', 'sys/mounts/kv', { type: 'kv' });
      const text = 'a'.repeat(500_000);
      for (let count = 0; count < 40; count++) await vault.seed(`kv/${count}`, { text });
    }),
  'a rekey is begun': () =>
    withLease(({ vault }) =>
      Promise.allSettled(
        ['sys/rekey/init', 'sys/rotate/root/init'].map((init) =>
          vault.request('PUT', init, { secret_shares: 1, secret_threshold: 1 }),
        ),
      ),
    ),
  'a server is stopped, and goes on': () =>
    withLease(async ({ vault }) => {
      await killServer(vault, 'SIGSTOP');
      await delay(20);
      await killServer(vault, 'SIGCONT');
    }),
};

test('whatever goes wrong, every lease has a server that is as new', {
  timeout: 60_000 + ROUNDS * 30_000,
}, async () => {
  const random = randomBy(SEED);
  const happened: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    const names = Object.keys(FAULTS);
    const name = round < names.length ? String(names[round]) : random.pick(names);
    happened[name] = (happened[name] ?? 0) + 1;
    await FAULTS[name]?.(random);
    const leases = await Promise.all(Array.from({ length: SIZE }, () => pool.lease()));
    expect(new Set(leases.map(({ vault }) => vault.token)).size).toBe(SIZE);
    for (const { vault } of leases) {
      const shown = await Promise.all(
        ['sys/mounts', 'sys/auth', 'auth/token/accessors?list=true'].map((one) => vault.request('GET', one)),
      );
      const [mounts, auth, tokens] = shown.map(({ data }) => data as object & { keys: string[] });
      expect(
        Object.keys(mounts ?? {}).filter((mount) => !/^(cubbyhole|identity|sys|agent-registry)\/$/.test(mount)),
      ).toEqual([]);
      expect(Object.keys(auth ?? {})).toEqual(['token/']);
      // The pool's own root and this lease's.
      expect(tokens?.keys).toHaveLength(2);
    }
    await Promise.all(leases.map((env) => env.stop()));
  }
  const { vault } = pool.counts;
  // biome-ignore lint/suspicious/noConsole: the totals are what the test is run for
  console.log({ rounds: ROUNDS, seed: SEED, ...happened, ...vault });
  await pool.stop();
  expect(descendantsOf(process.pid).filter(({ command }) => command.includes('-dev-listen-address'))).toEqual([]);
});
