import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { reservePorts } from '../../harness/engines/port-block.js';
import { startChild } from '../support/child.js';
import { engines, requiresEngine, runOn } from '../support/engines.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { containersBoundTo, descendantsOf, foldersIn, stillRunning } from '../support/what-runs.js';

const OFTEN = { timeout: 15_000, interval: 10 };

describe.each(engines)('a Vault on the engine %s', (engine) => {
  beforeEach(requiresEngine(engine));

  test.each([
    ['while it is made', /guardian\.sh/],
    ['while it starts', engine === 'docker' ? undefined : /server -dev/],
  ])('is gone when its process is killed %s', async (_when, command) => {
    const folder = await temporaryFolder();
    const { ports, release } = await reservePorts(2);
    onTestFinished(release);
    const port = Number(ports[0]);
    const containers = (): Promise<string[]> => (engine === 'docker' ? containersBoundTo(port) : Promise.resolve([]));

    const services = { vault: { ...runOn(engine, 'vault'), port } };
    const child = startChild('environment-child.ts', { services, ending: 'wait' }, { env: { TMPDIR: folder } });
    onTestFinished(() => child.kill('SIGKILL'));
    const pids = await vi.waitFor(async () => {
      const descendants = descendantsOf(child.pid);
      if (command === undefined) expect(await containers()).toHaveLength(1);
      else expect(descendants.map((descendant) => descendant.command).join('\n')).toMatch(command);
      return descendants.map(({ pid }) => pid);
    }, OFTEN);
    child.kill('SIGKILL');

    expect(await child.ended).toMatchObject({ signal: 'SIGKILL', stdout: '' });
    // The guardian is among them: once it is gone, nothing else will be tidied up.
    await vi.waitFor(() => expect(stillRunning(pids)).toEqual([]), OFTEN);
    expect(await containers()).toEqual([]);
    expect(await foldersIn(folder)).toEqual([]);
  });
});
