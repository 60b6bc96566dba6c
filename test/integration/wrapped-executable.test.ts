import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startVault } from 'vaultproof';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { findExecutable } from '../../harness/binaries/index.js';
import { startChild } from '../support/child.js';
import { prepared } from '../support/prepared.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { answers, descendantsOf, foldersIn, stillRunning } from '../support/what-runs.js';

let vault: string;

afterEach(() => {
  vi.unstubAllEnvs();
});

beforeAll(async () => {
  const found = await findExecutable(prepared().vault.product);
  if (!found) throw new Error('no executable is at hand');
  vault = found.path;
});

/** A script that runs Vault as its child, as company wrappers do, and does not become it by `exec`. */
async function wrapper(folder: string, before = ''): Promise<string> {
  const path = join(folder, 'wrapper');
  await writeFile(path, `#!/bin/sh\n${before}\n"${vault}" "$@"\n`, { mode: 0o755 });
  return path;
}

describe('an executable that is a script around Vault', () => {
  test('is gone with its Vault after stop(), and leaves nothing in TMPDIR', async () => {
    const folder = await temporaryFolder();
    vi.stubEnv('TMPDIR', folder);
    const server = await startVault({ engine: 'process', executable: await wrapper(folder) });
    const pids = descendantsOf(process.pid).filter(({ command }) => command.includes(' server -dev'));
    expect(pids.length).toBeGreaterThanOrEqual(2);
    await server.stop();
    expect(stillRunning(pids.map(({ pid }) => pid))).toEqual([]);
    expect(await answers(server.address)).toBe(false);
    expect(await readdir(folder)).toEqual(['wrapper']);
  });

  test('is gone with its Vault when our process is killed', async () => {
    const folder = await temporaryFolder();
    const services = { vault: { engine: 'process', executable: await wrapper(folder) } };
    const child = startChild('environment-child.ts', { services, ending: 'wait' }, { env: { TMPDIR: folder } });
    await child.started;
    const pids = descendantsOf(child.pid).map(({ pid }) => pid);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(stillRunning(pids)).toEqual([]), { timeout: 10_000, interval: 20 });
    expect(await foldersIn(folder)).toEqual([]);
  });

  test('that leaves a process behind after "version" is not waited for', async () => {
    const folder = await temporaryFolder();
    const executable = await wrapper(folder, 'sleep 300 &');
    await using server = await startVault({ engine: 'process', executable });
    expect(server.version).toBe(prepared().vault.version);
  });
});
