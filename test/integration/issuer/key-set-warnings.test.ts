import { generateKeyPairSync } from 'node:crypto';
import type { Environment } from 'vaultproof';
import { generateSigningKey, type SigningKey, verifyToken } from 'vaultproof/issuer';
import { keySetWarnings, privateJwk } from 'vaultproof/issuer/keys';
import { expect, test } from 'vaultproof/vitest';
import { afterEach } from 'vitest';
import { consulAcl } from '../../support/consul-jwt.js';
import { faultedServers } from './faulted-servers.js';

test.override({ fileServices: { consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
afterEach(() => env.issuer.faults.clear());

const jwkOf = (type: 'x25519' | 'ed448' | 'secp256k1'): object => {
  const { publicKey } =
    type === 'secp256k1' ? generateKeyPairSync('ec', { namedCurve: type }) : generateKeyPairSync(type as 'x25519');
  return { ...publicKey.export({ format: 'jwk' }), kid: 'extra' };
};

let count = 0;
/** What both servers make of a good token while the key set has one key more. */
async function outcomes(extra: unknown, key?: SigningKey): Promise<Readonly<Record<'vault' | 'consul', boolean>>> {
  const acl = consulAcl(env.consul);
  const servers = faultedServers(env, acl);
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }, key && { key });
  env.issuer.faults.set('jwks', { body: (set) => ({ keys: [...(set['keys'] as unknown[]), extra] }) });
  const letsIn = async (server: 'vault' | 'consul'): Promise<boolean> => {
    const name = `set-${count++}`;
    const url = env.issuer.jwksUrlFor(env[server]);
    await servers[server].configure(name, { document: 'jwks', url });
    return (await servers[server].login(name, jwt)) === 'ok';
  };
  try {
    return { vault: await letsIn('vault'), consul: await letsIn('consul') };
  } finally {
    acl.close();
  }
}

test.each<[string, () => unknown]>([
  ['a type that nobody knows', () => ({ kty: 'AKP', kid: 'extra', alg: 'ML-DSA-44', pub: 'AAAA' })],
  ['X25519', () => jwkOf('x25519')],
  ['Ed448', () => jwkOf('ed448')],
  ['secp256k1', () => jwkOf('secp256k1')],
  ['a number as kid', async () => ({ ...(await generateSigningKey()).publicJwk, kid: 7 })],
  ['broken coordinates', () => ({ kty: 'EC', crv: 'P-256', kid: 'extra', x: 'AAAA', y: 'AAAA' })],
])('a key of %s spoils the set for both servers, and is warned of', async (_what, make) => {
  const extra = await make();
  expect(await outcomes(extra)).toEqual({ vault: false, consul: false });
  expect(keySetWarnings([extra])).toEqual([expect.stringMatching(/Vault and Consul refuse the whole key set/)]);
});

test.each<[string, () => unknown]>([
  ['another good key', async () => (await generateSigningKey('RS256')).publicJwk],
  ['an Ed25519 key', async () => (await generateSigningKey('EdDSA')).publicJwk],
  ['a key with an empty use', async () => ({ ...(await generateSigningKey()).publicJwk, use: '' })],
])('%s does not, and is not warned of', async (_what, make) => {
  const extra = await make();
  expect(await outcomes(extra)).toEqual({ vault: true, consul: true });
  expect(keySetWarnings([extra])).toEqual([]);
});

test('a key with its private half does not, verifies no token of its own, and is warned of without it', async () => {
  const key = await generateSigningKey();
  const extra = await privateJwk(key);
  expect(await outcomes(extra)).toEqual({ vault: true, consul: true });
  expect(await outcomes(extra, key)).toEqual({ vault: false, consul: false });
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }, { key });
  expect(await verifyToken(jwt, { algorithms: ['ES256'], keys: [extra] })).toMatchObject({ code: 'signature_invalid' });
  const [warning, ...others] = keySetWarnings([extra]);
  expect(others).toEqual([]);
  expect(warning).toContain('anyone who can read the key set can sign');
  expect(warning).not.toContain(extra.d);
});
