import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { consulParameters, modes, plainModes } from '../../support/consul-parameters.js';
import { runOn } from '../../support/engines.js';

// Discovery has the issuer's own URL, which no container reaches.
test.override({
  fileServices: {
    vault: false,
    consul: runOn('process', 'consul'),
    issuer: { algorithms: ['RS256'] },
  },
});

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const { keys, method, sign, answer } = consulParameters(() => env);
const ELSEWHERE = 'https://elsewhere.example';

describe.each(plainModes)('BoundIssuer, with keys from %s', (mode) => {
  test('a token with this iss is let in, and one with another, in capitals, with a slash or none is refused', async () => {
    const name = await method({ ...keys(mode), BoundIssuer: 'https://issuer.example' });
    expect(await answer(name, await sign({ iss: 'https://issuer.example' }))).toBe('let in');
    for (const iss of [ELSEWHERE, 'https://ISSUER.example', 'https://issuer.example/', null]) {
      expect(await answer(name, await sign({ iss }))).toMatchObject({
        code: 'issuer_mismatch',
        expected: 'https://issuer.example',
        found: iss,
      });
    }
  });

  test('a token with any iss, or without one, is let in where there is no BoundIssuer', async () => {
    const name = await method(keys(mode));
    for (const iss of [ELSEWHERE, null]) expect(await answer(name, await sign({ iss }))).toBe('let in');
  });
});

describe('BoundIssuer, with discovery', () => {
  test('BoundIssuer is ignored: the iss must be the OIDCDiscoveryURL', async () => {
    const name = await method({ ...keys('discovery'), BoundIssuer: ELSEWHERE });
    expect(await answer(name, await sign())).toBe('let in');
    for (const iss of [ELSEWHERE, `${env.issuer.url}/`, null]) {
      expect(await answer(name, await sign({ iss }))).toMatchObject({
        code: 'issuer_mismatch',
        expected: env.issuer.url,
        found: iss,
      });
    }
  });
});

describe.each(modes)('BoundAudiences, with keys from %s', (mode) => {
  test('a token for one of them is let in, be aud a string or a list', async () => {
    const name = await method({ ...keys(mode), BoundAudiences: ['consul', 'nomad'] });
    for (const aud of ['consul', 'nomad', ['consul'], ['elsewhere', 'nomad']]) {
      expect(await answer(name, await sign({ aud }))).toBe('let in');
    }
  });

  test('a token for another, in capitals, for nobody or without aud is refused', async () => {
    const name = await method({ ...keys(mode), BoundAudiences: ['consul', 'nomad'] });
    for (const aud of ['elsewhere', 'CONSUL', 'consul,nomad', ['elsewhere', 'nowhere'], [], null]) {
      expect(await answer(name, await sign({ aud }))).toMatchObject({
        code: 'audience_mismatch',
        expected: ['consul', 'nomad'],
        found: aud,
      });
    }
  });

  test('a token without aud, or with an empty list, is let in where there are no BoundAudiences', async () => {
    const name = await method(keys(mode));
    for (const aud of [null, []]) expect(await answer(name, await sign({ aud }))).toBe('let in');
  });
});

test.each(plainModes)('without BoundAudiences, with keys from %s, a token with an aud is refused', async (mode) => {
  for (const bound of [{}, { BoundAudiences: [] }]) {
    const name = await method({ ...keys(mode), ...bound });
    for (const aud of ['consul', ['consul', 'nomad']]) {
      expect(await answer(name, await sign({ aud }))).toMatchObject({ code: 'audience_unbound', found: aud });
    }
  }
});

test('without BoundAudiences, with discovery, a token for anybody is let in', async () => {
  const name = await method(keys('discovery'));
  for (const aud of ['consul', ['consul', 'nomad']]) expect(await answer(name, await sign({ aud }))).toBe('let in');
});
