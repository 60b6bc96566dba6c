import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cli, firstLine } from '../../../support/cli.js';
import { cliInProcess } from '../../../support/cli-in-process.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const TOKEN = 'a-token-of-ones-own-that-is-long-enough';

interface Report {
  readonly url: string;
  readonly jwksUrl: string;
  readonly admin?: { readonly url: string; readonly token?: string };
}

/** An issuer that ends with the test, its report, and all that it printed. */
async function issuer(...args: string[]) {
  const running = cli(['issuer', '--json', ...args], { env: { GITHUB_ACTIONS: 'true' } });
  let printed = '';
  running.stderr.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  onTestFinished(async () => {
    running.kill('SIGINT');
    await running;
  });
  return { report: JSON.parse(await firstLine(running)) as Report, printed: () => printed };
}

async function tokenFile(token = TOKEN): Promise<string> {
  const path = join(await temporaryFolder(), 'admin-token');
  await writeFile(path, `${token}\n`);
  return path;
}

async function kids({ jwksUrl }: Report): Promise<string[]> {
  const { keys } = (await (await fetch(jwksUrl)).json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
}

describe('issuer', () => {
  test('has no admin API unless it is asked for', async () => {
    const { report } = await issuer();
    expect(report).not.toHaveProperty('admin');
    expect((await fetch(`${report.url}/admin/openapi.json`)).status).toBe(404);
  });

  test('prints a fresh token, masked for CI', async () => {
    const { report, printed } = await issuer('--admin');
    expect(report.admin).toEqual({ url: `${report.url}/admin`, token: expect.stringMatching(/^[\w-]{43}$/) });
    expect(printed()).toContain(`::add-mask::${report.admin?.token}`);
    const headers = { authorization: `Bearer ${report.admin?.token}` };
    expect((await fetch(`${report.admin?.url}/keys`, { headers })).status).toBe(200);
  });

  test('takes the token of a file, and prints it nowhere', async () => {
    const { report, printed } = await issuer('--admin-token-file', await tokenFile());
    expect(report.admin).toEqual({ url: `${report.url}/admin` });
    expect(printed()).not.toContain(TOKEN);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await fetch(`${report.admin?.url}/keys`, { headers })).status).toBe(200);
  });

  test('refuses a short token without printing it', async () => {
    const { exitCode, all } = await cli(['issuer', '--admin-token-file', await tokenFile('canary-token')]).then(
      ({ exitCode: code, stdout, stderr }) => ({ exitCode: code, all: stdout + stderr }),
    );
    expect(exitCode).toBe(2);
    expect(all).not.toContain('canary');
  });
});

describe('key rotate --issuer', () => {
  test('rotates with algorithm, lead and overlap', async () => {
    const file = await tokenFile();
    const { report } = await issuer('--admin-token-file', file);
    const [old] = await kids(report);
    const options = ['--alg', 'EdDSA', '--lead', '60', '--overlap', '120'];
    const to = ['key', 'rotate', '--issuer', `${report.url}/`, '--admin-token-file'];
    const { stdout, stderr } = await cliInProcess([...to, file, ...options, '--json']);
    const key = JSON.parse(stdout) as { kid: string; publishAt: number; activateAt: number };
    expect(key).toMatchObject({ alg: 'EdDSA', state: 'published', publicJwk: { crv: 'Ed25519' } });
    expect(key.activateAt).toBe(key.publishAt + 60);
    expect(await kids(report)).toEqual([old, key.kid]);
    expect(stdout + stderr).not.toContain(TOKEN);
  });

  test('takes the token from standard input, and prints the kid', async () => {
    const { report } = await issuer('--admin-token-file', await tokenFile());
    const to = ['key', 'rotate', '--issuer', report.url, '--admin-token-file', '-'];
    const { stdout, exitCode } = await cli(to, { input: `${TOKEN}\n` });
    expect(exitCode).toBe(0);
    expect((await kids(report)).at(-1)).toBe(stdout);
  });

  test('is refused with a wrong token, which it does not print', async () => {
    const { report } = await issuer('--admin-token-file', await tokenFile());
    const to = ['key', 'rotate', '--issuer', report.url, '--admin-token-file', '-', '--json'];
    const { stdout, stderr, exitCode } = await cliInProcess(to, { input: 'canary-token' });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'request_refused' } });
    expect(stdout + stderr).not.toContain('canary');
  });

  test.each([
    ['--issuer', 'http://127.0.0.1:1'],
    ['--issuer', 'http://vault.example', '--admin-token-file', '-'],
    ['--issuer', 'no url', '--admin-token-file', '-'],
    ['--issuer', 'http://127.0.0.1:1', '--admin-token-file', '-', '--lead', '-1'],
    ['--issuer', 'http://127.0.0.1:1', '--admin-token-file', '-', '--keys', 'keys'],
    ['--keys', 'keys', '--id', 'a', '--lead', '5'],
    ['--keys', 'keys'],
    [],
  ])('is not called as %j', async (...args) => {
    const { exitCode, stdout } = await cliInProcess(['key', 'rotate', ...args], { input: TOKEN });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  test('says so when nobody is there', async () => {
    const to = ['key', 'rotate', '--issuer', 'http://127.0.0.1:1', '--admin-token-file', '-'];
    const { exitCode, stderr } = await cliInProcess(to, { input: TOKEN });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('request_failed');
  });
});
