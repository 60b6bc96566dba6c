import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cliInProcess } from '../../support/cli-in-process.js';
import { startEndlessServer } from '../../support/endless-server.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** Commands that ask a server, with its URL and a folder of their own. */
const commands: Readonly<Record<string, (url: string, folder: string) => readonly string[]>> = {
  login: (url) => ['login', '--jwt', 'a.b.c', '--role', 'r', '--address', url],
  'login --consul': (url) => ['login', '--jwt', 'a.b.c', '--consul', '--method', 'm', '--address', url],
  'token --issuer': (url) => ['token', '--issuer', url, '--sub', 's'],
  'token --issuer --claims': (url) => ['token', '--issuer', url, '--sub', 's', '--claims', '{}'],
  'verify --jwks': (url) => ['verify', 'a.b.c', '--jwks', url],
  'key rotate --issuer': (url, folder) => [
    'key',
    'rotate',
    '--issuer',
    url,
    '--admin-token-file',
    join(folder, 'token'),
  ],
  'users push': (_url, folder) => ['users', 'push', join(folder, 'users.json'), '--consul', 'k'],
};

async function folderOf(): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'token'), 'x'.repeat(32));
  await writeFile(join(folder, 'users.json'), '{"Users":{}}');
  return folder;
}

describe('an answer without an end', () => {
  test.each(Object.entries(commands))('ends `%s`', async (_name, args) => {
    const url = await startEndlessServer('body');
    const { stderr, exitCode } = await cliInProcess(args(url, await folderOf()), { env: { CONSUL_HTTP_ADDR: url } });
    expect(stderr).toMatch(/^(?:request_failed|key_set_unavailable): .* it is longer than [\d,]+ bytes$/);
    expect(exitCode).toBe(stderr.startsWith('request_failed') ? 3 : 1);
  });
});

describe('a URL with a password in it', () => {
  const named = Object.entries(commands).filter(([name]) => name !== 'users push');
  const urls = ['http://u:s3cret@127.0.0.1:1', 'http://u:s3/cret@127.0.0.1', 'u:s3cret@127.0.0.1:1'];
  for (const json of [[], ['--json']]) {
    test.each(named)(`is refused by \`%s\` without the password ${json.join('')}`, async (name, args) => {
      // What does not begin with http is a file there.
      for (const url of name.startsWith('verify') ? urls.slice(0, 2) : urls) {
        const { stdout, stderr, exitCode } = await cliInProcess([...args(url, await folderOf()), ...json]);
        expect(`${stdout}${stderr}`).not.toMatch(/s3|cret/);
        expect(exitCode).toBe(2);
      }
    });
  }

  test('or a secret in its query is not shown by `verify --jwks`', async () => {
    const { stdout, stderr, exitCode } = await cliInProcess([
      'verify',
      'a.b.c',
      '--jwks',
      'http://127.0.0.1:1/k?sig=s3cret',
      '--json',
    ]);
    expect(stdout).toContain('request_failed');
    expect(`${stdout}${stderr}`).not.toContain('s3cret');
    expect(exitCode).toBe(3);
  });
});
