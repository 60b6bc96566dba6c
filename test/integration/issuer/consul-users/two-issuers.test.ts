import { randomUUID } from 'node:crypto';
import type { Environment } from 'vaultproof';
import {
  generateSigningKey,
  type IssuerOptions,
  type SigningKey,
  type StartedIssuer,
  signCompact,
  startIssuer,
} from 'vaultproof/issuer';
import { appMeshDialect, signDialect } from 'vaultproof/issuer/endpoints';
import { openSharedKeys, type SharedKeys, type SharedKeysOptions, sharedSecret } from 'vaultproof/issuer/keys';
import { openConsulUsers, pushUsers } from 'vaultproof/issuer/users';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe, onTestFinished, vi } from 'vitest';
import { adminClient } from '../../../support/admin-client.js';
import { type TcpProxy, tcpProxy } from '../../../support/tcp-proxy.js';

test.override({ fileServices: { vault: false, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const OFTEN = { timeout: 20_000, interval: 10 };

beforeAll(async () => {
  const document = { Roles: { view: ['app-view'] }, Users: { mesh: { key: 'canary-password', roles: ['view'] } } };
  const { address, token } = env.consul;
  await pushUsers(JSON.stringify(document), 'users.json', { address, token });
});

interface Node {
  readonly issuer: StartedIssuer;
  readonly keys: SharedKeys;
  readonly proxy: TcpProxy;
  readonly warnings: readonly string[];
  login(): Promise<string>;
  /** The status of a check of a token. */
  check(token: string): Promise<number>;
  /** Ends as a process that is killed: it takes nothing back. */
  kill(): Promise<void>;
}

/** An issuer over the one Consul, with keys of its own. */
async function node(
  folder: string,
  name: string,
  setup: IssuerOptions = {},
  sharing: Partial<SharedKeysOptions> = {},
): Promise<Node> {
  const proxy = await tcpProxy(env.consul.address);
  const warnings: string[] = [];
  const access = { address: proxy.address, token: env.consul.token };
  const users = await openConsulUsers(access);
  const warn = (message: string) => void warnings.push(message);
  const keys = await openSharedKeys({ ...access, key: `${folder}/${name}`, warn, ...sharing });
  const dialects = [appMeshDialect({ users, sharedKeys: keys }), signDialect()];
  const issuer = await startIssuer({ admin: true, ...setup, dialects });
  await keys.shared();
  onTestFinished(async () => {
    await Promise.all([issuer.stop(), keys.close(), users.close()]);
  });
  const post = (path: string, headers: Readonly<Record<string, string>>) =>
    fetch(`${issuer.url}/appmesh/${path}`, { method: 'POST', headers });
  return {
    issuer,
    keys,
    proxy,
    warnings,
    login: async () => {
      const answer = await post('login', { authorization: `Basic ${btoa('mesh:canary-password')}` });
      return ((await answer.json()) as { access_token: string }).access_token;
    },
    check: async (token) =>
      (await post('auth', { authorization: `Bearer ${token}`, 'x-permission': 'app-view' })).status,
    kill: async () => {
      await proxy.cut();
      await Promise.all([issuer.stop(), keys.close(), users.close()]);
    },
  };
}

const stillClock = { moveTo: () => {}, advance: () => {}, reset: () => {} };
const folderOf = (): string => `test-${randomUUID()}/keys`;

async function pair(sharing: Partial<SharedKeysOptions> = {}): Promise<{ folder: string; a: Node; b: Node }> {
  const folder = folderOf();
  return { folder, a: await node(folder, 'a', {}, sharing), b: await node(folder, 'b', {}, sharing) };
}

/** A token as App Mesh's login makes it, by another key. */
async function forged(key: SigningKey): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return signCompact(key, { iss: 'appmesh-auth0', sub: 'mesh', iat: now, exp: now + 60 });
}

function entryOf(keys: readonly unknown[]): string {
  const expires = Math.floor(Date.now() / 1000) + 60;
  return JSON.stringify({ iss: 'appmesh-auth0', instance: 'x', expires, keys });
}

/** Another's keys, as soon as the issuers have taken them: entries come in one after the other. */
async function publish(folder: string, name: string, text: string, ...nodes: readonly Node[]): Promise<void> {
  await env.consul.kv.write(`${folder}/${name}`, text);
  const marker = await generateSigningKey('ES256');
  const markerKey = `${folder}/marker-${marker.kid.slice(0, 8)}`;
  await env.consul.kv.write(markerKey, entryOf([marker.publicJwk]));
  const token = await forged(marker);
  await vi.waitFor(async () => {
    for (const { check } of nodes) expect(await check(token)).toBe(200);
  }, OFTEN);
}

test('two issuers know the same users, and take each other’s tokens', async () => {
  const { a, b } = await pair();
  const [fromA, fromB] = [await a.login(), await b.login()];
  expect(await Promise.all([a.check(fromA), b.check(fromA), a.check(fromB), b.check(fromB)])).toEqual([
    200, 200, 200, 200,
  ]);
});

test('what one of them signs without a password is a login at none', async () => {
  const { folder, a, b } = await pair();
  const sign = async (header: object): Promise<string> => {
    const claims = { iss: 'appmesh-auth0', sub: 'mesh' };
    const request = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${a.issuer.url}/sign`, { ...request, body: JSON.stringify({ claims, header }) });
    return ((await answer.json()) as { token: string }).token;
  };
  const { kid } = a.issuer.keys.active('ES256');
  const tokens = [await sign({}), await sign({ kid }), await sign({ kid: '' })];
  await a.keys.shared();
  // What was published after them is known to both.
  expect(await b.check(await a.login())).toBe(200);
  for (const token of tokens) expect([await a.check(token), await b.check(token)]).toEqual([401, 401]);
  expect(a.issuer.keys.published().length).toBe(2);
  expect(await env.consul.kv.read(`${folder}/a`)).not.toContain('unauthenticated');
});

test('a user who is locked at one is locked at the other within a second', async () => {
  const { a, b } = await pair();
  const token = await b.login();
  const patch = (locked: boolean) => adminClient(a.issuer.admin)('PATCH', '/users/mesh', { locked });
  expect(await patch(true)).toMatchObject({ status: 200, body: { locked: true, stale: false } });
  const from = performance.now();
  await vi.waitFor(async () => expect(await b.check(token)).toBe(401), OFTEN);
  expect(performance.now() - from).toBeLessThan(1_000);
  expect(await a.check(token)).toBe(401);
  await patch(false);
  await vi.waitFor(async () => expect(await b.check(token)).toBe(200), OFTEN);
});

test('the admin API marks its answers while Consul is away, and writes nothing', async () => {
  const { b } = await pair();
  const admin = adminClient(b.issuer.admin);
  expect(await admin('GET', '/users')).toMatchObject({ status: 200, body: { stale: false } });
  await b.proxy.cut();
  await vi.waitFor(async () => expect(await admin('GET', '/users')).toMatchObject({ body: { stale: true } }), OFTEN);
  expect(await admin('GET', '/users/mesh')).toMatchObject({
    status: 200,
    body: {
      name: 'mesh',
      stale: true,
      staleReason: expect.stringContaining('no answer to GET "/v1/kv/appmesh/security'),
    },
  });
  const refused = { status: 503, body: { error: 'request_failed' } };
  expect(await admin('PATCH', '/users/mesh', { locked: true })).toMatchObject(refused);
  expect(await admin('POST', '/users', { name: 'new', password: 'x' })).toMatchObject(refused);
  expect(await b.check(await b.login())).toBe(200);
  await b.proxy.mend();
  await vi.waitFor(async () => expect(await admin('GET', '/users')).toMatchObject({ body: { stale: false } }), OFTEN);
});

test('the tokens of an issuer that has ended are refused, within a second where it could say so', async () => {
  const { a, b } = await pair();
  const token = await a.login();
  expect(await b.check(token)).toBe(200);
  const from = performance.now();
  await a.keys.close();
  await vi.waitFor(async () => expect(await b.check(token)).toBe(401), OFTEN);
  expect(performance.now() - from).toBeLessThan(1_000);
});

test('those of one that was killed are refused when its lease is over, and good again once it is back with its key', async () => {
  const folder = folderOf();
  const key = await generateSigningKey('ES256');
  const a = await node(folder, 'a', { keys: [key] }, { leaseSeconds: 3 });
  const b = await node(folder, 'b', {}, { leaseSeconds: 3 });
  const token = await a.login();
  await a.kill();
  expect(await b.check(token)).toBe(200);
  await vi.waitFor(async () => expect(await b.check(token)).toBe(401), OFTEN);

  const again = await node(folder, 'a', { keys: [key] });
  await vi.waitFor(async () => expect(await b.check(token)).toBe(200), OFTEN);
  await again.kill();
  const anew = await node(folder, 'a');
  await vi.waitFor(async () => expect(await b.check(token)).toBe(401), OFTEN);
  await vi.waitFor(async () => expect(await b.check(await anew.login())).toBe(200), OFTEN);
});

test('an issuer that lives is accepted beyond its lease, and while Consul is away', async () => {
  const { folder, a, b } = await pair({ leaseSeconds: 3 });
  const token = await a.login();
  const first = (await env.consul.kv.read(`${folder}/a`)) ?? '';
  await vi.waitFor(async () => expect(await env.consul.kv.read(`${folder}/a`)).not.toBe(first), OFTEN);
  expect(await b.check(token)).toBe(200);
  const ends = (JSON.parse((await env.consul.kv.read(`${folder}/a`)) ?? '') as { expires: number }).expires;
  await b.proxy.cut();
  await vi.waitFor(() => expect(Date.now() / 1000).toBeGreaterThan(ends + 1), OFTEN);
  expect(await b.check(token)).toBe(200);
  await b.proxy.mend();
  expect(await b.check(token)).toBe(200);
  expect(b.warnings.filter((line) => line.includes('stay in use'))).toHaveLength(1);
});

test('a key that signs for the first time is known to the others by the time its token is out', async () => {
  const { a, b } = await pair();
  const before = await a.login();
  for (let times = 0; times < 5; times += 1) {
    await a.issuer.keys.rotate({ overlapSeconds: 60 });
    const token = await a.login();
    await vi.waitFor(async () => expect(await b.check(token)).toBe(200), { timeout: 1_000, interval: 5 });
  }
  expect(await b.check(before)).toBe(200);
  a.issuer.keys.retire(a.issuer.keys.list()[0]?.key.kid ?? '');
  await vi.waitFor(async () => expect(await b.check(before)).toBe(401), OFTEN);
});

test('another issuer’s clock may be 5 s ahead, and its tokens end no later for that', async () => {
  const folder = folderOf();
  const start = Math.floor(Date.now() / 1000);
  let ahead = 0;
  let later = 0;
  // Clocks that stand still.
  const a = await node(folder, 'a', { clock: { ...stillClock, now: () => start + ahead } });
  const b = await node(folder, 'b', { clock: { ...stillClock, now: () => start + later } });
  ahead = 5;
  const token = await a.login();
  expect(await b.check(token)).toBe(200);
  later = 4 + 604_800;
  expect(await b.check(token)).toBe(200);
  later = 5 + 604_800;
  expect(await b.check(token)).toBe(401);
  later = 0;
  ahead = 6;
  expect(await b.check(await a.login())).toBe(401);
});

test('an entry that somebody removes is there again, and one that another issuer writes to is warned of', async () => {
  const { folder, a, b } = await pair();
  const token = await a.login();
  await env.consul.kv.delete(`${folder}/a`);
  await vi.waitFor(async () => expect(await env.consul.kv.read(`${folder}/a`)).toBeDefined(), OFTEN);
  await vi.waitFor(async () => expect(await b.check(token)).toBe(200), OFTEN);
  await env.consul.kv.write(`${folder}/a`, entryOf([]));
  await vi.waitFor(
    () =>
      expect(a.warnings).toEqual([`another issuer also writes to "consul:${folder}/a": give each issuer its own key`]),
    OFTEN,
  );
});

test('nothing private is in Consul: no private key, no secret, no password', async () => {
  const { folder, a } = await pair();
  await adminClient(a.issuer.admin)('POST', '/users', { name: 'vishpat', password: 'canary-of-vishpat' });
  await a.issuer.keys.rotate();
  await a.login();
  const names = await env.consul.kv.list('');
  const values = await Promise.all(names.map((name) => env.consul.kv.read(name)));
  expect(names).toEqual(expect.arrayContaining(['appmesh/security', `${folder}/a`, `${folder}/b`]));
  for (const value of values) {
    expect(value).not.toMatch(/"(?:d|p|q|dp|dq|qi|k)"\s*:|PRIVATE KEY|canary/);
  }
  const own = JSON.parse((await env.consul.kv.read(`${folder}/a`)) ?? '') as { keys: object[] };
  expect(own.keys.map((key) => Object.keys(key).sort())).toEqual([
    ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
    ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
  ]);
});

describe('an entry that somebody else wrote', () => {
  test('breaks nothing when it is no entry', async () => {
    const { folder, a, b } = await pair();
    const bad = ['{', '', '[]', 'null', '"x"', entryOf(['x', null]), entryOf([{ kty: {} }]), 'x'.repeat(70_000)];
    for (const [index, text] of bad.entries()) await env.consul.kv.write(`${folder}/0-bad-${index}`, text);
    await publish(folder, 'z', entryOf([]), a, b);
    expect(await b.check(await a.login())).toBe(200);
    expect(b.warnings.filter((line) => line.includes('are ignored'))).toHaveLength(bad.length);
    expect(b.warnings.join()).not.toContain('xxx');
  });

  test('can’t make a public key into a secret', async () => {
    const { folder, a, b } = await pair();
    const [own] = a.issuer.keys.published();
    const bytes = JSON.stringify(own?.publicJwk);
    const kid = 'public-as-secret';
    const k = Buffer.from(bytes).toString('base64url');
    await publish(folder, '0', entryOf([{ kty: 'oct', kid, k, alg: 'HS256' }]), b);
    await publish(folder, '1', entryOf([{ kty: 'oct', kid, alg: 'HS256' }]), b);
    for (const named of [kid, own?.kid ?? '']) {
      const token = await signCompact(
        sharedSecret(bytes),
        { iss: 'appmesh-auth0', sub: 'mesh', exp: 9_999_999_999 },
        { kid: named },
      );
      expect(await b.check(token)).toBe(401);
    }
  });

  test('with our kid takes nothing from us, and with another issuer’s kid nothing from that', async () => {
    const { folder, a, b } = await pair();
    const [ownKid, otherKid] = [b, a].map(({ issuer }) => issuer.keys.active('ES256').kid);
    const ours = await generateSigningKey('ES256', { kid: ownKid ?? '' });
    const theirs = await generateSigningKey('ES256', { kid: otherKid ?? '' });
    await publish(folder, '0', entryOf([ours.publicJwk, theirs.publicJwk]), b);
    expect(await b.check(await b.login())).toBe(200);
    expect(await b.check(await a.login())).toBe(200);
    expect(await b.check(await forged(ours))).toBe(401);
  });

  test('with a private key is passed over, and so is one for another iss', async () => {
    const { folder, b } = await pair();
    const key = await generateSigningKey('ES256');
    await publish(folder, '0', entryOf([{ ...key.publicJwk, d: 'AAAA' }]), b);
    expect(await b.check(await forged(key))).toBe(401);
    expect(b.warnings).toEqual([
      expect.stringContaining(`"consul:${folder}/0" are ignored: it contains a private key`),
    ]);
    await publish(folder, '0', entryOf([key.publicJwk]).replace('appmesh-auth0', 'other'), b);
    expect(await b.check(await forged(key))).toBe(401);
  });
});

test('keys are shared by one who may, at a place of its own', async () => {
  const { address, token } = env.consul;
  for (const wrong of [{ key: 'a' }, { key: 'keys/' }, { key: 'keys/a b' }, { key: 'keys/a', leaseSeconds: 1 }]) {
    await expect(openSharedKeys({ address, token, ...wrong })).rejects.toThrow(TypeError);
  }
  const keys = await openSharedKeys({ address, token, key: 'keys/a' });
  onTestFinished(() => keys.close());
  const users = await openConsulUsers({ address, token });
  onTestFinished(() => users.close());
  const dialects = [appMeshDialect({ users, sharedKeys: keys, secret: 'x'.repeat(32) })];
  await expect(startIssuer({ dialects })).rejects.toThrow(TypeError);
});
