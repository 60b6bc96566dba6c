import { execFileSync } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { foldersIn } from '../../support/what-runs.js';
import { isRunning, temporaryFolder } from '../binaries/files.js';

const PATIENT = { timeout: 8_000, interval: 10 };

/** Starts the child, and returns what it printed. */
async function start(what: string, env: Readonly<Record<string, string>> = {}) {
  const path = fileURLToPath(new URL('guarded-child.ts', import.meta.url));
  const child = execa(process.execPath, ['--import', 'tsx', path, JSON.stringify({ what })], { reject: false, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const printed = await new Promise<unknown>((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(JSON.parse(String(text))));
    void child.then(({ stderr }) => reject(new Error(stderr)));
  });
  return { child, printed };
}

function guardianOf(pid: number | undefined): number {
  const table = execFileSync('ps', ['--ppid', String(pid), '-o', 'pid=,args='], { encoding: 'utf8' });
  return Number(/^\s*(\d+) .*guardian\.sh$/m.exec(table)?.[1]);
}

async function seenGone(pids: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), PATIENT);
}

describe('when our process is killed', () => {
  test('a program that it ran is gone, and what that started', async () => {
    const { child, printed } = await start('run');
    child.kill('SIGKILL');
    await seenGone(printed as number[]);
  });

  test('the descendants of a process are gone, in whatever group they are', async () => {
    const { child, printed } = await start('descendants');
    expect(new Set(printed as number[]).size).toBe(3);
    child.kill('SIGKILL');
    await seenGone(printed as number[]);
  });

  test('they are gone without a PATH, too', async () => {
    const folder = await temporaryFolder();
    const { child, printed } = await start('folder', { PATH: folder, TMPDIR: folder });
    expect(await foldersIn(folder)).toHaveLength(1);
    expect(printed).toMatchObject({ path: expect.stringContaining(folder) });
    child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await foldersIn(folder)).toEqual([]), PATIENT);
  });

  test('its own folder is gone and no other, with a newline and a backslash in TMPDIR', async () => {
    const folder = await temporaryFolder();
    const other = join(folder, 'other');
    // The line after the newline is an absolute path: of a folder that is not ours.
    const temporary = join(folder, `a\\n\n+ folder ${other}\n`);
    await mkdir(temporary, { recursive: true });
    await mkdir(other);
    const { child } = await start('folder', { TMPDIR: temporary });
    expect(await foldersIn(temporary)).toHaveLength(1);
    child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await foldersIn(temporary)).toEqual([]), PATIENT);
    expect((await stat(other)).isDirectory()).toBe(true);
  });

  test('a folder below a relative TMPDIR is gone', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'below');
    await mkdir(path);
    const { child, printed } = await start('folder', { TMPDIR: relative(process.cwd(), path) });
    expect((printed as { path: string }).path).toMatch(/^\//);
    child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await foldersIn(path)).toEqual([]), PATIENT);
  });

  test('they are gone although somebody had killed the guardian before', async () => {
    const { child, printed } = await start('run');
    const first = guardianOf(child.pid);
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => {
      const second = guardianOf(child.pid);
      expect(second > 0 && second !== first).toBe(true);
    }, PATIENT);
    child.kill('SIGKILL');
    await seenGone(printed as number[]);
  });
});
