import type { Environment } from 'vaultproof';
import { generateSigningKey, type SigningAlgorithm } from 'vaultproof/issuer';
import { expect, test } from 'vaultproof/vitest';
import { describe, onTestFinished } from 'vitest';
import { consulParameters, plainModes } from '../../support/consul-parameters.js';
import { runOn } from '../../support/engines.js';

const listable = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'] as const;

// Discovery has the issuer's own URL, which no container reaches.
test.override({
  fileServices: {
    vault: false,
    consul: runOn('process', 'consul'),
    issuer: { algorithms: [...listable, 'EdDSA'] },
  },
});

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const { keys, method, answer } = consulParameters(() => env);
const sign = (alg: SigningAlgorithm) => env.issuer.sign({ sub: 'vishpat', aud: null }, { alg });

describe.each(listable)('JWTSupportedAlgs: %s', (alg) => {
  const other = alg === 'ES256' ? 'RS256' : 'ES256';

  test('with discovery its tokens are let in, and those of another algorithm are refused', async () => {
    const name = await method({ ...keys('discovery'), JWTSupportedAlgs: [alg] });
    expect(await answer(name, await sign(alg))).toBe('let in');
    expect(await answer(name, await sign(other))).toMatchObject({
      code: 'algorithm_not_allowed',
      expected: [alg],
      found: other,
    });
  });

  test.each(plainModes)('with keys from %s tokens of other algorithms are let in as well', async (mode) => {
    const name = await method({ ...keys(mode), JWTSupportedAlgs: [alg] });
    expect(await answer(name, await sign(alg))).toBe('let in');
    expect(await answer(name, await sign(other))).toBe('let in');
  });
});

describe('without JWTSupportedAlgs', () => {
  // Consul's document says RS256; what it takes is what the provider says of itself.
  test('discovery takes what the discovery document lists, EdDSA among it', async () => {
    const name = await method(keys('discovery'));
    for (const alg of [...listable, 'EdDSA'] as const) expect(await answer(name, await sign(alg))).toBe('let in');
  });

  test.each([
    ['names one algorithm takes that', ['PS384'], 'PS384'],
    ['names none takes RS256', undefined, 'RS256'],
  ] as const)('discovery whose document %s, and nothing else', async (_title, listed, taken) => {
    const { faults } = env.issuer;
    onTestFinished(() => faults.clear());
    faults.set('discovery', { body: (right) => ({ ...right, id_token_signing_alg_values_supported: listed }) });
    const name = await method(keys('discovery'));
    for (const alg of [...listable, 'EdDSA'] as const) {
      const refused = expect.objectContaining({ code: 'algorithm_not_allowed', expected: [taken], found: alg });
      expect(await answer(name, await sign(alg))).toEqual(alg === taken ? 'let in' : refused);
    }
  });

  test.each(plainModes)('keys from %s verify tokens of all ten algorithms', async (mode) => {
    const name = await method(keys(mode));
    for (const alg of [...listable, 'EdDSA'] as const) expect(await answer(name, await sign(alg))).toBe('let in');
  });
});

describe('EdDSA', () => {
  test.each(['EdDSA', 'HS256', 'none', 'rs256'])(
    'JWTSupportedAlgs with %s is refused when it is written',
    async (alg) => {
      await expect(method({ ...keys('discovery'), JWTSupportedAlgs: ['RS256', alg] })).rejects.toMatchObject({
        code: 'request_refused',
        details: { errors: [expect.stringContaining(`Invalid supported algorithm: ${alg}`)] },
      });
    },
  );

  test('with discovery its tokens are refused, and a whole list does not help', async () => {
    const name = await method({ ...keys('discovery'), JWTSupportedAlgs: [...listable] });
    expect(await answer(name, await sign('EdDSA'))).toMatchObject({ code: 'algorithm_not_allowed', found: 'EdDSA' });
  });

  test('with a key set a token of an EdDSA key that is not in it is refused', async () => {
    const key = await generateSigningKey('EdDSA');
    const jwt = await env.issuer.sign({ sub: 'vishpat', aud: null }, { key });
    expect(await answer(await method(keys('a key set')), jwt)).toMatchObject({ code: 'unknown_key', found: key.kid });
  });
});
