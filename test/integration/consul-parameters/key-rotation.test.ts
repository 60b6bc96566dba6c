import type { Environment } from 'vaultproof';
import { generateSigningKey, type Issuer, type Publication, type SigningKey } from 'vaultproof/issuer';
import { publicPem } from 'vaultproof/issuer/keys';
import { expect, test } from 'vaultproof/vitest';
import { afterAll, beforeAll, describe } from 'vitest';
import { type ConsulAcl, consulAcl } from '../../support/consul-jwt.js';
import { consulParameters } from '../../support/consul-parameters.js';
import { runOn } from '../../support/engines.js';

// Discovery has the issuer's own URL, which no container reaches.
test.override({ fileServices: { vault: false, consul: runOn('process', 'consul') } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const { method, answer } = consulParameters(() => env);
const JWTSupportedAlgs = ['ES256'];
let acl: ConsulAcl;
let count = 0;

beforeAll(() => {
  // An explained refusal reads the key set, too: who counts fetches logs in without.
  acl = consulAcl(env.consul);
});
afterAll(() => acl?.close());

/** An issuer of its own, and a method with its keys. */
async function trusted(mode: 'a key set' | 'discovery') {
  const issuer = await env.issuer.addIssuer(`/rotating-${++count}`);
  const url = {
    'a key set': { JWKSURL: env.issuer.jwksUrlFor(env.consul, issuer) },
    discovery: { OIDCDiscoveryURL: issuer.url },
  };
  const name = await method({ ...url[mode], JWTSupportedAlgs });
  const sign = (key: SigningKey = issuer.keys.active(), header = {}) =>
    issuer.sign({ sub: 'vishpat', aud: null }, { key, header });
  return { issuer, name, sign };
}

/** The statuses of logins, and how often the key set was fetched for them. */
async function fetchedFor({ fetches }: Publication, name: string, ...tokens: readonly string[]) {
  const before = fetches.jwks;
  const statuses: number[] = [];
  for (const jwt of tokens) statuses.push((await acl.login(name, jwt)).status);
  return { statuses, fetches: fetches.jwks - before };
}

async function newKey(issuer: Issuer): Promise<SigningKey> {
  const key = await generateSigningKey('ES256');
  issuer.keys.add(key);
  return key;
}

describe.each(['a key set', 'discovery'] as const)('with keys from %s', (mode) => {
  test('the key set is fetched at the first login, and for a known key never again', async () => {
    const { issuer, name, sign } = await trusted(mode);
    expect(await fetchedFor(issuer, name, await sign())).toEqual({ statuses: [200], fetches: 1 });
    const more = [await sign(), await sign(), await sign(), await sign(), await sign()];
    expect(await fetchedFor(issuer, name, ...more)).toEqual({ statuses: [200, 200, 200, 200, 200], fetches: 0 });
  });

  test('five rotations are five fetches, and each new key logs in at once', async () => {
    const { issuer, name, sign } = await trusted(mode);
    await acl.login(name, await sign());
    for (let rotation = 0; rotation < 5; rotation += 1) {
      const key = await issuer.keys.rotate({ overlapSeconds: 0 });
      expect(await fetchedFor(issuer, name, await sign(key), await sign(key))).toEqual({
        statuses: [200, 200],
        fetches: 1,
      });
    }
    expect(issuer.keys.published()).toHaveLength(1);
  });

  test('all that were published before the first login cost one fetch together', async () => {
    const { issuer, name, sign } = await trusted(mode);
    const tokens = [await sign(), await sign(await newKey(issuer)), await sign(await newKey(issuer))];
    expect(await fetchedFor(issuer, name, ...tokens)).toEqual({ statuses: [200, 200, 200], fetches: 1 });
  });

  test('a removed key is let in until something forces a fetch, and is refused from then on', async () => {
    const { issuer, name, sign } = await trusted(mode);
    const old = issuer.keys.active();
    expect(await answer(name, await sign(old))).toBe('let in');
    const next = await issuer.keys.rotate({ overlapSeconds: 0 });
    expect(await answer(name, await sign(old))).toBe('let in');
    expect(await answer(name, await sign(next))).toBe('let in');
    expect(await answer(name, await sign(old))).toMatchObject({
      code: 'unknown_key',
      expected: [next.kid],
      found: old.kid,
    });
  });

  test('every token with an unknown kid costs a fetch, the same one again, too', async () => {
    const { issuer, name, sign } = await trusted(mode);
    await acl.login(name, await sign());
    const strange = await sign(await generateSigningKey('ES256'));
    const tokens = [strange, strange, strange, await sign(await generateSigningKey('ES256'))];
    expect(await fetchedFor(issuer, name, ...tokens)).toEqual({ statuses: [500, 500, 500, 500], fetches: 4 });
  });

  test('so does every token with a known kid and a bad signature', async () => {
    const { issuer, name, sign } = await trusted(mode);
    const good = await sign();
    await acl.login(name, good);
    const { kid } = issuer.keys.active();
    const forged = await sign(await generateSigningKey('ES256'), { kid });
    expect(await fetchedFor(issuer, name, forged, forged, good)).toEqual({ statuses: [500, 500, 200], fetches: 2 });
    expect(await answer(name, forged)).toMatchObject({ code: 'signature_invalid', found: kid });
  });

  test('a token without a kid is held against every key', async () => {
    const { issuer, name, sign } = await trusted(mode);
    const second = await newKey(issuer);
    const anonymous = (key: SigningKey) => sign(key, { kid: undefined });
    const [known, unknown] = [await anonymous(second), await anonymous(await generateSigningKey('ES256'))];
    expect(await fetchedFor(issuer, name, known, known)).toEqual({ statuses: [200, 200], fetches: 1 });
    expect(await answer(name, unknown)).toMatchObject({ code: 'signature_invalid', found: null });
  });

  test('Cache-Control on the key set counts for nothing', async () => {
    for (const header of ['public, max-age=3600', 'no-store']) {
      const { issuer, name, sign } = await trusted(mode);
      issuer.faults.set('jwks', { headers: { 'Cache-Control': header } });
      expect(await fetchedFor(issuer, name, await sign(), await sign())).toEqual({ statuses: [200, 200], fetches: 1 });
      const next = await newKey(issuer);
      expect(await fetchedFor(issuer, name, await sign(next), await sign(next))).toEqual({
        statuses: [200, 200],
        fetches: 1,
      });
    }
  });

  test('once another method is written, the next login fetches anew, and a removed key is refused', async () => {
    const { issuer, name, sign } = await trusted(mode);
    const old = issuer.keys.active();
    await acl.login(name, await sign(old));
    const next = await issuer.keys.rotate({ overlapSeconds: 0 });
    await acl.login(name, await sign(old));
    const discovered = issuer.fetches.discovery;
    await method({ JWTValidationPubKeys: [publicPem(next)] });
    expect((await fetchedFor(issuer, name, await sign(old))).statuses).toEqual([500]);
    expect(issuer.fetches.discovery - discovered).toBe(mode === 'discovery' ? 2 : 0);
  });
});

test('with static keys a rotation is a write: both keys, then the new one alone', async () => {
  const [old, next] = [await generateSigningKey('ES256'), await generateSigningKey('ES256')];
  const config = (...list: SigningKey[]) => ({ JWTValidationPubKeys: list.map(publicPem), JWTSupportedAlgs });
  const name = await method(config(old));
  const rewrite = (...list: SigningKey[]) => acl.writeMethod(name, config(...list));
  const answers = async () => {
    const tokens = [old, next].map((key) => env.issuer.sign({ sub: 'vishpat', aud: null }, { key }));
    const [first = '', second = ''] = await Promise.all(tokens);
    return [(await acl.login(name, first)).status, (await acl.login(name, second)).status];
  };
  expect(await answers()).toEqual([200, 500]);
  await rewrite(old, next);
  expect(await answers()).toEqual([200, 200]);
  await rewrite(next);
  expect(await answers()).toEqual([500, 200]);
});
