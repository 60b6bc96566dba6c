import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { appMeshDialect } from 'vaultproof/issuer/endpoints';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { openUserFile, totpCode, type UserFile } from 'vaultproof/issuer/users';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cli } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';

/** As the document has them, but for the port: 6060 may be taken here. */
const LOGIN = `curl -X POST -k -s -H "Authorization:$(echo -n 'user:pwd' | base64)" -H "X-Expire-Seconds:2" https://localhost:6060/appmesh/login | python3 -m json.tool`;
const AUTH = `curl -s -X POST -k -H "Authorization:Bearer $JWT_TOKEN" -H "X-Permission:app-view" https://127.0.0.1:6060/appmesh/auth | python3 -m json.tool`;

let folder: string;
let file: string;
let ca: string;
let users: UserFile;
let issuer: StartedIssuer;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vaultproof-seed-003-'));
  file = join(folder, 'users.yaml');
  ca = join(folder, 'ca.pem');
  const written = `# Security as App Mesh has it
Security:
  Roles:
    view: [app-view] # may look
  Users:
    user: { key: pwd, roles: [view] }
    mesh:
      key: mesh123 # plain, until "users hash" mends it
      roles:
        - view
    careful:
      key: "careful1"
`;
  await writeFile(file, written);
  const identity = await generateTlsIdentity();
  await writeFile(ca, identity.ca);
  users = await openUserFile(file);
  issuer = await startIssuer({ dialects: [appMeshDialect({ users })] });
  url = await issuer.listenOn(0, { tls: identity });
});
beforeEach(() => issuer.clock.reset());
afterAll(async () => {
  await issuer.stop();
  await users.close();
  await rm(folder, { recursive: true, force: true });
});

async function shell(line: string, env: Readonly<Record<string, string>> = {}): Promise<Record<string, unknown>> {
  const { port } = new URL(url);
  const { stdout } = await execa('bash', ['-o', 'pipefail', '-c', line.replace(':6060/', `:${port}/`)], { env });
  return JSON.parse(stdout);
}

test('the documented login is answered as documented, for 2 s', async () => {
  const answer = await shell(LOGIN);
  const now = Number((answer['profile'] as { auth_time: number }).auth_time);
  expect(Math.abs(now - Date.now() / 1000)).toBeLessThan(60);
  expect(answer).toEqual({
    access_token: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/),
    expire_seconds: 2,
    expire_time: now + 2,
    profile: { auth_time: now, name: 'user' },
    token_type: 'Bearer',
  });
});

test('the documented check answers with permission, success and user, until the token expires', async () => {
  const login = LOGIN.replace('user:pwd', 'mesh:mesh123');
  const JWT_TOKEN = String((await shell(login.replace('Seconds:2', 'Seconds:600')))['access_token']);
  const { payload } = await jwtVerify(JWT_TOKEN, createRemoteJWKSet(new URL(issuer.jwksUrl)), {
    issuer: 'appmesh-auth0',
    subject: 'mesh',
    algorithms: ['ES256'],
  });
  expect(Object.keys(payload).sort()).toEqual(['exp', 'iat', 'iss', 'name', 'sub']);
  expect(await shell(AUTH, { JWT_TOKEN })).toEqual({ permission: 'app-view', success: true, user: 'mesh' });
  issuer.clock.advance(600);
  expect(await shell(AUTH, { JWT_TOKEN })).toEqual({ message: 'Authentication failed: the token is expired' });
});

test('a token for 2 s is refused 2 s later', async () => {
  const JWT_TOKEN = String((await shell(LOGIN))['access_token']);
  issuer.clock.advance(2);
  expect(await shell(AUTH, { JWT_TOKEN })).toEqual({ message: 'Authentication failed: the token is expired' });
});

test('curl trusts the server by its CA, and JSON goes under the Content-Type that curl -d sends', async () => {
  const { port } = new URL(url);
  const send = ['-sS', '--cacert', ca, '-w', ' %{http_code} %{content_type}', '-d', '{"user_name":"user"}'];
  const { stdout } = await execa('curl', [...send, `https://localhost:${port}/appmesh/totp/validate`]);
  expect(stdout).toBe('{"message":"\\"totp_challenge\\" must be a string that is not empty"} 400 application/json');
});

