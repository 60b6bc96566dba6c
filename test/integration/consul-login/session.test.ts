import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe, vi } from 'vitest';

test.override({ fileServices: { vault: false, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const rules = [
  'key_prefix "app/" { policy = "write" }',
  'key_prefix "public/" { policy = "read" }',
  'service_prefix "web" { policy = "write" }',
  'session_prefix "" { policy = "write" }',
  'node_prefix "" { policy = "read" }',
].join('\n');

beforeAll(async () => {
  const { consul, issuer } = env;
  await consul.request('PUT', 'acl/policy', { Name: 'app', Rules: rules });
  await consul.request('PUT', 'acl/role', { Name: 'team', Policies: [{ Name: 'app' }] });
  for (const [Name, MaxTokenTTL] of Object.entries({ short: '1m', endless: '0s', all: '1h' })) {
    const Config = {
      JWKSURL: issuer.jwksUrlFor(consul),
      BoundAudiences: ['damage_inc'],
      ClaimMappings: { sub: 'sub' },
    };
    await consul.request('PUT', 'acl/auth-method', { Name, Type: 'jwt', MaxTokenTTL, Config });
    await consul.request('PUT', 'acl/binding-rule', { AuthMethod: Name, BindType: 'policy', BindName: 'app' });
  }
  const Config = { JWKSURL: issuer.jwksUrlFor(consul), BoundAudiences: ['damage_inc'] };
  const blind = { Name: 'blind', Type: 'jwt', MaxTokenTTL: '1m', TokenLocality: 'global', Config };
  await consul.request('PUT', 'acl/auth-method', blind);
  await consul.request('PUT', 'acl/policy', { Name: 'nothing', Rules: 'key_prefix "nowhere/" { policy = "read" }' });
  await consul.request('PUT', 'acl/binding-rule', { AuthMethod: 'blind', BindType: 'policy', BindName: 'nothing' });
  for (const rule of [
    { BindType: 'role', BindName: 'team' },
    { BindType: 'service', BindName: `\${value.sub}-api` },
    { BindType: 'node', BindName: `\${value.sub}-node` },
    { BindType: 'templated-policy', BindName: 'builtin/service', BindVars: { Name: `\${value.sub}-web` } },
    { BindType: 'templated-policy', BindName: 'builtin/dns' },
  ]) {
    await consul.request('PUT', 'acl/binding-rule', { AuthMethod: 'all', ...rule });
  }
});

async function login(method: string, meta?: Record<string, string>) {
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  return env.consul.login({ jwt, method, ...(meta === undefined ? {} : { meta }) });
}

const gone = { code: 'permission_denied', details: { status: 403, errors: ['ACL not found'] } };

describe('a session', () => {
  test('says what its token is and may do', async () => {
    await using session = await login('all', { pod: 'pod1' });
    expect(session).toMatchObject({
      token: expect.stringMatching(/^[0-9a-f-]{36}$/),
      accessorId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: expect.stringMatching(/^jwt-all-\d+$/),
      authMethod: 'all',
      local: true,
      description: 'token created via login: {"pod":"pod1"}',
      policies: ['app'],
      roles: ['team'],
      serviceIdentities: [{ serviceName: 'vishpat-api', datacenters: [] }],
      nodeIdentities: [{ nodeName: 'vishpat-node', datacenter: 'dc1' }],
      templatedPolicies: expect.arrayContaining([
        { templateName: 'builtin/service', name: 'vishpat-web' },
        { templateName: 'builtin/dns', name: undefined },
      ]),
    });
    expect(session.token).not.toBe(session.accessorId);
    expect(await session.request('GET', 'acl/token/self')).toMatchObject({ AccessorID: session.accessorId });
  });

  test('without meta has a description without it', async () => {
    await using session = await login('short');
    expect(session.description).toBe('token created via login');
  });

  test('of a method whose tokens are for all datacenters says so', async () => {
    await using session = await login('blind');
    expect(session).toMatchObject({ local: false, name: expect.stringMatching(/^jwt-blind-\d+$/) });
  });

  test('ends at the MaxTokenTTL of its method, and not at all where that is 0', async () => {
    await using session = await login('short');
    const self = (await session.request('GET', 'acl/token/self')) as { CreateTime: string };
    expect(Number(session.expirationTime) - Date.parse(self.CreateTime)).toBe(60_000);
    await using endless = await login('endless');
    expect(endless.expirationTime).toBeUndefined();
  });
});

test('a MaxTokenTTL below a minute is refused by consul', async () => {
  const method = { Name: 'shorter', Type: 'jwt', MaxTokenTTL: '59s', Config: { JWKSURL: 'http://127.0.0.1:1/' } };
  await expect(env.consul.request('PUT', 'acl/auth-method', method)).rejects.toMatchObject({
    code: 'request_refused',
    details: { errors: ['MaxTokenTTL 59s cannot be less than 1m0s'] },
  });
});

describe('logging out', () => {
  test('destroys the token, and does nothing when it is done again', async () => {
    const session = await login('short');
    await session.kv.write('app/x', '1');
    await session.logout();
    await expect(session.kv.read('app/x')).rejects.toMatchObject(gone);
    await session.logout();
    await expect(env.consul.request('GET', `acl/token/${session.accessorId}`)).rejects.toThrow();
  });

  test('is what disposing does', async () => {
    let left: Awaited<ReturnType<typeof login>>;
    {
      await using session = await login('short');
      left = session;
    }
    await expect(left.kv.read('app/x')).rejects.toMatchObject(gone);
  });

  test('of a token that somebody else has destroyed is done already', async () => {
    const session = await login('short');
    await env.consul.request('DELETE', `acl/token/${session.accessorId}`);
    await session.logout();
    await expect(session.kv.read('app/x')).rejects.toMatchObject(gone);
  });
});

describe('the key-value store', () => {
  test('gives back what was written, whatever it looks like', async () => {
    await using session = await login('short');
    for (const value of ['plain', '', '{"json":true}', '"quoted"', 'zwölf\nlines']) {
      await session.kv.write('app/a key/ä?x#y', value);
      expect(await session.kv.read('app/a key/ä?x#y')).toBe(value);
    }
    expect(await session.kv.list('app/a key')).toEqual(['app/a key/ä?x#y']);
    await session.kv.delete('app/a key/ä?x#y');
    await session.kv.delete('app/a key/ä?x#y');
    expect(await session.kv.read('app/a key/ä?x#y')).toBeUndefined();
    expect(await session.kv.list('app/a key')).toEqual([]);
  });

  test('takes no value over 512 KiB, and has nothing of it', async () => {
    await using session = await login('short');
    await expect(session.kv.write('app/large', 'x'.repeat(512 * 1024 + 1))).rejects.toMatchObject({
      code: 'value_too_large',
    });
    expect(await session.kv.read('app/large')).toBeUndefined();
  });

  test('is read and not written where the policy says read', async () => {
    await env.consul.kv.write('public/motd', 'hello');
    await using session = await login('short');
    expect(await session.kv.read('public/motd')).toBe('hello');
    await expect(session.kv.write('public/motd', 'x')).rejects.toMatchObject({
      code: 'permission_denied',
      details: { method: 'PUT', path: 'kv/public/motd', status: 403 },
    });
    await expect(session.kv.delete('public/motd')).rejects.toMatchObject({ code: 'permission_denied' });
  });

  test('is closed where the policy ends, but a list is only shorter', async () => {
    await env.consul.kv.write('other/secret', 'x');
    await using session = await login('short');
    await expect(session.kv.read('other/secret')).rejects.toMatchObject({
      code: 'permission_denied',
      details: { method: 'GET', path: 'kv/other/secret', status: 403 },
      message: expect.stringContaining('consul answered GET "kv/other/secret" with 403: Permission denied'),
    });
    expect(await session.kv.list('other/')).toEqual([]);
    expect(await session.kv.list('')).toContain('public/motd');
    expect(await session.kv.list('')).not.toContain('other/secret');
  });
});

test('a service is registered where the policy says so, and listed', async () => {
  await using session = await login('short');
  await session.services.register({ name: 'web', port: 8080, tags: ['blue'] });
  await session.services.register({ name: 'web', id: 'web-2', address: '127.0.0.1' });
  // The agent tells the catalog in its own time.
  await vi.waitFor(async () => expect(await session.services.list()).toEqual({ web: ['blue'] }), 10_000);
  await session.services.deregister('web-2');
  await session.services.deregister('web');
  await vi.waitFor(async () => expect(await session.services.list()).toEqual({}), 10_000);
  await expect(session.services.register({ name: 'db' })).rejects.toMatchObject({
    code: 'permission_denied',
    details: { method: 'PUT', path: 'agent/service/register', status: 403 },
  });
});

test('a service identity registers its service and no other', async () => {
  await using session = await login('all');
  await session.services.register({ name: 'vishpat-api' });
  await session.services.deregister('vishpat-api');
  await expect(session.services.register({ name: 'mallory-api' })).rejects.toMatchObject({ code: 'permission_denied' });
});

test('services and nodes that the token may not read are left out of the catalog', async () => {
  await using writer = await login('short');
  await writer.services.register({ name: 'web-visible' });
  await env.consul.request('PUT', 'agent/service/register', { Name: 'db-hidden' });
  const all = async () => Object.keys((await env.consul.request('GET', 'catalog/services')) as object);
  await vi.waitFor(
    async () => expect(await all()).toEqual(expect.arrayContaining(['web-visible', 'db-hidden'])),
    10_000,
  );
  expect(Object.keys(await writer.services.list())).toEqual(['web-visible']);
  await using nobody = await login('blind');
  expect(await nobody.services.list()).toEqual({});
  await expect(nobody.services.deregister('web-visible')).rejects.toMatchObject({
    code: 'permission_denied',
    details: { method: 'PUT', path: 'agent/service/deregister/web-visible', status: 403 },
  });
  await writer.services.deregister('web-visible');
  await env.consul.request('PUT', 'agent/service/deregister/db-hidden');
});

test('a session of consul is made, holds a lock that no other has, and is destroyed', async () => {
  await using session = await login('short');
  const id = await session.sessions.create({ name: 'lock', ttl: '30s', behavior: 'delete' });
  expect(await session.request('GET', `session/info/${id}`)).toMatchObject([{ Name: 'lock', Behavior: 'delete' }]);
  expect(await session.sessions.lock(id, 'app/lock ä', 'mine')).toBe(true);
  const other = await session.sessions.create({ ttl: '30s' });
  expect(await session.sessions.lock(other, 'app/lock ä', 'theirs')).toBe(false);
  expect(await session.kv.read('app/lock ä')).toBe('mine');
  await session.sessions.destroy(id);
  await session.sessions.destroy(id);
  expect(await session.kv.read('app/lock ä')).toBeUndefined();
  await session.sessions.destroy(other);
});

test('a session of consul is refused where no policy allows it, and a lock where the key may not be written', async () => {
  await using session = await login('short');
  const id = await session.sessions.create();
  await expect(session.sessions.lock(id, 'public/lock', 'x')).rejects.toMatchObject({
    code: 'permission_denied',
    details: { method: 'PUT', path: `kv/public/lock?acquire=${id}`, status: 403 },
  });
  await expect(session.sessions.lock('no-such-session', 'app/lock')).rejects.toMatchObject({ code: 'request_refused' });
  await using nobody = await login('blind');
  await expect(nobody.sessions.create()).rejects.toMatchObject({
    code: 'permission_denied',
    details: { method: 'PUT', path: 'session/create', status: 403 },
  });
  await expect(nobody.sessions.destroy(id)).rejects.toMatchObject({ code: 'permission_denied' });
  await session.sessions.destroy(id);
});

test('any other request is made with the token, and refused with method and path', async () => {
  await using session = await login('short');
  await expect(session.request('PUT', 'acl/policy', { Name: 'mine', Rules: '' })).rejects.toMatchObject({
    code: 'permission_denied',
    details: { method: 'PUT', path: 'acl/policy', status: 403 },
  });
});
