import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startIssuer } from 'vaultproof/issuer';
import { appMeshDialect } from 'vaultproof/issuer/endpoints';
import {
  fixedUsers,
  hashPassword,
  openUserFile,
  totpCode,
  type UserFile,
  type UserStore,
} from 'vaultproof/issuer/users';
import { describe, expect, onTestFinished, test } from 'vitest';
import { adminClient, type CallAdmin } from '../../../support/admin-client.js';
import { bePatient } from '../../../support/patience.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

bePatient();

const cheap = { N: 16, r: 1, p: 1 };
const yaml = `# who may do what
Security:
  Roles: { view: [app-view], manage: [app-reg] }
  Users:
    mesh: # the first one
      key: 'canary-password'
      roles: [view]
      a_field_of_next_year: 1
`;

/** Both kinds of stores, with the same user. */
const stores: readonly [string, () => Promise<UserStore>][] = [
  ['a file', async () => (await opened()).users],
  [
    'memory',
    () =>
      fixedUsers({
        Roles: { view: ['app-view'], manage: ['app-reg'] },
        Users: { mesh: { key: 'canary-password', roles: ['view'] } },
      }),
  ],
];

async function opened(text = yaml): Promise<{ path: string; users: UserFile }> {
  const path = join(await temporaryFolder(), 'users.yaml');
  await writeFile(path, text);
  return { path, users: await openUserFile(path) };
}

async function started(
  users: UserStore,
): Promise<{ call: CallAdmin; login: (who: string, code?: string) => Promise<number> }> {
  const issuer = await startIssuer({ admin: true, dialects: [appMeshDialect({ users })] });
  onTestFinished(async () => {
    await issuer.stop();
    await users.close();
  });
  return {
    call: adminClient(issuer.admin),
    login: async (who, code) => {
      const headers = {
        authorization: `Basic ${Buffer.from(who).toString('base64')}`,
        ...(code === undefined ? {} : { 'x-totp-code': code }),
      };
      return (await fetch(`${issuer.url}/appmesh/login`, { method: 'POST', headers })).status;
    },
  };
}

