import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cliInProcess } from '../../support/cli-in-process.js';
import { piped } from '../../support/piped.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** More findings than a pipe holds. */
async function manyFindings(): Promise<string> {
  const file = join(await temporaryFolder(), 'many.tf.json');
  const role = { backend: 'jwt', role_type: 'jwt', user_claim: 'sub', bound_audiences: ['a'] };
  const roles = Object.fromEntries(
    Array.from({ length: 300 }, (_, at) => [`r${at}`, { ...role, role_name: `r${at}` }]),
  );
  await writeFile(file, JSON.stringify({ resource: { vault_jwt_auth_backend_role: roles } }));
  return file;
}

describe('a reader that has gone', () => {
  test('leaves the verdict of a lint what it is', async () => {
    const { stdout, exitCode } = await piped(['lint', await manyFindings()], '| head -n 1');
    expect(stdout.split('\n')).toHaveLength(1);
    expect(exitCode).toBe(1);
  });

  test('is no proof where there is no verdict', async () => {
    const { stderr, exitCode } = await piped(['key', 'generate'], '| true', { before: 'yes' });
    expect(stderr).toBe('');
    expect(exitCode).toBe(141);
  });
});

test('a demo whose reader has gone is no proof', async () => {
  const { stdout, exitCode } = await piped(['demo', '--vault-only'], '| head -n 1');
  expect(stdout).toMatch(/^start /);
  expect(exitCode).toBe(141);
});

describe.skipIf(!existsSync('/dev/full'))('standard output without room', () => {
  test('is an environment that lacks something', async () => {
    const { stderr, exitCode } = await piped(['key', 'generate'], '> /dev/full');
    expect(stderr).toMatch(/^output_unwritable: .*ENOSPC.*$/);
    expect(exitCode).toBe(3);
  });

  test('leaves a verdict that it fails', async () => {
    const { stderr, exitCode } = await piped(['lint', await manyFindings()], '> /dev/full');
    expect(stderr).toContain('output_unwritable');
    expect(exitCode).toBe(1);
  });
});

const HOSTILE = 'no\u001b]0;x\u0007\n::error::\u202e\u009b##[error]\n::add-mask::a';

/** A server that answers everything with hostile words, wherever somebody may look for words. */
async function startHostileServer(status: number): Promise<string> {
  const server = createServer((_request, response) => {
    const words = { error: HOSTILE, error_description: HOSTILE, errors: [HOSTILE], kid: HOSTILE, alg: HOSTILE };
    const auth = { client_token: 'hvs.x', policies: [HOSTILE], lease_duration: 1, metadata: { role: HOSTILE } };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...words, state: HOSTILE, access_token: HOSTILE, auth, keys: HOSTILE }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('what a server says', () => {
  const commands: Record<string, (url: string) => Promise<string[]>> = {
    login: async (url) => ['login', '--jwt', 'a.b.c', '--role', 'r', '--address', url],
    'login --consul': async (url) => ['login', '--jwt', 'a.b.c', '--consul', '--method', 'm', '--address', url],
    'token --issuer': async (url) => ['token', '--issuer', url, '--sub', 's'],
    'verify --jwks': async (url) => ['verify', 'a.b.c', '--jwks', url],
    'key rotate --issuer': async (url) => {
      const file = join(await temporaryFolder(), 'token');
      await writeFile(file, 'x'.repeat(32));
      return ['key', 'rotate', '--issuer', url, '--admin-token-file', file];
    },
  };
  const cases = Object.keys(commands).flatMap((name) => [201, 400].map((status) => ({ name, status })));

  test.each(cases)(
    'with $status to $name is nothing that a terminal or a CI system obeys',
    async ({ name, status }) => {
      const args = (await commands[name]?.(await startHostileServer(status))) ?? [];
      for (const json of [[], ['--json']]) {
        const { stdout, stderr } = await cliInProcess([...args, ...json], { env: { GITHUB_ACTIONS: 'true' } });
        // What we have masked is a command of ours.
        const printed = `${stdout}\n${stderr.replace(/^::add-mask::.*$/m, '')}`;
        expect(printed).not.toMatch(/[^\P{C}\n\t]|##\[|^\s*::|[\u2028\u2029]/mu);
      }
    },
  );

  test('is masked as one secret', async () => {
    const { stderr } = await cliInProcess(['token', '--issuer', await startHostileServer(200), '--sub', 's'], {
      env: { GITHUB_ACTIONS: 'true' },
    });
    expect(stderr).toBe('::add-mask::no\\u001b]0;x\\u0007%0A::error::\\u202e\\u009b##[error]%0A::add-mask::a');
  });
});

test('the claims of a token are printed as text', async () => {
  const folder = await temporaryFolder();
  const [key, claims] = [join(folder, 'key.pem'), join(folder, 'claims.json')];
  await writeFile(key, (await cliInProcess(['key', 'generate'])).stdout);
  await writeFile(claims, JSON.stringify({ sub: HOSTILE }));
  const { stdout: jwt } = await cliInProcess(['token', '--key', key, '--claims', `@${claims}`]);
  for (const json of [[], ['--json']]) {
    const { stdout, stderr, exitCode } = await cliInProcess(['verify', jwt, '--key', key, ...json]);
    expect(exitCode).toBe(0);
    expect(`${stdout}${stderr}`).not.toMatch(/[^\P{C}\n\t]/u);
    expect(JSON.parse(stdout)).toMatchObject(json.length === 0 ? { sub: HOSTILE } : { claims: { sub: HOSTILE } });
  }
});
