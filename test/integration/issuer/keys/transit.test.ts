import { createLocalJWKSet, jwtVerify } from 'jose';
import type { Environment } from 'vaultproof';
import { privatePem, type TransitRequest, transitKey } from 'vaultproof/issuer/keys';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';
import { mountJwt, type WriteRole } from '../../../support/jwt-mount.js';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const vishpat = { sub: 'vishpat', aud: 'damage_inc' };
const request: TransitRequest = (method, path, json) => env.vault.request(method, path, json);
let writeRole: WriteRole;

beforeAll(async () => {
  await env.vault.request('POST', 'sys/mounts/transit', { type: 'transit' });
  writeRole = await mountJwt(env, 'jwt', {
    jwt_supported_algs: ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA'],
  });
});

async function make(name: string, type: string): Promise<void> {
  await env.vault.request('POST', `transit/keys/${name}`, { type });
}

describe.each([
  ['ecdsa-p256', 'ES256'],
  ['ecdsa-p384', 'ES384'],
  ['ecdsa-p521', 'ES512'],
  ['rsa-2048', 'RS256'],
  ['rsa-2048', 'PS256'],
  ['ed25519', 'EdDSA'],
] as const)('a transit key of type %s signing %s', (type, alg) => {
  test('signs tokens that jose verifies and that log in at Vault, and never leaves it', async () => {
    const name = `${type}-${alg}`;
    await make(name, type);
    const key = await transitKey(request, { name, alg });
    expect(key).toMatchObject({ alg, kid: expect.stringMatching(/^[\w-]{43}$/), publicJwk: { use: 'sig', alg } });
    expect(key.privateKey).toBeUndefined();
    expect(() => privatePem(key)).toThrow(TypeError);

    const jwt = await env.issuer.sign(vishpat, { key });
    const { protectedHeader } = await jwtVerify(jwt, createLocalJWKSet({ keys: [{ ...key.publicJwk }] }));
    expect(protectedHeader).toMatchObject({ alg, kid: key.kid });

    const role = await writeRole({});
    await expect(env.vault.login({ jwt, role })).rejects.toMatchObject({ code: 'unknown_key' });
    env.issuer.keys.add(key, { publishAt: 0 });
    expect(await env.vault.login({ jwt, role })).toMatchObject({ role });
  });
});

test('an issuer signs with a transit key as with any other', async () => {
  await make('active', 'ecdsa-p256');
  const key = await transitKey(request, { name: 'active', kid: 'in-vault' });
  env.issuer.keys.add(key);
  expect(env.issuer.keys.active().kid).toBe('in-vault');
  const role = await writeRole({});
  expect(await env.vault.login({ jwt: await env.issuer.sign(vishpat), role })).toMatchObject({ role });
});

test('a version signs as before after the key was rotated in Vault, and the new one is another key', async () => {
  await make('turning', 'ecdsa-p256');
  const first = await transitKey(request, { name: 'turning' });
  await env.vault.request('POST', 'transit/keys/turning/rotate');
  const second = await transitKey(request, { name: 'turning' });
  expect(second.kid).not.toBe(first.kid);
  expect((await transitKey(request, { name: 'turning', version: 1 })).kid).toBe(first.kid);
  const jwt = await env.issuer.sign(vishpat, { key: first });
  await expect(jwtVerify(jwt, createLocalJWKSet({ keys: [{ ...first.publicJwk }] }))).resolves.toBeDefined();
});

test('a key that can’t sign, a version that is not there and a key that nobody made are refused', async () => {
  await make('symmetric', 'aes256-gcm96');
  await make('small', 'ecdsa-p256');
  await expect(transitKey(request, { name: 'symmetric' })).rejects.toMatchObject({ code: 'key_invalid' });
  await expect(transitKey(request, { name: 'small', version: 9 })).rejects.toMatchObject({ code: 'key_invalid' });
  await expect(transitKey(request, { name: 'nobody' })).rejects.toMatchObject({ code: 'request_refused' });
  await expect(transitKey(request, { name: 'small', alg: 'RS256' })).rejects.toThrow(TypeError);
});

test.each(['', '../sys/mounts', 'a/b', 'a?b', 'a b', '.'])('the name %j is refused before a request', async (name) => {
  const never: TransitRequest = () => Promise.reject(new Error('there was a request'));
  await expect(transitKey(never, { name })).rejects.toThrow(TypeError);
  const mount = `/${name}`;
  await expect(transitKey(never, { name: 'a', mount })).rejects.toThrow(TypeError);
});
