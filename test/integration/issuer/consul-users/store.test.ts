import { type AddressInfo, connect } from 'node:net';
import { createServer } from 'node:tls';
import type { Environment } from 'vaultproof';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { type ConsulUsersOptions, openConsulUsers, pushUsers, type UserStore } from 'vaultproof/issuer/users';
import { expect, test } from 'vaultproof/vitest';
import { describe, onTestFinished, vi } from 'vitest';
import { type TcpProxy, tcpProxy } from '../../../support/tcp-proxy.js';

test.override({ fileServices: { vault: false, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const OFTEN = { timeout: 20_000, interval: 10 };
let keys = 0;

const document = {
  Security: {
    Roles: { view: ['app-view'], manage: ['app-reg'] },
    Users: { mesh: { key: 'canary-password', roles: ['view'], a_field_of_next_year: 1 } },
  },
};
const json = JSON.stringify(document);
const yaml = `# who may do what
Security:
  Roles:
    view: [app-view]
    manage: [app-reg]
  Users:
    mesh: # the first one
      key: "canary-password"
      roles: [view]
`;

interface Opened {
  readonly key: string;
  readonly store: UserStore;
  readonly proxy: TcpProxy;
  readonly warnings: readonly string[];
  /** The next change that is taken over. */
  changed(): Promise<void>;
}

/** A store over a key of its own, by a way that can be cut. */
async function opened(text = json, options: Partial<ConsulUsersOptions> = {}): Promise<Opened> {
  const key = freshKey();
  await env.consul.kv.write(key, text);
  const proxy = await tcpProxy(env.consul.address);
  const warnings: string[] = [];
  const { token } = env.consul;
  const warn = (message: string) => void warnings.push(message);
  const store = await openConsulUsers({ address: proxy.address, token, key, warn, ...options });
  onTestFinished(() => store.close());
  const changed = (): Promise<void> =>
    new Promise((resolve) => {
      const stop = store.subscribe(() => {
        stop();
        resolve();
      });
    });
  return { key, store, proxy, warnings, changed };
}

function freshKey(): string {
  keys += 1;
  return `test-${keys}/security`;
}

/** The document with other roles of its user, as text. */
function withRoles(roles: readonly string[]): string {
  const { Roles, Users } = document.Security;
  return JSON.stringify({ Security: { Roles, Users: { mesh: { ...Users.mesh, roles } } } });
}

describe.each([
  ['JSON', json],
  ['YAML', yaml],
])('users in a key as %s', (_name, text) => {
  test('are found with the permissions of their roles', async () => {
    const { store } = await opened(text);
    expect(await store.find('mesh')).toMatchObject({ name: 'mesh', roles: ['view'], permissions: ['app-view'] });
    expect(await store.find('nobody')).toBeUndefined();
    expect((await store.list()).map(({ name }) => name)).toEqual(['mesh']);
    expect(store.status()).toEqual({ stale: false });
  });

  test('are made, changed and removed in Consul, and the rest of the document stays', async () => {
    const { key, store } = await opened(text);
    expect(await store.update('vishpat', () => ({ key: 'x', roles: ['manage'] }))).toMatchObject({
      permissions: ['app-reg'],
    });
    expect(await store.update('mesh', (current) => ({ locked: current?.roles[0] === 'view' }))).toMatchObject({
      locked: true,
    });
    expect(await store.find('mesh')).toMatchObject({ locked: true });
    expect(await store.update('vishpat', () => 'remove')).toBeUndefined();
    const written = (await env.consul.kv.read(key)) ?? '';
    expect(written).toContain(text === yaml ? '# the first one' : 'a_field_of_next_year');
    expect(written).not.toContain('vishpat');
    await expect(store.update('mesh', () => ({ roles: ['gone'] }))).rejects.toThrow(TypeError);
  });
});

test('a role that is added in Consul is in force within a second', async () => {
  const { key, store, changed } = await opened();
  const followed = changed();
  const from = performance.now();
  await env.consul.kv.write(key, withRoles(['view', 'manage']));
  await followed;
  expect(performance.now() - from).toBeLessThan(1_000);
  expect(await store.find('mesh')).toMatchObject({ permissions: ['app-reg', 'app-view'] });
});

test('a store asks once and then waits: one request is open, none is made, and changes of other keys wake nobody', async () => {
  const { key, proxy } = await opened(json, { waitSeconds: 30 });
  await vi.waitFor(() => expect(proxy.requests()).toHaveLength(2), OFTEN);
  for (let times = 0; times < 20; times += 1) await env.consul.kv.write(`${key}-other`, String(times));
  expect(proxy.requests()).toEqual([
    `GET /v1/kv/${key}`,
    expect.stringMatching(new RegExp(`^GET /v1/kv/${key}\\?index=\\d+&wait=30s$`)),
  ]);
  expect(proxy.open()).toBe(1);
});

test('closing a store cuts its query at once', async () => {
  const { store, proxy } = await opened();
  await vi.waitFor(() => expect(proxy.requests()).toHaveLength(2), OFTEN);
  const from = performance.now();
  await store.close();
  await vi.waitFor(() => expect(proxy.open()).toBe(0), OFTEN);
  expect(performance.now() - from).toBeLessThan(1_000);
  expect(await store.find('mesh')).toMatchObject({ name: 'mesh' });
  await store.close();
  await expect(store.update('mesh', () => 'remove')).rejects.toMatchObject({ code: 'request_failed' });
});

test('passwords in plain text are warned of by name', async () => {
  const { key, warnings } = await opened();
  expect(warnings).toEqual([
    `passwords in plain text in "consul:${key}", of "mesh": "vaultproof users push" hashes them`,
  ]);
});

describe('a store does not open', () => {
  const access = () => ({ address: env.consul.address, token: env.consul.token });

  test('a missing key is refused, with the command that makes it', async () => {
    await expect(openConsulUsers({ ...access(), key: 'nothing/here' })).rejects.toMatchObject({
      code: 'users_not_found',
      message: expect.stringContaining('vaultproof users push FILE --consul nothing/here'),
    });
  });

  test.each(['', 'Users: {', '[]', 'Users: {a: {key: canary, roles: [gone]}}'])(
    'the users %j are refused',
    async (text) => {
      const key = freshKey();
      await env.consul.kv.write(key, text);
      const error: unknown = await openConsulUsers({ ...access(), key }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'users_invalid', details: { path: `consul:${key}` } });
      expect(String(error)).not.toContain('canary');
    },
  );

  test('a missing token, an unknown token and an address that does not answer are refused', async () => {
    const none = '11111111-1111-1111-1111-111111111111';
    await expect(openConsulUsers({ ...access(), token: '' })).rejects.toMatchObject({ code: 'permission_denied' });
    const error: unknown = await openConsulUsers({ ...access(), token: none }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'permission_denied', details: { errors: ['ACL not found'] } });
    expect(JSON.stringify(error) + String(error)).not.toContain(none);
    const nowhere = openConsulUsers({ ...access(), address: 'http://127.0.0.1:1' });
    await expect(nowhere).rejects.toMatchObject({ code: 'request_failed' });
  });

  test.each([
    { address: 'unix:///consul.sock' },
    { address: 'http://127.0.0.1:8500/v1' },
    { address: 'http://user:pw@127.0.0.1:8500' },
    { key: '' },
    { key: '/appmesh/security' },
    { key: 'appmesh/../acl/tokens' },
    { token: 'a\nb' },
  ])('with %j', async (wrong) => {
    await expect(openConsulUsers({ ...access(), ...wrong })).rejects.toThrow(TypeError);
  });
});

describe('the last good state serves, is stale, and is warned of once', () => {
  test('while the document can’t be used', async () => {
    const { key, store, warnings } = await opened();
    for (const text of ['Users: {', 'Users: {canary: {key: 1}}', '']) {
      await env.consul.kv.write(key, text);
      await vi.waitFor(() => expect(store.status().stale).toBe(true), OFTEN);
      expect(await store.find('mesh')).toMatchObject({ permissions: ['app-view'] });
      await expect(store.update('mesh', () => 'remove')).rejects.toMatchObject({ code: 'users_invalid' });
      await env.consul.kv.write(key, json);
      await vi.waitFor(() => expect(store.status()).toEqual({ stale: false }), OFTEN);
    }
    expect(warnings.filter((line) => line.includes('the users last read stay in use'))).toHaveLength(3);
    expect(warnings.join()).not.toMatch(/canary-password|key: 1/);
  });

  test('while the key is gone, also for writes, and it is followed when it is made again', async () => {
    const { key, store, warnings } = await opened();
    await env.consul.kv.delete(key);
    await vi.waitFor(() => expect(store.status()).toMatchObject({ stale: true }), OFTEN);
    expect(store.status().reason).toContain(`consul has no key "${key}"`);
    expect(await store.find('mesh')).toMatchObject({ permissions: ['app-view'] });
    await expect(store.update('mesh', () => 'remove')).rejects.toMatchObject({ code: 'users_not_found' });
    expect(await env.consul.kv.read(key)).toBeUndefined();
    await env.consul.kv.write(key, withRoles(['manage']));
    await vi.waitFor(() => expect(store.status()).toEqual({ stale: false }), OFTEN);
    expect(await store.find('mesh')).toMatchObject({ permissions: ['app-reg'] });
    expect(warnings.filter((line) => line.includes('stay in use'))).toHaveLength(1);
  });

  test('while Consul is away, also for writes, and it recovers by itself', async () => {
    const { key, store, proxy, warnings } = await opened();
    await proxy.cut();
    await vi.waitFor(() => expect(store.status()).toMatchObject({ stale: true }), OFTEN);
    expect(await store.find('mesh')).toMatchObject({ permissions: ['app-view'] });
    await expect(store.update('mesh', () => 'remove')).rejects.toMatchObject({ code: 'request_failed' });
    await env.consul.kv.write(key, withRoles(['manage']));
    await proxy.mend();
    await vi.waitFor(() => expect(store.status()).toEqual({ stale: false }), OFTEN);
    expect(await store.find('mesh')).toMatchObject({ permissions: ['app-reg'] });
    expect(warnings.filter((line) => line.includes('stay in use'))).toHaveLength(1);
  });

  test('once the token is revoked', async () => {
    await env.consul.request('PUT', 'acl/policy', { Name: 'all', Rules: 'key_prefix "" { policy = "write" }' });
    const made = await env.consul.request('PUT', 'acl/token', { Policies: [{ Name: 'all' }] });
    const { SecretID: token, AccessorID: accessor } = made as { SecretID: string; AccessorID: string };
    const { store, warnings } = await opened(json, { token, waitSeconds: 1 });
    await env.consul.request('DELETE', `acl/token/${accessor}`);
    await vi.waitFor(() => expect(store.status()).toMatchObject({ stale: true }), OFTEN);
    expect(store.status().reason).toContain('with 403');
    expect(await store.find('mesh')).toMatchObject({ permissions: ['app-view'] });
    expect(warnings.filter((line) => line.includes('stay in use'))).toHaveLength(1);
    expect(warnings.join()).not.toContain(token);
  });
});

test('a connection that is cut while nothing happens is no trouble: it is asked again', async () => {
  const { key, store, proxy, warnings, changed } = await opened();
  await vi.waitFor(() => expect(proxy.requests()).toHaveLength(2), OFTEN);
  const before = proxy.requests().length;
  await proxy.cut();
  await proxy.mend();
  await vi.waitFor(() => expect(proxy.requests().length).toBeGreaterThan(before), OFTEN);
  const followed = changed();
  await env.consul.kv.write(key, withRoles(['manage']));
  await followed;
  expect(store.status()).toEqual({ stale: false });
  expect(warnings.length).toBeLessThanOrEqual(3);
});

test('50 edits at once by two stores lose nothing, and of two of one user the second is asked again', async () => {
  const { key, store } = await opened();
  const other = await openConsulUsers({ address: env.consul.address, token: env.consul.token, key });
  onTestFinished(() => other.close());
  const names = Array.from({ length: 50 }, (_, index) => `user-${index}`);
  await Promise.all(
    names.map((name, index) => (index % 2 === 0 ? store : other).update(name, () => ({ key: name, roles: ['view'] }))),
  );
  const add = (role: string) => (current: { roles: readonly string[] } | undefined) => ({
    roles: [...(current?.roles ?? []), role],
  });
  await Promise.all([store.update('user-0', add('manage')), other.update('user-0', add('view'))]);
  await vi.waitFor(async () => expect(await store.list()).toHaveLength(51), OFTEN);
  await vi.waitFor(async () => expect(await store.list()).toEqual(await other.list()), OFTEN);
  expect([...((await store.find('user-0'))?.roles ?? [])].sort()).toEqual(['manage', 'view', 'view']);
});

test('a document over 512 KiB is refused by Consul, and nothing is written', async () => {
  const { key, store } = await opened();
  const metadata = 'x'.repeat(512 * 1024);
  await expect(store.update('mesh', () => ({ metadata }))).rejects.toMatchObject({ code: 'value_too_large' });
  expect(await env.consul.kv.read(key)).toBe(json);
  expect(await store.find('mesh')).toMatchObject({ metadata: null });
});

test('a document is put there with its passwords hashed, and in the place of another only if asked for', async () => {
  const access = { address: env.consul.address, token: env.consul.token, key: freshKey() };
  expect(await pushUsers(yaml, 'users.yaml', access)).toEqual(['mesh']);
  const written = (await env.consul.kv.read(access.key)) ?? '';
  expect(written).toMatch(/mesh:\s+# the first one\s+key: "?\$scrypt\$N=16384,r=8,p=5\$/);
  expect(written).not.toContain('canary');
  await expect(pushUsers(json, 'users.json', access)).rejects.toMatchObject({ code: 'users_exist' });
  expect(await env.consul.kv.read(access.key)).toBe(written);
  expect(await pushUsers('Users: {}', 'users.yaml', { ...access, replace: true })).toEqual([]);
  expect(await env.consul.kv.read(access.key)).toBe('Users: {}');
  await expect(pushUsers('Users: [', 'users.yaml', access)).rejects.toMatchObject({ code: 'users_invalid' });
});

test('of two who put users there at once, one does and one is told', async () => {
  const access = { address: env.consul.address, token: env.consul.token, key: freshKey() };
  const ends = await Promise.allSettled(
    ['a', 'b'].map((name) => pushUsers(`Roles: {${name}: []}\nUsers: {}`, name, access)),
  );
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'users_exist' } });
});

test('a Consul over https is one whose certificate leads to the CA that is given', async () => {
  const identity = await generateTlsIdentity();
  const { port: target } = new URL(env.consul.address);
  const server = createServer({ key: identity.key, cert: identity.cert }, (client) => {
    const upstream = connect(Number(target), '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { key } = await opened();
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const access = { address, token: env.consul.token, key };
  await expect(openConsulUsers(access)).rejects.toMatchObject({ code: 'certificate_untrusted' });
  const { ca: other } = await generateTlsIdentity();
  await expect(openConsulUsers({ ...access, ca: other })).rejects.toMatchObject({ code: 'certificate_untrusted' });
  await using store = await openConsulUsers({ ...access, ca: identity.ca });
  expect(await store.update('mesh', () => ({ locked: true }))).toMatchObject({ locked: true });
});
