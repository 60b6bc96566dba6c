import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { startEnvironment } from 'vaultproof';
import { ConsulUsersStack } from 'vaultproof/stacks/consul-users';
import { expect, onTestFinished, test } from 'vitest';
import { cli, firstLine, npxIn } from '../../../support/cli.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

// It takes the ports 7081 and 7082; no other file may.

const END_OF_BLOCK = '--- end of block ---';

test('the commands of docs/consul-users.md do what it says', async ({ skip }) => {
  for (const name of ['bash', 'curl', 'jq']) {
    if ((await execa('which', [name], { reject: false })).failed) skip(`needs ${name} on PATH`);
  }
  const text = await readFile(new URL('../../../../docs/consul-users.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code = '']) => ({ language, code }));
  const start = blocks.findIndex(({ language }) => language === 'console');
  const bash = (from: number, to?: number): string[] =>
    blocks.slice(from, to).flatMap(({ language, code }) => (language === 'bash' ? [code] : []));
  const folder = await temporaryFolder();
  await using env = await startEnvironment({ consul: { engine: 'process' } });
  const { consul } = env;
  await env.apply((app) => new ConsulUsersStack(app, 'users', { issuers: ['a', 'b'] }));
  await writeFile(join(folder, 'admin-token'), 'x'.repeat(32));
  const PATH = [await npxIn(folder), consul.binFolder, process.env['PATH']].join(delimiter);
  const variables = { CONSUL_HTTP_ADDR: consul.address, CONSUL_HTTP_TOKEN: consul.token };
  const shell = async (commands: readonly string[]): Promise<string[]> => {
    const script = commands.map((block) => `${block}\necho '${END_OF_BLOCK}'`).join('\n');
    const options = { cwd: folder, env: { PATH, ...variables } };
    const { stdout } = await execa('bash', ['-euo', 'pipefail', '-c', script], options);
    return stdout.split(END_OF_BLOCK).map((output) => output.trim());
  };

  expect(await shell(bash(0, start))).toEqual([
    '',
    '"appmesh/security" has the users of "users.yaml", hashed there: mesh',
    '',
  ]);
  const stored = await consul.kv.read('appmesh/security');
  expect(stored).toContain('# the first one');
  expect(stored).not.toContain('mesh123');

  const commands = (blocks[start]?.code ?? '').trim().split('\n');
  expect(commands).toHaveLength(2);
  const issuers = commands.map((command) => {
    const [, file = '', args = ''] = /^CONSUL_HTTP_TOKEN_FILE=(\S+) npx vaultproof (.*)$/.exec(command) ?? [];
    const inFolder = args.replace('--admin-token-file ', `--admin-token-file ${folder}/`).split(' ');
    const running = cli([...inFolder, '--json'], { env: { ...variables, CONSUL_HTTP_TOKEN_FILE: join(folder, file) } });
    onTestFinished(async () => {
      running.kill('SIGINT');
      expect((await running).exitCode).toBe(0);
    });
    return firstLine(running);
  });
  await Promise.all(issuers);
  expect(await shell(bash(start))).toEqual([
    '{"permission":"app-view","success":true,"user":"mesh"}',
    '[["view","manage"],false]\n{"permission":"app-reg","success":true,"user":"mesh"}',
    'permission_denied',
    '',
  ]);
  expect(await consul.kv.list('appmesh/')).toEqual(['appmesh/keys/a', 'appmesh/keys/b', 'appmesh/security']);
});
