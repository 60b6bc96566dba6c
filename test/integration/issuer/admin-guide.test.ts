import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { cli, firstLine, npxIn } from '../../support/cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

// It takes the port 7080; no other file may.

const END_OF_BLOCK = '--- end of block ---';

async function guide(): Promise<{ before: string[]; issuer: string[]; after: string[] }> {
  const text = await readFile(new URL('../../../docs/admin.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code = '']) => ({ language, code }));
  const start = blocks.findIndex(({ language }) => language === 'console');
  const codes = blocks.map(({ code }) => code);
  return {
    before: codes.slice(0, start),
    issuer: (codes[start] ?? '').trim().replace('npx vaultproof ', '').split(' '),
    after: codes.slice(start + 1),
  };
}

test('the commands of docs/admin.md do what it says', async ({ skip }) => {
  for (const name of ['bash', 'curl', 'jq', 'openssl']) {
    if ((await execa('which', [name], { reject: false })).failed) skip(`needs ${name} on PATH`);
  }
  const { before, issuer, after } = await guide();
  const folder = await temporaryFolder();
  const PATH = [await npxIn(folder), process.env['PATH']].join(delimiter);
  const shell = async (blocks: readonly string[]): Promise<string[]> => {
    const script = blocks.map((block) => `${block}\necho '${END_OF_BLOCK}'`).join('\n');
    const { stdout } = await execa('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, env: { PATH } });
    return stdout.split(END_OF_BLOCK).map((output) => output.trim());
  };
  await shell(before);
  const files = issuer.map((arg) => (/^(?:admin-token|users\.yaml)$/.test(arg) ? join(folder, arg) : arg));
  const running = cli([...files, '--json']);
  onTestFinished(async () => {
    running.kill('SIGINT');
    await running;
  });
  expect(JSON.parse(await firstLine(running))).toMatchObject({ url: 'http://127.0.0.1:7080' });

  const [, keys = '', claims = '', faults = '', clock = '', users = ''] = await shell(after);
  expect(keys.split('\n')).toEqual([
    'ES256 active',
    'published',
    expect.stringMatching(/^[\w-]{43}$/),
    'added',
    'retired',
  ]);
  expect(JSON.parse(claims)).toEqual({ team: 'a', mail: '{{sub}}@example.com', exp: '{{now + 60}}' });
  expect(faults.replaceAll('}{', '}\n{').split('\n')).toEqual([
    '{"fault":{"status":503,"times":2},"fetchesLeft":2}',
    '{"fault":{"name":"other-issuer"}}',
    '{"jwks":0,"discovery":0,"lure":0}',
  ]);
  const { now } = JSON.parse(clock) as { now: number };
  expect(Math.abs(now - Date.now() / 1000 - 3_600)).toBeLessThan(60);
  expect(users.split('\n')).toEqual(['scrypt', 'true', '{"team":"a"}', 'otpauth://totp/AppMesh:vishpat']);
  expect(await readFile(join(folder, 'users.yaml'), 'utf8')).toContain('Users: {}');
});
