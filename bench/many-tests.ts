/**
 * Many tests under Vitest with two workers, each with a Vault of its own from a pool in which it declares the bundled example,
 * seeds, logs in and reads. Its CPU time, that of the servers included, is held against the same requests by hand on one Vault
 * that all tests share; its duration against a Vault that is started for each test, of which a tenth as many are run. Notes have the
 * resident memory of the pool's servers on the way. A run that leaves a server or a folder behind fails.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { startVault } from 'vaultproof';
import { type Measurement, SkippedMeasurement } from './measurement.js';

/** What the tests of a run use, see many-tests/cases.ts. */
type Side = 'pool' | 'by-hand' | 'boot';

/** What a test of a run took on average, in milliseconds. */
interface RunCost {
  readonly cpu: number;
  readonly duration: number;
}

/** The resident memory of all servers after some tests. */
interface MemorySample {
  readonly done: number;
  readonly megabytes: number;
}

const PROJECT = fileURLToPath(new URL('./many-tests/', import.meta.url));
const SAMPLE_MS = 250;
/** From this test on the memory of the servers is to be flat. */
const WARM = 100;
const MS_PER_TICK = 10;

/** See the head of this file. */
export const manyTests: Measurement = {
  name: 'many-tests',
  prepare: async ({ tests }) => {
    if (process.platform !== 'linux') throw new SkippedMeasurement('the CPU time of a run is read from /proc');
    const folder = await mkdtemp(join(tmpdir(), 'bench-many-'));
    const { origin: executable, stop } = await startVault({ engine: 'process' });
    await stop();
    let memory: MemorySample[] = [];

    const run = async (side: Side, count: number): Promise<RunCost> => {
      const progress = join(folder, 'progress');
      await rm(progress, { force: true });
      const variables = { BENCH_SIDE: side, BENCH_TESTS: String(count), BENCH_PROGRESS: progress };
      const ended = new AbortController();
      const [cpu, begin] = [cpuOfChildren(), performance.now()];
      const child = execa('npx', ['vitest', 'run', '--root', PROJECT], {
        env: { ...variables, BENCH_VAULT: executable, TMPDIR: folder, NO_COLOR: '1' },
        all: true,
        reject: false,
      });
      const sampling = side === 'pool' ? samplesOf(folder, progress, ended.signal) : undefined;
      const { all = '', exitCode } = await child;
      const cost = { cpu: (cpuOfChildren() - cpu) / count, duration: (performance.now() - begin) / count };
      ended.abort();
      memory = (await sampling) ?? memory;
      if (exitCode !== 0) throw new Error(`the tests failed: ${all.slice(-2_000)}`);
      const left = [
        ...(await readdir(folder)).filter((name) => name.startsWith('vaultproof-')),
        ...(await serversIn(folder)),
      ];
      if (left.length > 0) throw new Error(`the tests left ${left.length} folders and servers behind`);
      return cost;
    };
    const pooled = { name: `a test of ${tests}, with a Vault of its own`, unit: 'ms', maxRounds: 3 } as const;
    return {
      comparisons: [
        {
          ...pooled,
          name: `CPU time of ${pooled.name}`,
          baseline: 'the same requests by hand, on one Vault',
          target: 3,
          ours: async () => (await run('pool', tests)).cpu,
          theirs: async () => (await run('by-hand', tests)).cpu,
        },
        {
          ...pooled,
          name: `duration of ${pooled.name}`,
          baseline: 'a Vault that is started for each',
          target: 1 / 8,
          ours: async () => (await run('pool', tests)).duration,
          theirs: async () => (await run('boot', Math.max(10, Math.ceil(tests / 10)))).duration,
        },
      ],
      notes: () => [memoryNote(memory)],
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    };
  },
};

/** The CPU time of all child processes that have ended, and of theirs, in milliseconds. */
function cpuOfChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const [user = '0', system = '0'] = fields.slice(13, 15);
  return (Number(user) + Number(system)) * MS_PER_TICK;
}

/** The resident memory of each server whose files are in a folder, in MB. */
async function serversIn(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const servers = await Promise.all(
    pids.map(async (pid) => {
      // Most processes are of others, or gone.
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      if (!cwd.startsWith(join(folder, 'vaultproof-'))) return [];
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return [Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1_024];
    }),
  );
  return servers.flat();
}

async function samplesOf(folder: string, progress: string, signal: AbortSignal): Promise<MemorySample[]> {
  const samples: MemorySample[] = [];
  while (!signal.aborted) {
    const { length: done } = await readFile(progress, 'utf8').catch(() => '');
    const servers = await serversIn(folder);
    samples.push({ done, megabytes: servers.reduce((sum, one) => sum + one, 0) });
    await delay(SAMPLE_MS, undefined, { signal }).catch(() => {});
  }
  return samples.filter(({ done, megabytes }) => done > 0 && megabytes > 0);
}

function memoryNote(samples: readonly MemorySample[]): string {
  const most = (some: readonly MemorySample[]): string =>
    Math.max(0, ...some.map(({ megabytes }) => megabytes)).toFixed(0);
  const [before, after] = [samples.filter(({ done }) => done <= WARM), samples.filter(({ done }) => done > WARM)];
  return `the pool's servers had at most ${most(before)} MB up to test ${WARM}, and ${most(after)} MB after it`;
}
