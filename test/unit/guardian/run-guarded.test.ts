import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runGuarded } from '../../../harness/guardian/index.js';
import { isRunning, temporaryFolder } from '../binaries/files.js';

const env = { PATH: '/usr/bin:/bin', SEEN: 'three' };

function run(script: string, more: Partial<Parameters<typeof runGuarded>[0]> = {}) {
  return runGuarded({ path: '/bin/sh', args: ['-c', script], cwd: '/', env, limitMs: 8_000, ...more });
}

test('returns its exit code and what it wrote', async () => {
  const [lines, errorLines]: [string[], string[]] = [[], []];
  const end = await run('echo one; echo "two and $SEEN" >&2; cat; exit 7', {
    input: 'typed\n',
    onLine: (line) => lines.push(line),
    onErrorLine: (line) => errorLines.push(line),
  });
  expect(end).toEqual({ exitCode: 7, missing: false, stdout: 'one\ntyped', stderr: 'two and three' });
  expect([lines, errorLines]).toEqual([['one', 'typed'], ['two and three']]);
});

test('ends what the program left behind, and waits for nothing that it holds open', async () => {
  const { exitCode, stdout } = await run('sleep 300 & echo $!');
  expect(exitCode).toBe(0);
  expect(isRunning(Number(stdout))).toBe(false);
});

test('waits for no daemon that has left the group', async () => {
  const folder = await temporaryFolder();
  const { exitCode } = await run(`setsid /bin/sh -c 'echo $$ >${folder}/pid; exec sleep 300' & sleep 0.3`);
  expect(exitCode).toBe(0);
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
  expect(isRunning(pid)).toBe(true);
  process.kill(pid, 'SIGKILL');
});

test.each([
  ['that hangs', 'sleep 300', { limitMs: 200 }, 'did not end within 0.2 s'],
  ['whose child hangs', 'sleep 300 & wait', { limitMs: 200 }, 'did not end within 0.2 s'],
  ['that writes without end', `yes "$(printf '%1000s')"`, { mostMebibytes: 3 }, 'wrote more than 3 MiB'],
])('gives up a program %s', async (_which, script, more, trouble) => {
  expect(await run(script, { forget: true, ...more })).toMatchObject({ exitCode: undefined, trouble });
});

test('says that there is no such program', async () => {
  expect(await run('', { path: 'no-such-program' })).toMatchObject({ missing: true });
});

test('throws the reason of its signal, and nothing is left', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  let pid = 0;
  const running = run('sleep 300 & echo $!; wait', {
    signal: controller.signal,
    onLine: (line) => {
      pid = Number(line);
      controller.abort(reason);
    },
  });
  await expect(running).rejects.toBe(reason);
  expect(isRunning(pid)).toBe(false);
});

test('interrupts a program first that has a grace, and kills it when that is over', async () => {
  const interrupted = (script: string) => {
    const controller = new AbortController();
    return run(script, {
      signal: controller.signal,
      interruptFirst: 300,
      onLine: (line) => line === 'ready' && controller.abort(),
    });
  };
  const obedient = 'trap "echo asked; exit 3" INT; echo ready; sleep 0.1; sleep 0.1; sleep 0.1; sleep 300';
  expect(await interrupted(obedient)).toMatchObject({ exitCode: 3, stdout: 'ready\nasked' });
  const deaf = 'trap "" INT; echo ready; sleep 300';
  expect(await interrupted(deaf)).toMatchObject({ trouble: 'was interrupted, and did not end' });
});

test('gives nothing of ours to a program but what it is given', async () => {
  vi.stubEnv('CANARY', 'mine');
  const { stdout } = await run('env; ls /proc/self/fd');
  expect(stdout).not.toContain('CANARY');
  expect(
    stdout
      .split('\n')
      .filter((line) => /^\d+$/.test(line))
      .map(Number),
  ).not.toContain(4);
});
