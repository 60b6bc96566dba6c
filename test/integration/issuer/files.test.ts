import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { generateSigningKey } from 'vaultproof/issuer';
import { privatePem } from 'vaultproof/issuer/keys';
import { describe, expect, test } from 'vitest';
import { cli, firstLine } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const options = ['--users', '--key', '--admin-token-file'] as const;

async function textFor(option: (typeof options)[number]): Promise<string> {
  if (option === '--users') return '{"Users":{}}';
  return option === '--key' ? privatePem(await generateSigningKey('ES256')) : 'x'.repeat(32);
}

describe.each(options)('vaultproof issuer %s', (option) => {
  test('does not wait for a pipe', async () => {
    const path = join(await temporaryFolder(), 'pipe');
    await execa('mkfifo', [path]);
    const { exitCode, stderr } = await cli(['issuer', option, path]);
    expect([exitCode, stderr]).toEqual([
      option === '--users' ? 1 : 2,
      expect.stringContaining('is not a regular file: give a file, not a pipe, device or folder'),
    ]);
  });

  test.each([
    [0o600, false],
    [0o640, true],
    [0o602, true],
  ])('warns of a file that others may read or change: mode %o', async (mode, warns) => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(path, await textFor(option));
    await execa('chmod', [mode.toString(8), path]);
    const running = cli(['issuer', option, path]);
    await firstLine(running);
    running.kill('SIGTERM');
    const { exitCode, stderr } = await running;
    const what = { '--users': 'file of users', '--key': 'private key', '--admin-token-file': 'admin token' }[option];
    const warning = `warning: other users than the owner can read or change the ${what} "${path}": run chmod 600 on it`;
    expect([exitCode, stderr.split('\n').includes(warning)]).toEqual([0, warns]);
  });
});

test.each([
  ['users', 'check'],
  ['users', 'hash'],
  ['users', 'push', '--consul', 'a/b'],
])('vaultproof %s %s does not wait for a pipe', async (command, action, ...more) => {
  const path = join(await temporaryFolder(), 'pipe');
  await execa('mkfifo', [path]);
  const { exitCode, stderr } = await cliInProcess([command, action, path, ...more], {
    env: { CONSUL_HTTP_ADDR: '127.0.0.1:1' },
  });
  expect([exitCode === 0, stderr]).toEqual([false, expect.stringContaining('is not a regular file')]);
});