describe.each(stores)('the users in %s', (_name, store) => {
  test('are listed and shown without their keys', async () => {
    const { call } = await started(await store());
    const mesh = {
      name: 'mesh',
      password: 'plaintext',
      totp: false,
      email: '',
      group: '',
      locked: false,
      roles: ['view'],
      permissions: ['app-view'],
      metadata: null,
    };
    expect((await call('GET', '/users')).body).toEqual({ users: [mesh], stale: false });
    expect((await call('GET', '/users/mesh')).body).toEqual({ ...mesh, stale: false });
    expect(await call('GET', '/users/Mesh')).toMatchObject({ status: 404, body: { error: 'not_found' } });
  });

  test('are made with a hashed password, once, and log in', async () => {
    const users = await store();
    const { call, login } = await started(users);
    const made = { name: 'new.one', password: 'pä:ss', roles: ['manage'], metadata: { team: { zero: -0 } } };
    expect(await call('POST', '/users', made)).toMatchObject({
      status: 201,
      body: { name: 'new.one', password: 'scrypt', permissions: ['app-reg'], metadata: { team: { zero: 0 } } },
    });
    expect((await users.find('new.one'))?.key).toMatch(/^\$scrypt\$/);
    expect(await call('POST', '/users', made)).toMatchObject({ status: 409, body: { error: 'user_taken' } });
    expect(await login('new.one:pä:ss')).toBe(200);
    expect(await login('mesh:canary-password')).toBe(200);
  });

  test('are changed, and what is left out stays', async () => {
    const { call, login } = await started(await store());
    expect(await call('PATCH', '/users/mesh', { locked: true })).toMatchObject({ status: 200, body: { locked: true } });
    expect(await login('mesh:canary-password')).toBe(401);
    const changes = { locked: false, password: 'another', roles: ['view', 'manage'], email: 'a@b.example' };
    expect(await call('PATCH', '/users/mesh', changes)).toMatchObject({
      body: { locked: false, password: 'scrypt', permissions: ['app-reg', 'app-view'], email: 'a@b.example' },
    });
    expect(await login('mesh:another')).toBe(200);
    expect(await call('PATCH', '/users/mesh', {})).toMatchObject({ status: 200, body: { email: 'a@b.example' } });
    expect(await call('PATCH', '/users/nobody', {})).toMatchObject({ status: 404 });
  });

  test('are removed', async () => {
    const { call, login } = await started(await store());
    expect(await call('DELETE', '/users/mesh')).toMatchObject({ status: 204, body: undefined });
    expect(await call('DELETE', '/users/mesh')).toMatchObject({ status: 404 });
    expect((await call('GET', '/users')).body).toEqual({ users: [], stale: false });
    expect(await login('mesh:canary-password')).toBe(404);
  });

  test('are enrolled for one-time codes, and freed of them', async () => {
    const { call, login } = await started(await store());
    const { status, body } = await call('POST', '/users/mesh/totp');
    expect(status).toBe(201);
    const { uri } = body as { uri: string };
    expect(uri).toMatch(/^otpauth:\/\/totp\/AppMesh:mesh\?/);
    const secret = new URL(uri).searchParams.get('secret') ?? '';
    expect((await call('GET', '/users/mesh')).body).toMatchObject({ totp: true });
    expect(JSON.stringify((await call('GET', '/users')).body)).not.toContain(secret);
    expect(await login('mesh:canary-password')).toBe(428);
    expect(await login('mesh:canary-password', await totpCode(secret, Date.now() / 1000))).toBe(200);
    expect(await call('DELETE', '/users/mesh/totp')).toMatchObject({ status: 204 });
    expect(await login('mesh:canary-password')).toBe(200);
    expect(await call('POST', '/users/nobody/totp')).toMatchObject({ status: 404 });
  });

  test.each([
    { name: 'x' },
    { name: '', password: 'x' },
    { name: '__proto__', password: 'x' },
    { name: '..', password: 'x' },
    { name: 'a:b', password: 'x' },
    { name: 'x', password: '' },
    { name: 'x', password: 'a\u0000' },
    { name: 'x', password: 'x', key: 'x' },
    { name: 'x', password: 'x', roles: ['gone'] },
  ])('are not made of %j', async (body) => {
    const { call } = await started(await store());
    expect(await call('POST', '/users', body)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect((await call('GET', '/users')).body).toMatchObject({ users: [{ name: 'mesh' }] });
  });

  test('are all there after writes side by side', async () => {
    const users = await store();
    const key = await hashPassword('x', cheap);
    const names = Array.from({ length: 8 }, (_, index) => `user-${index}`);
    await Promise.all(names.map((name) => users.update(name, () => ({ key }))));
    expect((await users.list()).map(({ name }) => name)).toEqual(['mesh', ...names]);
    await expect(
      users.update('mesh', () => {
        throw new Error('not so');
      }),
    ).rejects.toThrow('not so');
    expect(await users.find('mesh')).toMatchObject({ locked: false });
    await users.close();
  });
});

test('a file keeps its comments, and what is not known', async () => {
  const { path, users } = await opened();
  const { call } = await started(users);
  await call('PATCH', '/users/mesh', { locked: true, metadata: { team: 'a' } });
  await call('POST', '/users', { name: 'other', password: 'canary-too' });
  await call('DELETE', '/users/other');
  expect(await readFile(path, 'utf8')).toBe(`# who may do what
Security:
  Roles: { view: [ app-view ], manage: [ app-reg ] }
  Users:
    mesh:
      # the first one
      key: 'canary-password'
      roles: [ view ]
      a_field_of_next_year: 1
      locked: true
      metadata: { team: a }
`);
});

test('users in JSON are changed as JSON', async () => {
  const { path, users } = await opened('{"Users": {"mesh": {"key": "canary-password"}}}');
  const { call } = await started(users);
  await call('PATCH', '/users/mesh', { group: 'admin' });
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
    Users: { mesh: { key: 'canary-password', group: 'admin' } },
  });
});

test('a file that can no longer be used serves its last good state, is marked stale, and is not written', async () => {
  const { path, users } = await opened();
  const { call } = await started(users);
  await writeFile(path, 'Users: {mesh: {key: canary-secret, roles: [gone]}}');
  await users.reload();
  const stale = { stale: true, staleReason: expect.stringContaining('which is not in Roles') };
  expect((await call('GET', '/users')).body).toMatchObject({ users: [{ name: 'mesh' }], ...stale });
  expect((await call('GET', '/users/mesh')).body).toMatchObject(stale);
  expect(JSON.stringify((await call('GET', '/users')).body)).not.toContain('canary');
  expect(await call('PATCH', '/users/mesh', { locked: true })).toMatchObject({
    status: 503,
    body: { error: 'users_invalid' },
  });
  await rm(path);
  await users.reload();
  expect((await call('GET', '/users/mesh')).body).toMatchObject({ stale: true });
  await writeFile(path, yaml);
  await users.reload();
  expect((await call('GET', '/users/mesh')).body).toMatchObject({ stale: false });
});

test('a user whom others are made of is not removed', async () => {
  const shared = 'Users:\n  a: &a {key: x}\n  b: *a\n';
  const { path, users } = await opened(shared);
  const { call } = await started(users);
  expect(await call('DELETE', '/users/a')).toMatchObject({ status: 503, body: { error: 'users_invalid' } });
  expect(await call('PATCH', '/users/a', { locked: true })).toMatchObject({ status: 503 });
  expect(await readFile(path, 'utf8')).toBe(shared);
});

test('an issuer without users has none to administer', async () => {
  const issuer = await startIssuer({ admin: true });
  onTestFinished(() => issuer.stop());
  expect(await adminClient(issuer.admin)('GET', '/users')).toMatchObject({ status: 404 });
});
