import type { Environment } from 'vaultproof';
import { generateSigningKey } from 'vaultproof/issuer';
import { publicPem } from 'vaultproof/issuer/keys';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { consulParameters, modes } from '../../support/consul-parameters.js';
import { runOn } from '../../support/engines.js';

// Discovery has the issuer's own URL, which no container reaches.
test.override({
  fileServices: {
    vault: false,
    consul: runOn('process', 'consul'),
    issuer: { algorithms: ['RS256', 'ES256'] },
  },
});

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const { keys, method, sign, answer } = consulParameters(() => env);

/** Has Consul refuse an auth method, with its words. */
const refusedWith = (words: string | RegExp) => ({
  code: 'request_refused',
  details: { status: 500, errors: [expect.stringMatching(words)] },
});

describe.each(modes)('keys from %s', (mode) => {
  const code = mode === 'static keys' ? 'signature_invalid' : 'unknown_key';

  test(`a token of one of the keys is let in, one of another key is refused: ${code}`, async () => {
    const name = await method(keys(mode));
    expect(await answer(name, await sign())).toBe('let in');
    const stranger = await generateSigningKey('RS256');
    const forged = await env.issuer.sign({ sub: 'vishpat', aud: null }, { key: stranger });
    expect(await answer(name, forged)).toMatchObject({ code, found: stranger.kid });
  });

  test('a token whose signature is that of another token is refused: signature_invalid', async () => {
    const name = await method(keys(mode));
    const [[header, payload], other] = [(await sign()).split('.'), (await sign()).split('.')];
    expect(await answer(name, `${header}.${payload}.${other[2]}`)).toMatchObject({ code: 'signature_invalid' });
  });
});

describe('JWTValidationPubKeys', () => {
  test('each key of the list verifies, whatever the kid, and a key that is not in it does not', async () => {
    const [rsa, ec] = [env.issuer.keys.active('RS256'), env.issuer.keys.active('ES256')];
    const both = await method({ JWTValidationPubKeys: [publicPem(ec), publicPem(rsa)] });
    const one = await method({ JWTValidationPubKeys: [publicPem(rsa)] });
    const signed = (alg: 'RS256' | 'ES256') =>
      env.issuer.sign({ sub: 'vishpat', aud: null }, { alg, header: { kid: 'of-nobody' } });
    expect(await answer(both, await signed('RS256'))).toBe('let in');
    expect(await answer(both, await signed('ES256'))).toBe('let in');
    expect(await answer(one, await signed('RS256'))).toBe('let in');
    expect(await answer(one, await signed('ES256'))).toMatchObject({
      code: 'algorithm_not_allowed',
      found: 'ES256',
    });
    const stranger = await env.issuer.sign(
      { sub: 'vishpat', aud: null },
      { key: await generateSigningKey('RS256'), header: { kid: 'of-nobody' } },
    );
    expect(await answer(one, stranger)).toMatchObject({ code: 'signature_invalid', found: 'of-nobody' });
  });

  test('text that is no key is refused when it is written, with its place in the list', async () => {
    const list = [publicPem(env.issuer.keys.active()), 'no key'];
    await expect(method({ JWTValidationPubKeys: list })).rejects.toMatchObject(
      refusedWith(/JWTValidationPubKeys\[1\]: data does not contain any valid/),
    );
  });
});

describe('OIDCDiscoveryURL', () => {
  test.each(['/', '/.well-known/openid-configuration'])(
    'with %s behind it is refused when it is written',
    async (end) => {
      await expect(method({ OIDCDiscoveryURL: `${env.issuer.url}${end}` })).rejects.toMatchObject(
        refusedWith('error checking OIDCDiscoveryURL'),
      );
    },
  );
});

test.each([
  ['none', {}],
  ['an empty list of keys and no other', { JWTValidationPubKeys: [] }],
  ['a key set and discovery', { JWKSURL: 'http://127.0.0.1:1/', OIDCDiscoveryURL: 'http://127.0.0.1:1' }],
  ['a key set and keys', { JWKSURL: 'http://127.0.0.1:1/', JWTValidationPubKeys: ['PEM'] }],
])('exactly one source of keys: %s is refused when it is written', async (_title, config) => {
  await expect(method(config)).rejects.toMatchObject(
    refusedWith("exactly one of 'JWTValidationPubKeys', 'JWKSURL', or 'OIDCDiscoveryURL' must be set"),
  );
});

test('a parameter that there is not is refused when it is written', async () => {
  await expect(method({ ...keys('a key set'), BoundSubject: 'vishpat' })).rejects.toMatchObject(
    refusedWith('invalid keys: BoundSubject'),
  );
});

test.each(['oidc', 'jwks', ''])('the type %j is refused when it is written: Community has no oidc', async (Type) => {
  await expect(method(keys('a key set'), { Type })).rejects.toMatchObject(refusedWith('Invalid Auth Method'));
});

test("NamespaceRules, which are Enterprise's, are refused when they are written", async () => {
  await expect(method(keys('a key set'), { NamespaceRules: [{ BindNamespace: 'team' }] })).rejects.toMatchObject({
    code: 'request_refused',
    details: { status: 400, errors: [expect.stringContaining('unknown field "NamespaceRules"')] },
  });
});
