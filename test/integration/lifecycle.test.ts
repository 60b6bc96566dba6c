import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Child, startChild } from '../support/child.js';
import { engines, requiresEngine, runOn } from '../support/engines.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { answers, containersOf, descendantsOf, foldersIn, stillRunning, stillThere } from '../support/what-runs.js';

const DEADLINE = { timeout: 15_000, interval: 50 };

/** A child whose Vault and Consul were seen to run. */
interface Seen {
  readonly child: Child;
  readonly addresses: readonly string[];
  readonly pids: readonly number[];
  readonly containers: readonly string[];
  readonly folder: string;
}

describe.each(engines)('a Vault and a Consul on the engine %s', (engine) => {
  beforeEach(requiresEngine(engine));

  async function seeRunning(ending: string): Promise<Seen> {
    const folder = await temporaryFolder();
    const services = { vault: runOn(engine, 'vault'), consul: runOn(engine, 'consul') };
    const child = startChild('environment-child.ts', { services, ending }, { env: { TMPDIR: folder } });
    onTestFinished(() => child.kill('SIGKILL'));
    const { addresses } = (await child.started) as { addresses: string[] };
    const descendants = descendantsOf(child.pid);
    // The guardian's pipeline shows as a shell of the same name below it.
    const commands = descendants.filter(({ parent }) => parent === child.pid).map(({ command }) => command);
    const containers = engine === 'docker' ? await containersOf(addresses) : [];

    expect(await Promise.all(addresses.map(answers))).toEqual([true, true]);
    expect(commands.filter((command) => command.includes('guardian.sh'))).toHaveLength(1);
    expect(commands.filter((command) => /(?:vault|bao) server|consul agent/.test(command))).toHaveLength(
      engine === 'process' ? 2 : 0,
    );
    expect(containers).toHaveLength(engine === 'docker' ? 2 : 0);
    expect(await foldersIn(folder)).toHaveLength(engine === 'process' ? 2 : 0);
    return { child, addresses, pids: [child.pid, ...descendants.map(({ pid }) => pid)], containers, folder };
  }

  async function expectNothingLeft({ addresses, pids, containers, folder }: Seen): Promise<void> {
    await vi.waitFor(async () => {
      expect(stillRunning(pids)).toEqual([]);
      expect(containers.length === 0 ? [] : await stillThere(containers)).toEqual([]);
      expect(await foldersIn(folder)).toEqual([]);
      expect(await Promise.all(addresses.map(answers))).toEqual([false, false]);
    }, DEADLINE);
  }

  test('are gone after stop(), and so is the process', async () => {
    const seen = await seeRunning('stop');
    seen.child.goOn();
    expect(await seen.child.ended).toMatchObject({ exitCode: 0, stderr: '' });
    await expectNothingLeft(seen);
  });

  test('do not keep their process alive, and are gone with it when nobody stopped them', async () => {
    const seen = await seeRunning('end');
    const start = Date.now();
    seen.child.goOn();
    expect(await seen.child.ended).toMatchObject({ exitCode: 0, stderr: '' });
    // Connections that are kept for the next request would hold it for five seconds.
    expect(Date.now() - start).toBeLessThan(3_000);
    await expectNothingLeft(seen);
  });

  test('are gone after an uncaught error', async () => {
    const seen = await seeRunning('throw');
    seen.child.goOn();
    expect(await seen.child.ended).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('thrown by the test'),
    });
    await expectNothingLeft(seen);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('are gone after %s', async (signal) => {
    const seen = await seeRunning('wait');
    seen.child.kill(signal);
    expect(await seen.child.ended).toMatchObject({ signal });
    await expectNothingLeft(seen);
  });
});