describe('the users’ file, by command', () => {
  test('has its passwords hashed in place, which the running server follows', async () => {
    const followed = new Promise<void>((resolve) => users.subscribe(resolve));
    const { exitCode, stdout } = await cli(['users', 'hash', file]);
    expect([exitCode, stdout]).toEqual([0, 'hashed: user, mesh, careful']);
    await followed;
    const text = await readFile(file, 'utf8');
    expect(text).not.toMatch(/mesh123|careful1|key: pwd/);
    expect(text).toMatch(/key: "?\$scrypt\$N=16384,r=8,p=5\$\S+ # plain, until "users hash" mends it/);
    expect(text).toContain('view: [ app-view ] # may look');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await shell(LOGIN)).toMatchObject({ profile: { name: 'user' } });
    expect(await cliInProcess(['users', 'hash', file])).toMatchObject({ stdout: 'every password was hashed already' });
  });

  test('has a user enrolled, who then needs a code for a challenge, each once', async () => {
    const followed = new Promise<void>((resolve) => users.subscribe(resolve));
    const { stdout } = await cliInProcess(['users', 'enrol', file, 'careful', '--json']);
    const { secret, uri } = JSON.parse(stdout) as { secret: string; uri: string };
    expect(uri).toBe(
      `otpauth://totp/AppMesh:careful?issuer=AppMesh&secret=${secret}&algorithm=SHA1&digits=6&period=30`,
    );
    await followed;

    const { port } = new URL(url);
    const base = `https://localhost:${port}/appmesh`;
    const authorization = `Authorization:${Buffer.from('careful:careful1').toString('base64')}`;
    const login = async (...more: string[]) => {
      const { stdout: text } = await execa('curl', [
        '-k',
        '-s',
        '-i',
        '-X',
        'POST',
        '-H',
        authorization,
        ...more,
        `${base}/login`,
      ]);
      const [head = '', body = ''] = text.split(/\r?\n\r?\n/);
      return { head, body: JSON.parse(body) as Record<string, unknown> };
    };
    const validate = async (totp_challenge: unknown, totp_code: string) => {
      const body = JSON.stringify({ user_name: 'careful', totp_code, totp_challenge, expire_seconds: '360000' });
      const { stdout: text } = await execa('curl', ['-k', '-s', '-d', body, `${base}/totp/validate`]);
      return JSON.parse(text) as Record<string, unknown>;
    };

    const { head, body } = await login();
    expect(head).toMatch(/^HTTP\/1.1 428 /);
    expect(head).toMatch(/^www-authenticate: TOTP realm="TOTP Authentication", qop="auth"$/im);
    expect(body).toMatchObject({ status: 'TOTP_CHALLENGE_REQUIRED', digits: 6, algorithm: 'SHA1', period: 30 });
    const code = await totpCode(secret, issuer.clock.now());
    const wrong = code === '000000' ? '000001' : '000000';
    expect(await validate(body['totp_challenge'], wrong)).toEqual({ message: 'Incorrect totp key' });
    const answer = await validate(body['totp_challenge'], code);
    expect(answer).toMatchObject({ expire_seconds: 360_000, profile: { name: 'careful' } });
    await jwtVerify(String(answer['access_token']), createRemoteJWKSet(new URL(issuer.jwksUrl)), {
      subject: 'careful',
    });

    expect(await validate(body['totp_challenge'], code)).toEqual({
      message: 'the TOTP challenge is unknown, expired or used, log in again',
    });
    const next = await login();
    expect(await validate(next.body['totp_challenge'], code)).toEqual({ message: 'Incorrect totp key' });
    issuer.clock.advance(60);
    const later = await totpCode(secret, issuer.clock.now());
    expect((await login('-H', `X-Totp-Code: ${later}`)).head).toMatch(/^HTTP\/1.1 200 /);
  });

  test('is shown as a QR code and checked, without a secret in what is printed about it', async () => {
    const path = join(folder, 'others.json');
    await writeFile(path, '{"Users":{"mesh":{"key":"canary-password","roles":[]}}}');
    const checked = await cliInProcess(['users', 'check', path]);
    expect([checked.exitCode, checked.stdout]).toEqual([0, 'mesh  plaintext  roles: ']);
    expect(checked.stderr).toBe(`passwords in plain text: run "vaultproof users hash ${path}"`);
    const enrolled = await cliInProcess(['users', 'enrol', path, 'mesh']);
    expect(enrolled.stdout).toMatch(/█.*▀[\s\S]*\notpauth:\/\/totp\/AppMesh:mesh\?issuer=AppMesh&secret=[A-Z2-7]{32}&/);
    expect(checked.all ?? checked.stdout + checked.stderr + enrolled.stdout + enrolled.stderr).not.toContain('canary');
    await writeFile(path, '{"Users":{"mesh":{"key":["canary"]}}}');
    expect(await cliInProcess(['users', 'check', path])).toMatchObject({ exitCode: 1 });
  });

  test('is edited by several processes at once, and has what each of them wrote', async () => {
    const path = join(folder, 'many.yaml');
    const names = ['a', 'b', 'c'];
    await writeFile(path, `Users:\n${names.map((name) => `  ${name}: {key: "of ${name}"} # ${name}\n`).join('')}`);
    const ends = await Promise.all([
      ...names.map((name) => cli(['users', 'enrol', path, name, '--json'])),
      cli(['users', 'hash', path, '--json']),
    ]);
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    const { stdout } = await cliInProcess(['users', 'check', path, '--json']);
    const { users: rows } = JSON.parse(stdout) as { users: { name: string; password: string; totp: boolean }[] };
    expect(rows.map(({ name, password, totp }) => [name, password, totp])).toEqual(
      names.map((name) => [name, 'scrypt', true]),
    );
    expect((await readFile(path, 'utf8')).match(/# [abc]/g)).toEqual(['# a', '# b', '# c']);
  });

  test('takes a password from standard input alone', async () => {
    const hashed = await cli(['users', 'hash', '--password-stdin'], { input: 'pwd\n' });
    expect(hashed.stdout).toMatch(/^\$scrypt\$N=16384,r=8,p=5\$/);
    for (const args of [
      ['hash', '--password-stdin'],
      ['hash', '--password', 'x'],
      ['hash'],
      ['enrol', file],
      ['nothing'],
    ]) {
      expect(await cliInProcess(['users', ...args])).toMatchObject({ exitCode: 2 });
    }
    expect(await cliInProcess(['users', 'enrol', file, 'nobody'])).toMatchObject({ exitCode: 2 });
  });
});
