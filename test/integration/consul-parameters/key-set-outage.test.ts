import type { Environment } from 'vaultproof';
import { generateSigningKey, startIssuer } from 'vaultproof/issuer';
import { publicPem } from 'vaultproof/issuer/keys';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { consulParameters } from '../../support/consul-parameters.js';
import { runOn } from '../../support/engines.js';

// Discovery has the issuer's own URL, which no container reaches.
test.override({ fileServices: { vault: false, consul: runOn('process', 'consul') } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const { keys, method, answer } = consulParameters(() => env);
const JWTSupportedAlgs = ['ES256'];

/** An issuer that can go away, and what Consul is told of it. */
async function trusted(mode: 'a key set' | 'discovery') {
  const issuer = await startIssuer();
  const url = mode === 'a key set' ? { JWKSURL: issuer.jwksUrlFor(env.consul) } : { OIDCDiscoveryURL: issuer.url };
  const sign = (key = issuer.keys.active()) => issuer.sign({ sub: 'vishpat', aud: null }, { key });
  return { issuer, config: { ...url, JWTSupportedAlgs }, sign };
}
type Trusted = Awaited<ReturnType<typeof trusted>>;

const outages: Readonly<Record<string, { begin(of: Trusted): Promise<void>; words: RegExp }>> = {
  'answers 500': {
    begin: async ({ issuer }) => {
      issuer.faults.set('jwks', 'server-error');
      issuer.faults.set('discovery', 'server-error');
    },
    words: /500 Internal Server Error/,
  },
  'refuses connections': { begin: ({ issuer }) => issuer.stop(), words: /connection refused/ },
  'has a bad key among good ones': {
    begin: async ({ issuer }) => issuer.faults.set('jwks', 'poisoned-key-set'),
    words: /invalid EC public key, wrong length for x/,
  },
  'has a key of a type that Go does not know': {
    begin: async ({ issuer }) => issuer.faults.set('jwks', 'unknown-key-type'),
    words: /unsupported key type\/format/,
  },
};

describe.each(['a key set', 'discovery'] as const)('an issuer of %s', (mode) => {
  describe.each(Object.entries(outages))('that %s', (_title, { begin, words }) => {
    const unavailable = { code: 'key_set_unavailable', status: 500, serverMessage: expect.stringMatching(words) };

    test('before the first login lets nobody in', async () => {
      const parts = await trusted(mode);
      await using _stopped = parts.issuer;
      const name = await method(parts.config);
      const jwt = await parts.sign();
      await begin(parts);
      expect(await answer(name, jwt)).toMatchObject(unavailable);
    });

    test('after it lets in tokens of the keys that were fetched, and no others', async () => {
      const parts = await trusted(mode);
      await using _stopped = parts.issuer;
      const name = await method(parts.config);
      expect(await answer(name, await parts.sign())).toBe('let in');
      const next = await generateSigningKey('ES256');
      parts.issuer.keys.add(next, { publishAt: 0, activateAt: 9e9 });
      await begin(parts);
      expect(await answer(name, await parts.sign())).toBe('let in');
      expect(await answer(name, await parts.sign(next))).toMatchObject(unavailable);
      expect(await answer(name, await parts.sign())).toBe('let in');
    });
  });

  test.each(['answers 500', 'refuses connections'])(
    'that %s lets nobody in any more once another method is written',
    async (title) => {
      const parts = await trusted(mode);
      await using _stopped = parts.issuer;
      const name = await method(parts.config);
      expect(await answer(name, await parts.sign())).toBe('let in');
      await outages[title]?.begin(parts);
      expect(await answer(name, await parts.sign())).toBe('let in');
      await method({ ...keys('static keys'), JWTSupportedAlgs });
      expect(await answer(name, await parts.sign())).toMatchObject({
        code: 'key_set_unavailable',
        status: 500,
        serverMessage: expect.stringMatching(outages[title]?.words ?? /never/),
      });
    },
  );
});

test('with static keys an issuer that is away changes nothing', async () => {
  const { issuer, sign } = await trusted('a key set');
  const name = await method({ JWTValidationPubKeys: [publicPem(issuer.keys.active())] });
  await issuer.stop();
  expect(await answer(name, await sign())).toBe('let in');
});
