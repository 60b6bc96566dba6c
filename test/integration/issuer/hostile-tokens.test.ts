import { type Environment, LoginRefusedError, startEnvironment } from 'vaultproof';
import { hostileTokens, publicPem } from 'vaultproof/issuer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConsulAcl, consulAcl, mountConsulJwt } from '../../support/consul-jwt.js';
import { mountJwt } from '../../support/jwt-mount.js';

const claims = { sub: 'vishpat', aud: 'damage_inc' };
const algorithms = ['ES256'];

/** With static keys Vault finds no key by its kid, tries them all, and names no cause that lies in the signature. */
const otherwiseWithStaticKeys: Readonly<Record<string, string>> = {
  'duplicate-sub': 'signature_invalid',
  'duplicate-exp': 'signature_invalid',
  'alg-none': 'signature_invalid',
  'alg-none-in-capitals': 'signature_invalid',
  'alg-missing': 'signature_invalid',
  'alg-in-lower-case': 'signature_invalid',
  'hs256-with-public-key': 'signature_invalid',
  'hs256-with-public-jwk': 'signature_invalid',
  'hs256-with-empty-secret': 'signature_invalid',
  'unknown-kid': 'accepted',
  'unknown-key': 'signature_invalid',
  'other-key-without-kid': 'signature_invalid',
  'kid-with-path': 'accepted',
  'kid-with-sql': 'accepted',
  'embedded-jwk': 'signature_invalid',
  'embedded-x5c': 'signature_invalid',
  jku: 'signature_invalid',
  x5u: 'signature_invalid',
  padding: 'accepted',
  'payload-with-bom': 'signature_invalid',
};

let env: Environment;
let acl: ConsulAcl;
let role: string;

beforeAll(async () => {
  env = await startEnvironment({ vault: true, consul: true });
  const bound = { bound_issuer: env.issuer.url, jwt_supported_algs: algorithms };
  const writeRole = await mountJwt(env, 'jwt', bound);
  role = await writeRole({ bound_subject: 'vishpat' });
  const { vault } = env;
  await vault.request('POST', 'sys/auth/static', { type: 'jwt' });
  const pem = publicPem(env.issuer.keys.active());
  await vault.request('POST', 'auth/static/config', { jwt_validation_pubkeys: [pem], ...bound });
  await vault.request('POST', 'auth/static/role/reader', {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: ['damage_inc'],
    bound_subject: 'vishpat',
  });
  acl = consulAcl(env.consul);
  await mountConsulJwt(acl, 'jwt', 'vishpat', {
    JWKSURL: env.issuer.jwksUrlFor(env.consul),
    JWTSupportedAlgs: algorithms,
    BoundIssuer: env.issuer.url,
    BoundAudiences: ['damage_inc'],
  });
});
afterAll(async () => {
  acl?.close();
  await env?.stop();
});

async function vaultSays(jwt: string, where: { mount: string; role: string }): Promise<string> {
  try {
    await env.vault.login({ jwt, ...where });
    return 'accepted';
  } catch (error) {
    if (error instanceof LoginRefusedError) return error.code;
    throw error;
  }
}

test('the token that they are made of is let in everywhere', async () => {
  const jwt = await env.issuer.sign({ ...claims, nbf: env.issuer.clock.now() });
  expect(await vaultSays(jwt, { mount: 'jwt', role })).toBe('accepted');
  expect(await vaultSays(jwt, { mount: 'static', role: 'reader' })).toBe('accepted');
  expect(await acl.login('jwt', jwt)).toMatchObject({ status: 200 });
});

describe.each(hostileTokens)('the hostile token "$name"', ({ name, make, vault, consul }) => {
  test(`is ${vault} at Vault, with a key set`, async () => {
    expect(await vaultSays(await make(env.issuer, claims), { mount: 'jwt', role })).toBe(vault);
  });

  const withStaticKeys = otherwiseWithStaticKeys[name] ?? vault;
  test(`is ${withStaticKeys} at Vault, with static keys`, async () => {
    const where = { mount: 'static', role: 'reader' };
    expect(await vaultSays(await make(env.issuer, claims), where)).toBe(withStaticKeys);
  });

  test(`is ${consul === 'accepted' ? consul : 'refused'} at Consul`, async () => {
    const answer = await acl.login('jwt', await make(env.issuer, claims));
    if (consul === 'accepted') return expect(answer).toMatchObject({ status: 200 });
    const status = consul.source === '^Permission denied$' ? 403 : 500;
    return expect(answer).toEqual({ status, message: expect.stringMatching(consul) });
  });
});

test('neither server fetches what a token points to', () => {
  expect(env.issuer.fetches.lure).toBe(0);
});
