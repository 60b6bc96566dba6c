import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { startConsul } from 'vaultproof';
import { openConsulUsers } from 'vaultproof/issuer/users';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startOddConsul } from '../../../support/odd-consul.js';
import { tcpProxy } from '../../../support/tcp-proxy.js';

const OFTEN = { timeout: 20_000, interval: 10 };
const KEY = 'appmesh/security';
const CHILD = fileURLToPath(new URL('edits-child.ts', import.meta.url));

test('a Consul that restarts with an empty memory makes the users stale, until somebody puts them there again', async () => {
  await using first = await startConsul();
  const proxy = await tcpProxy(first.address);
  // Indexes far beyond those of the next one: a query that waited beyond them would not come back.
  for (let times = 0; times < 100; times += 1) await first.kv.write('other', String(times));
  await first.kv.write(KEY, 'Users: {mesh: {key: x}}');
  await using users = await openConsulUsers({ address: proxy.address, token: first.token });
  await proxy.cut();
  await first.stop();
  await vi.waitFor(() => expect(users.status().stale).toBe(true), OFTEN);

  await using second = await startConsul();
  const policy = { Name: 'all', Rules: 'key_prefix "" { policy = "write" }' };
  await second.request('PUT', 'acl/policy', policy);
  await second.request('PUT', 'acl/token', { SecretID: first.token, Policies: [{ Name: 'all' }] });
  await proxy.mend(second.address);
  await vi.waitFor(() => expect(users.status().reason).toContain(`consul has no key "${KEY}"`), OFTEN);
  expect((await users.list()).map(({ name }) => name)).toEqual(['mesh']);

  await second.kv.write(KEY, 'Users: {vishpat: {key: x}}');
  await vi.waitFor(() => expect(users.status()).toEqual({ stale: false }), OFTEN);
  expect((await users.list()).map(({ name }) => name)).toEqual(['vishpat']);
  expect(await users.update('vishpat', () => ({ locked: true }))).toMatchObject({ locked: true });
});

test('a Consul without a leader is away, to begin with and later', async () => {
  const odd = await startOddConsul('without a leader');
  onTestFinished(() => odd.stop());
  // It takes Consul some 7 s to say so.
  const refused = expect(openConsulUsers({ address: odd.address, token: 'x' })).rejects.toMatchObject({
    code: 'no_leader',
  });
  await using consul = await startConsul();
  await consul.kv.write(KEY, 'Users: {mesh: {key: x}}');
  const proxy = await tcpProxy(consul.address);
  await using users = await openConsulUsers({ address: proxy.address, token: consul.token });
  await proxy.cut();
  await proxy.mend(odd.address);
  await vi.waitFor(() => expect(users.status().reason).toContain('No cluster leader'), OFTEN);
  expect(await users.find('mesh')).toBeDefined();
  await refused;
  await proxy.cut();
  await proxy.mend(consul.address);
  await vi.waitFor(() => expect(users.status()).toEqual({ stale: false }), OFTEN);
});

test('two processes make 50 edits at once and lose none, and end although their stores are open', async () => {
  await using consul = await startConsul();
  await consul.kv.write(KEY, 'Users: {} # of many\n');
  await using users = await openConsulUsers({ address: consul.address, token: consul.token });
  const edit = (prefix: string) =>
    execa(process.execPath, ['--import', 'tsx', CHILD, consul.address, KEY, prefix, '25'], {
      env: { TOKEN: consul.token },
      timeout: 50_000,
    });
  await Promise.all([edit('a'), edit('b')]);
  await vi.waitFor(async () => expect(await users.list()).toHaveLength(50), OFTEN);
});
