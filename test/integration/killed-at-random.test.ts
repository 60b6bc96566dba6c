import { randomInt } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isRunnable } from '../../harness/binaries/index.js';
import { findTerraform } from '../../harness/terraform/executable.js';
import { prepared } from '../support/prepared.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { descendantsOf, stillRunning } from '../support/what-runs.js';

/** How often each command is killed. */
const ROUNDS = Number(process.env['VAULTPROOF_KILL_ROUNDS'] ?? 1);
const ROUND_MS = 40_000;

const here = fileURLToPath(new URL('.', import.meta.url));
const PATIENT = { timeout: 20_000, interval: 50 };

/** What is run, in a folder of its own, and how long it takes about, in milliseconds. */
interface Victim {
  readonly name: string;
  readonly takesMs: number;
  /** The arguments of `node`. */
  args(folder: string): Promise<readonly string[]>;
}

const command = (name: string, takesMs: number, ...args: readonly string[]): Victim => ({
  name,
  takesMs,
  args: async () => [prepared().cli, ...args],
});

const victims: readonly Victim[] = [
  command('up', 5_000, 'up'),
  command('up -- CMD', 5_000, 'up', '--', 'sh', '-c', 'sleep 300 & setsid sleep 300 & wait'),
  command('demo', 5_000, 'demo'),
  {
    name: 'issuer',
    takesMs: 1_500,
    args: async (folder) => {
      const keys = join(folder, 'keys');
      return [prepared().cli, 'issuer', '--port', '0', '--keys', keys, '--admin'];
    },
  },
  {
    name: 'parity, with an app that hangs',
    takesMs: 4_000,
    args: async (folder) => {
      await writeFile(join(folder, 'cdktf.json'), JSON.stringify({ language: 'typescript', app: 'npx tsx app.ts' }));
      await writeFile(join(folder, 'app.ts'), 'setInterval(() => {}, 1_000);');
      return [prepared().cli, 'parity', folder];
    },
  },
  {
    name: 'vitest',
    takesMs: 6_000,
    args: async (folder) => {
      // Below this project, so that it finds its packages.
      const root = join(dirname(dirname(prepared().cli)), `run-of-${folder.split('-').at(-1)}`);
      await mkdir(root);
      const fixtures = join(dirname(dirname(prepared().cli)), 'harness/vitest/index.js');
      const text = `
        import { test } from ${JSON.stringify(fixtures)};
        test.override({ services: { vault: true, consul: true } });
        test('waits', async ({ env }) => {
          await new Promise((resolve) => setTimeout(resolve, 30_000));
        }, 60_000);`;
      await writeFile(join(root, 'one.test.mjs'), text);
      await writeFile(join(root, 'vitest.config.mjs'), 'export default {};');
      const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
      return [vitest, 'run', '--root', root];
    },
  },
  {
    name: 'terraform',
    takesMs: 4_000,
    args: async () => {
      const resource = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`n${index}`, { input: index }]));
      const child = join(here, '../support/terraform-child.ts');
      return ['--import', 'tsx', child, JSON.stringify({ configuration: { resource: { terraform_data: resource } } })];
    },
  },
];

/** Every process that has a folder in its environment, its command or as its working directory. Linux only. */
async function processesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc').catch((): string[] => [])).filter((name) => /^\d+$/.test(name))) {
    const parts = await Promise.all([
      readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      readlink(`/proc/${pid}/cwd`).catch(() => ''),
    ]);
    if (parts.some((part) => part.includes(folder))) found.push(`${pid} ${parts[1]?.replaceAll('\0', ' ')}`);
  }
  return found;
}

const rounds = victims.flatMap((victim) => Array.from({ length: ROUNDS }, (_, round) => ({ victim, round })));

test.each(rounds.map((one) => [one.victim.name, one.round, one] as const))(
  '%s leaves nothing behind when it is killed at any moment, round %i',
  async (name, _round, { victim }) => {
    if (
      name === 'terraform' &&
      !(await findTerraform().then(
        ({ path }) => isRunnable(path),
        () => false,
      ))
    )
      return;
    const folder = await temporaryFolder();
    const temporary = join(folder, 'tmp');
    await mkdir(temporary);
    const after = randomInt(victim.takesMs);
    const child = execa(process.execPath, await victim.args(folder), {
      cwd: folder,
      env: { TMPDIR: temporary, XDG_RUNTIME_DIR: '' },
      reject: false,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await new Promise((resolve) => setTimeout(resolve, after));
    const pids = descendantsOf(child.pid ?? 0).map(({ pid }) => pid);
    child.kill('SIGKILL');
    await child;
    const left = async () => ({
      processes: [...stillRunning(pids), ...(await processesOf(folder))],
      // What tsx, Node and Vitest (a name of 21 characters) keep there for themselves.
      files: (await readdir(temporary)).filter((file) => !/^(tsx|node-compile-cache|[\w-]{21}$)/.test(file)),
    });
    await vi.waitFor(
      async () => expect({ after, ...(await left()) }).toEqual({ after, processes: [], files: [] }),
      PATIENT,
    );
  },
  ROUND_MS,
);
