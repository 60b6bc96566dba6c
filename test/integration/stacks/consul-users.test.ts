import type { App } from 'cdktf';
import { type Environment, startEnvironment } from 'vaultproof';
import { createIssuer, generateSigningKey, type Issuer } from 'vaultproof/issuer';
import { openSharedKeys, type SharedKeys } from 'vaultproof/issuer/keys';
import { openConsulUsers } from 'vaultproof/issuer/users';
import { ConsulUsersStack } from 'vaultproof/stacks/consul-users';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startOddConsul } from '../../support/odd-consul.js';
import { requiresProviders } from '../../support/terraform-provider.js';

const OFTEN = { timeout: 20_000, interval: 10 };
const ISS = 'appmesh-auth0';
let env: Environment;

beforeAll(async () => {
  env = await startEnvironment({ consul: true });
  await env.apply((app) => new ConsulUsersStack(app, 'users', { issuers: ['a', 'b'] }));
  const { kv } = env.consul;
  await kv.write('appmesh/security', 'Users: {mesh: {key: x}}');
  for (const other of ['appmesh/other', 'appmesh', 'appmesh/security/below', 'other', 'appmesh/keys/b']) {
    await kv.write(other, 'theirs');
  }
});
afterAll(() => env.stop());

/** A token with policies of the stack, by their names without "appmesh-", or with rules. */
async function tokenWith(...policies: readonly string[]): Promise<string> {
  const Policies = policies.map((name) => ({ Name: name }));
  const { SecretID } = (await env.consul.request('PUT', 'acl/token', { Policies })) as { SecretID: string };
  return SecretID;
}

async function tokenWithRules(rules: string): Promise<string> {
  const Name = `less-${crypto.randomUUID()}`;
  await env.consul.request('PUT', 'acl/policy', { Name, Rules: rules });
  return tokenWith(Name);
}

/** Follows the users, and locks one of them. */
async function useStore(token: string): Promise<string> {
  const users = await openConsulUsers({ address: env.consul.address, token }).catch(() => undefined);
  if (!users) return 'does not open';
  onTestFinished(() => users.close());
  const written = await users.update('mesh', (user) => ({ locked: user?.locked !== true })).catch(() => undefined);
  return written ? 'follows and writes' : 'follows';
}

/** Shares the keys of an issuer, and looks for those of another that it knows by its kid. */
async function useKeys(token: string, other: Issuer): Promise<string> {
  const { address } = env.consul;
  const keys: SharedKeys = await openSharedKeys({ address, token, key: 'appmesh/keys/a' });
  onTestFinished(() => keys.close());
  const own = await createIssuer('http://127.0.0.1');
  keys.share(ISS, own.keys);
  const shares = await keys.shared().then(
    () => 'shares',
    () => 'does not share',
  );
  const { kid } = other.keys.active();
  return `${shares}, and ${keys.setsWith(ISS, kid).length === 1 ? 'knows' : 'does not know'} the other`;
}

