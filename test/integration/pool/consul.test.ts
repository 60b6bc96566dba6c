import { generateKeyPairSync } from 'node:crypto';
import { createPool, type Environment, type Pool } from 'vaultproof';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let pool: Pool;

beforeAll(async () => {
  pool = await createPool({ vault: false, consul: true, size: 1 });
});
afterAll(() => pool.stop());

const { publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

type Call = readonly [method: string, path: string, json?: unknown];

const RULES = 'key_prefix "" { policy = "write" }';

/** What a pool undoes, by what it is. */
const undone: Readonly<Record<string, readonly Call[]>> = {
  keys: [
    ['PUT', 'kv/app/colour', 'green'],
    ['PUT', 'kv/other', '1'],
  ],
  'policies, roles and tokens': [
    ['PUT', 'acl/policy', { Name: 'alpha', Rules: RULES }],
    ['PUT', 'acl/role', { Name: 'alpha', Policies: [{ Name: 'alpha' }] }],
    ['PUT', 'acl/token', { Policies: [{ Name: 'alpha' }], Roles: [{ Name: 'alpha' }] }],
  ],
  'an auth method with its rules': [
    [
      'PUT',
      'acl/auth-method',
      { Name: 'jwt', Type: 'jwt', Config: { JWTSupportedAlgs: ['RS256'], JWTValidationPubKeys: [publicKey] } },
    ],
    ['PUT', 'acl/binding-rule', { AuthMethod: 'jwt', BindType: 'service', BindName: 'app' }],
  ],
  'services and checks': [
    ['PUT', 'agent/service/register', { Name: 'web', Port: 80 }],
    ['PUT', 'agent/check/register', { Name: 'alive', TTL: '30s' }],
    ['PUT', 'catalog/register', { Node: 'elsewhere', Address: '192.0.2.1', Service: { Service: 'db' } }],
  ],
  queries: [['POST', 'query', { Name: 'web', Service: { Service: 'web' } }]],
  'configuration entries and intentions': [
    ['PUT', 'config', { Kind: 'service-defaults', Name: 'web', Protocol: 'http' }],
    ['PUT', 'config', { Kind: 'service-intentions', Name: 'web', Sources: [{ Name: 'db', Action: 'allow' }] }],
    ['PUT', 'config', { Kind: 'proxy-defaults', Name: 'global', Config: { a: 'b' } }],
  ],
  maintenance: [['PUT', 'agent/maintenance?enable=true']],
};

/** After what a server is thrown away, by what it is. */
const discarded: Readonly<Record<string, Call>> = {
  'a session, which may keep a key locked after its end': ['PUT', 'session/create', {}],
  'an event': ['PUT', 'event/fire/deploy'],
  'an anonymous token with policies': [
    'PUT',
    'acl/token/00000000-0000-0000-0000-000000000002',
    { Policies: [{ Name: 'global-management' }] },
  ],
  'another CA': ['PUT', 'connect/ca/configuration', { Provider: 'consul', Config: { LeafCertTTL: '48h' } }],
};

async function lease(): Promise<Environment> {
  return pool.lease({ timeoutMs: 10_000 });
}

describe.sequential('a pool of Consuls', () => {
  test.each(Object.entries(undone))('undoes %s', async (_, calls) => {
    await using first = await lease();
    for (const call of calls) await first.consul.request(...call);
    await first.stop();
    await using env = await lease();
    expect(env.consul.address).toBe(first.consul.address);
    expect(pool.counts.consul?.discarded).toEqual([]);
    expect(await env.consul.request('GET', 'kv/?keys=true')).toEqual([]);
    expect(await env.consul.request('GET', 'acl/tokens')).toHaveLength(3);
    expect(await env.consul.request('GET', 'acl/policies')).toHaveLength(2);
    expect(await env.consul.request('GET', 'catalog/services')).toEqual({ consul: [] });
  });

  test('gives each lease a management token of its own, and the one before is dead', async () => {
    await using first = await lease();
    const { token, address } = first.consul;
    await first.consul.kv.write('app/colour', 'green');
    await first.stop();
    const answer = await fetch(`${address}/v1/acl/token/self`, { headers: { 'x-consul-token': token } });
    expect(answer.status).toBe(403);
    await using env = await lease();
    expect(env.consul.token).not.toBe(token);
    await env.consul.kv.write('app/colour', 'green');
  });

  test.each(Object.entries(discarded))('throws a server away after %s', async (_, call) => {
    const { discarded: before = [] } = pool.counts.consul ?? {};
    await using first = await lease();
    await first.consul.request(...call);
    await first.stop();
    await using env = await lease();
    await env.consul.kv.write('app/colour', 'green');
    expect(pool.counts.consul?.discarded).toHaveLength(before.length + 1);
  });
});
