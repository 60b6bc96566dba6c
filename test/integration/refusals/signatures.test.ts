import { createPublicKey } from 'node:crypto';
import { importPKCS8, SignJWT, UnsecuredJWT } from 'jose';
import type { Environment } from 'vaultproof';
import { generateSigningKey, startIssuer } from 'vaultproof/issuer';
import { privatePem } from 'vaultproof/issuer/keys';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, beforeEach, describe } from 'vitest';
import { mountJwt } from '../../support/jwt-mount.js';
import { requiresOfVault } from '../../support/vault-of-tests.js';

test.override({ fileServices: { issuer: { algorithms: ['ES256', 'RS256'] } } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const vishpat = { sub: 'vishpat', aud: 'damage_inc' };
let role: string;
let kids: (string | undefined)[];

beforeAll(async () => {
  const writeRole = await mountJwt(env, 'jwt', { jwt_supported_algs: ['ES256'] });
  role = await writeRole({});
  kids = env.issuer.keys.published().map(({ kid }) => kid);
});

test('a token signed by an unknown key is refused, with both key ids', async () => {
  const key = await generateSigningKey();
  const jwt = await env.issuer.sign(vishpat, { key });
  await expect(env.vault.login({ jwt, role })).rejects.toMatchObject({
    code: 'unknown_key',
    expected: kids,
    found: key.kid,
  });
});

describe('a token signed by an unknown key is known as that', () => {
  const unmentioned = { jwks_url: undefined };

  async function expectUnknownKey(mount: string, config: Record<string, unknown>): Promise<void> {
    const unknownRole = await (await mountJwt(env, mount, { ...unmentioned, ...config }))({});
    const key = await generateSigningKey();
    const jwt = await env.issuer.sign(vishpat, { key });
    await expect(env.vault.login({ jwt, role: unknownRole, mount })).rejects.toMatchObject({
      code: 'unknown_key',
      expected: kids,
      found: key.kid,
    });
  }

  test('an unknown key is named with a discovery document', () =>
    expectUnknownKey('discovery', { oidc_discovery_url: env.issuer.url }));

  describe('with several key sets', () => {
    beforeEach(requiresOfVault('jwks_pairs'));

    test('a token signed by an unknown key is refused by several key sets', () =>
      expectUnknownKey('pairs', { jwks_pairs: [{ jwks_url: env.issuer.jwksUrl }] }));
  });

  test('an unknown key is named with a key set over https, by its CA', async () => {
    await using issuer = await startIssuer({ tls: await generateTlsIdentity() });
    const unknownRole = await (await mountJwt({ vault: env.vault, issuer }, 'https', { jwks_ca_pem: issuer.caPem }))(
      {},
    );
    const jwt = await issuer.sign(vishpat, { key: await generateSigningKey() });
    await expect(env.vault.login({ jwt, role: unknownRole, mount: 'https' })).rejects.toMatchObject({
      code: 'unknown_key',
      expected: [issuer.keys.active().kid],
    });
  });
});

test('a token signed by another key under a known key id is refused', async () => {
  const key = { ...(await generateSigningKey()), kid: String(kids[0]) };
  const jwt = await env.issuer.sign(vishpat, { key });
  await expect(env.vault.login({ jwt, role })).rejects.toMatchObject({
    code: 'signature_invalid',
    expected: undefined,
    found: kids[0],
  });
});

test.each([
  ['whose claims were changed', 1, () => Buffer.from('{"sub":"root","aud":"damage_inc"}').toString('base64url')],
  ['whose signature was cut', 2, (signature: string) => signature.slice(0, -8)],
  ['without a signature', 2, () => ''],
])('a token %s is refused', async (_how, part, change) => {
  const parts = (await env.issuer.sign(vishpat)).split('.');
  const jwt = parts.map((text, index) => (index === part ? change(text) : text)).join('.');
  await expect(env.vault.login({ jwt, role })).rejects.toMatchObject({
    code: 'signature_invalid',
    found: kids[0],
  });
});

describe('an algorithm that the backend does not allow', () => {
  test('is refused, though the key is known', async () => {
    const jwt = await env.issuer.sign(vishpat, { alg: 'RS256' });
    await expect(env.vault.login({ jwt, role })).rejects.toMatchObject({
      code: 'algorithm_not_allowed',
      expected: ['ES256'],
      found: 'RS256',
    });
  });

  test('is refused where the public key is taken for a shared secret', async () => {
    const secret = Buffer.from(JSON.stringify(env.issuer.keys.published()[0]?.publicJwk));
    const jwt = await new SignJWT(vishpat)
      .setProtectedHeader({ alg: 'HS256', kid: String(kids[0]) })
      .setExpirationTime('5m')
      .sign(secret);
    await expect(env.vault.login({ jwt, role })).rejects.toMatchObject({
      code: 'algorithm_not_allowed',
      expected: ['ES256'],
      found: 'HS256',
    });
  });

  test('is refused where it is none', async () => {
    const jwt = new UnsecuredJWT(vishpat).setExpirationTime('5m').encode();
    await expect(env.vault.login({ jwt, role })).rejects.toMatchObject({
      code: 'algorithm_not_allowed',
      found: 'none',
    });
  });

  test('has those that vault takes where the backend names none', async () => {
    const anyAlgorithm = await mountJwt(env, 'any').then((writeRole) => writeRole({}));
    const jwt = new UnsecuredJWT(vishpat).setExpirationTime('5m').encode();
    await expect(env.vault.login({ jwt, role: anyAlgorithm, mount: 'any' })).rejects.toMatchObject({
      code: 'algorithm_not_allowed',
      expected: expect.arrayContaining(['RS256', 'ES512', 'EdDSA']),
      found: 'none',
    });
  });
});

test('a backend with a static key refuses a token of another key, without a key set to name', async () => {
  const trusted = await generateSigningKey();
  const pem = createPublicKey({ key: { ...trusted.publicJwk }, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  });
  await env.vault.request('POST', 'sys/auth/static', { type: 'jwt' });
  await env.vault.request('POST', 'auth/static/config', { jwt_validation_pubkeys: [pem] });
  await env.vault.request('POST', 'auth/static/role/reader', {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: ['damage_inc'],
  });
  const login = { role: 'reader', mount: 'static' };

  expect(await env.vault.login({ ...login, jwt: await env.issuer.sign(vishpat, { key: trusted }) })).toMatchObject({
    role: 'reader',
  });
  await expect(env.vault.login({ ...login, jwt: await env.issuer.sign(vishpat) })).rejects.toMatchObject({
    code: 'signature_invalid',
    found: kids[0],
  });
  const timeless = await new SignJWT(vishpat)
    .setProtectedHeader({ alg: 'ES256' })
    .sign(await importPKCS8(privatePem(trusted), 'ES256'));
  await expect(env.vault.login({ ...login, jwt: timeless })).rejects.toMatchObject({ code: 'claim_missing' });
});
