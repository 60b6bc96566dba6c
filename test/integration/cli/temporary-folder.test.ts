import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { cli } from '../../support/cli.js';
import { prepared } from '../../support/prepared.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const onProcesses = { VAULTPROOF_ENGINE: 'process' };

test.each([
  ['demo', ['demo', '--vault-only']],
  ['parity', ['parity', 'stacks/main.ts']],
])('a TMPDIR that is not there is an environment that lacks something to `%s`', async (_name, args) => {
  const { stdout, stderr, exitCode } = await cli([...args, '--json'], {
    env: { ...onProcesses, TMPDIR: '/nonexistent/tmp' },
  });
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'temporary_folder_unusable' } });
  expect(stderr).toContain('temporary_folder_unusable: the folder for temporary files, "/nonexistent/tmp", can');
  expect(exitCode).toBe(3);
});

test('a relative TMPDIR is where the command was called', async () => {
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, 'tmp'));
  const { exitCode } = await execa(process.execPath, [prepared().cli, 'demo', '--vault-only'], {
    cwd,
    env: { ...onProcesses, TMPDIR: 'tmp' },
    reject: false,
  });
  expect(exitCode).toBe(0);
  expect(await readdir(join(cwd, 'tmp'))).toEqual([]);
});

test('a TMPDIR without room is an environment that lacks something', async ({ skip }) => {
  const folder = await temporaryFolder();
  const mount = `mount -t tmpfs -o size=4k,nr_inodes=3 tmpfs '${folder}'`;
  const own = ['--user', '--map-root-user', '--mount'];
  const { failed } = await execa('unshare', [...own, 'sh', '-c', mount], { reject: false });
  if (failed) skip('needs "unshare", and mounts of its own');
  const { stderr, exitCode } = await execa(
    'unshare',
    [...own, 'sh', '-c', `${mount} && exec "$@"`, 'sh', process.execPath, prepared().cli, 'demo', '--vault-only'],
    { env: { ...onProcesses, TMPDIR: folder }, reject: false },
  );
  expect(stderr).toMatch(/^temporary_folder_unusable: .*\(ENOSPC\)/m);
  expect(exitCode).toBe(3);
});