describe('an issuer’s token', () => {
  test('of a reader follows the users and writes none; that of a writer does both', async () => {
    expect(await useStore(await tokenWith('appmesh-users-reader'))).toBe('follows');
    expect(await useStore(await tokenWith('appmesh-users-writer'))).toBe('follows and writes');
  });

  test('takes each of its capabilities', async () => {
    expect(await useStore(await tokenWithRules(''))).toBe('does not open');
    expect(await useStore(await tokenWithRules('key "appmesh/security" { policy = "deny" }'))).toBe('does not open');
    expect(await useStore(await tokenWithRules('key "appmesh/security" { policy = "read" }'))).toBe('follows');

    const other = await createIssuer('http://127.0.0.1', { keys: [await generateSigningKey('ES256')] });
    const { address } = env.consul;
    const theirs = await openSharedKeys({ address, token: await tokenWith('appmesh-keys-b'), key: 'appmesh/keys/b' });
    onTestFinished(() => theirs.close());
    theirs.share(ISS, other.keys);
    await theirs.shared();
    const folder = 'key_prefix "appmesh/keys/" { policy = "list" }';
    const own = 'key "appmesh/keys/a" { policy = "write" }';
    expect(await useKeys(await tokenWith('appmesh-keys-a'), other)).toBe('shares, and knows the other');
    expect(await useKeys(await tokenWithRules(folder), other)).toBe('does not share, and knows the other');
    expect(await useKeys(await tokenWithRules(own), other)).toBe('shares, and does not know the other');
    expect(await useKeys(await tokenWithRules(`${folder}\n${own.replace('write', 'read')}`), other)).toBe(
      'does not share, and knows the other',
    );
  });

  test('does nothing else, with all that one issuer has', async () => {
    const token = await tokenWith('appmesh-users-writer', 'appmesh-keys-a');
    const status = async (method: string, path: string, body?: string): Promise<number> => {
      const init = { method, headers: { 'X-Consul-Token': token }, ...(body === undefined ? {} : { body }) };
      return (await fetch(`${env.consul.address}/v1/${path}`, init)).status;
    };
    for (const other of ['appmesh/other', 'appmesh', 'appmesh/security/below', 'other', 'appmesh/keys']) {
      expect([other, await status('GET', `kv/${other}`), await status('PUT', `kv/${other}`, 'x')]).toEqual([
        other,
        403,
        403,
      ]);
    }
    expect(await status('PUT', 'kv/appmesh/keys/b', entryOfMallory)).toBe(403);
    expect(await status('DELETE', 'kv/appmesh/keys/b')).toBe(403);
    expect(await status('DELETE', 'kv/appmesh/?recurse')).toBe(403);
    for (const path of [
      'acl/policies',
      'acl/tokens',
      'acl/auth-methods',
      'agent/self',
      'operator/raft/configuration',
    ]) {
      expect([path, await status('GET', path)]).toEqual([path, 403]);
    }
    expect(await status('PUT', 'session/create', '{}')).toBe(403);
    expect(await status('PUT', 'catalog/register', '{"Node":"x","Address":"127.0.0.1"}')).toBe(403);
    expect(await status('PUT', 'acl/policy', '{"Name":"mine","Rules":""}')).toBe(403);
    // What it may not see is left out, without a word.
    const list = async (path: string): Promise<unknown> =>
      (await fetch(`${env.consul.address}/v1/${path}`, { headers: { 'X-Consul-Token': token } })).json();
    expect(await list('catalog/nodes')).toEqual([]);
    expect(await list('catalog/services')).toEqual({});
    expect(await list('kv/?keys')).toEqual(expect.not.arrayContaining(['other', 'appmesh/other']));
  });
});

const entryOfMallory = JSON.stringify({ iss: ISS, instance: 'x', expires: 0, keys: [] });

test('agents that set enable_key_list_policy list nothing for "read", and all for "list"', async () => {
  const consul = await startOddConsul('with a key list policy');
  onTestFinished(() => consul.stop());
  const headers = { 'x-consul-token': consul.token };
  const call = (method: string, path: string, json: unknown) =>
    consul.client.request(method, `/v1/${path}`, { headers, json });
  const open = async (access: string): Promise<string> => {
    const rules = `key_prefix "appmesh/keys/" { policy = "${access}" }`;
    await call('PUT', 'acl/policy', { Name: access, Rules: rules });
    const { body } = await call('PUT', 'acl/token', { Policies: [{ Name: access }] });
    const { SecretID: token } = body as { SecretID: string };
    return openSharedKeys({ address: consul.address, token, key: 'appmesh/keys/a' }).then(
      async (keys) => {
        await keys.close();
        return 'opens';
      },
      ({ code }: { code: string }) => code,
    );
  };
  await vi.waitFor(async () => expect((await call('GET', 'acl/token/self', undefined)).status).toBe(200), OFTEN);
  expect([await open('read'), await open('list')]).toEqual(['permission_denied', 'opens']);
});

describe('with terraform and the real provider', () => {
  beforeEach(requiresProviders('consul'));

  test('the stack is deployed, and its plan is empty then', async () => {
    await using fresh = await startEnvironment({ consul: true });
    const declare = (app: App): void => {
      const stack = new ConsulUsersStack(app, 'users', { issuers: ['a'] });
      // The generated code pins one version, and a mirror may have another.
      stack.addOverride('terraform.required_providers.consul.version', '~> 2.22');
    };
    await fresh.apply(declare, { provisioner: 'terraform' });
    const policies = (await fresh.consul.request('GET', 'acl/policies')) as { Name: string }[];
    expect(policies.map(({ Name }) => Name).sort()).toEqual([
      'appmesh-keys-a',
      'appmesh-users-reader',
      'appmesh-users-writer',
      'builtin/global-read-only',
      'global-management',
    ]);
  });
});
