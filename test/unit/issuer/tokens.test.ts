import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import {
  completeClaims,
  generateSigningKey,
  type StartedIssuer,
  startIssuer,
  type TokenClaims,
} from 'vaultproof/issuer';
import { github } from 'vaultproof/issuer/presets';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const vishpat = { sub: 'vishpat', aud: 'damage_inc' };
let issuer: StartedIssuer;

beforeAll(async () => {
  issuer = await startIssuer({ algorithms: ['ES256', 'RS256'] });
});
afterAll(() => issuer.stop());

describe.each(['ES256', 'RS256'] as const)('a token signed with %s', (alg) => {
  test('is verified by the published key set', async () => {
    const keySet = createRemoteJWKSet(new URL(issuer.jwksUrl));
    const { payload, protectedHeader } = await jwtVerify(await issuer.sign(vishpat, { alg }), keySet, {
      issuer: issuer.url,
      audience: 'damage_inc',
      subject: 'vishpat',
      algorithms: [alg],
    });
    expect(payload).toMatchObject({ sub: 'vishpat', aud: 'damage_inc', iss: issuer.url });
    expect(protectedHeader).toEqual({
      alg,
      typ: 'JWT',
      kid: issuer.keys.active(alg).kid,
    });
  });
});

test('a token signed with a key that is not published is not verified', async () => {
  const jwt = await issuer.sign(vishpat, { key: await generateSigningKey() });
  await expect(jwtVerify(jwt, createRemoteJWKSet(new URL(issuer.jwksUrl)))).rejects.toMatchObject({
    code: 'ERR_JWKS_NO_MATCHING_KEY',
  });
});

describe('a token', () => {
  test('is signed with the first algorithm, lasts five minutes and has an id of its own', async () => {
    const before = Math.floor(Date.now() / 1000);
    const [first, second] = await Promise.all([issuer.sign(vishpat), issuer.sign(vishpat)]);
    const claims = decodeJwt(first);
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sub']);
    expect(claims.iat).toBeGreaterThanOrEqual(before);
    expect(claims.iat).toBeLessThanOrEqual(before + 10);
    expect(claims.exp).toBe(Number(claims.iat) + 300);
    expect(claims.jti).toMatch(/^[0-9a-f-]{36}$/);
    expect(decodeJwt(second).jti).not.toBe(claims.jti);
    expect(decodeProtectedHeader(first).alg).toBe('ES256');
  });

  test('carries whatever it is told to', async () => {
    const claims = {
      ...vishpat,
      aud: ['a', 'b'],
      iss: 'https://elsewhere.example',
      iat: 1_700_000_000,
      nbf: 1_700_000_001,
      exp: 1_700_000_600,
      jti: 'one',
      groups: ['red', 'blue'],
      nested: { yes: true, nothing: null },
    };
    expect(decodeJwt(await issuer.sign(claims))).toEqual(claims);
  });

  test('lasts from its own iat', async () => {
    expect(decodeJwt(await issuer.sign({ ...vishpat, iat: 1_000 }))).toMatchObject({
      iat: 1_000,
      exp: 1_300,
    });
  });
});

test('an aud may be a text, a list, or left out when that is asked for', async () => {
  const audOf = async (aud: TokenClaims['aud']) => decodeJwt(await issuer.sign({ sub: 'vishpat', aud })).aud;
  expect(await audOf('damage_inc')).toBe('damage_inc');
  expect(await audOf(['damage_inc'])).toEqual(['damage_inc']);
  expect(await audOf(null)).toBeUndefined();
});

test.each(['JWT', 'at+jwt', 'application/at+jwt', 'secevent+jwt'])(
  'the typ %s is in the header as told',
  async (typ) => {
    const jwt = await issuer.sign(vishpat, { header: { typ } });
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'ES256', kid: issuer.keys.active().kid, typ });
  },
);

test('10,000 tokens have 10,000 ids', () => {
  const ids = Array.from({ length: 10_000 }, () => completeClaims(vishpat, { issuer: issuer.url, now: 0 })['jti']);
  expect(new Set(ids).size).toBe(10_000);
});

test('the iss is that of the discovery document, byte for byte', async () => {
  const document = await (await fetch(`${issuer.url}/.well-known/openid-configuration`)).json();
  expect(decodeJwt(await issuer.sign(vishpat)).iss).toBe((document as { issuer: string }).issuer);
});

describe('sign is used wrongly', () => {
  test.each(['none', 'HS256', 'es256', ''])('signing with the algorithm "%s" is wrong use', async (alg) => {
    await expect(issuer.sign(vishpat, { alg: alg as 'ES256' })).rejects.toMatchObject({ code: 'no_active_key' });
  });

  test.each(['ISS', 'Sub', 'AUD', 'eXp', 'nbF', 'IAT', 'Jti', 'iſs', 'ſub'])(
    'signing the claim "%s", which some verifiers read as a registered one, is wrong use',
    async (name) => {
      await expect(issuer.sign({ ...vishpat, [name]: 1 })).rejects.toThrow(TypeError);
    },
  );

  test.each<[string, Record<string, unknown>]>([
    ['without sub', { aud: 'a' }],
    ['with an empty sub', { sub: '', aud: 'a' }],
    ['with a number for sub', { sub: 1, aud: 'a' }],
    ['without aud', { sub: 'a' }],
    ['with a number for aud', { sub: 'a', aud: 1 }],
    ['with a date for exp', { ...vishpat, exp: new Date() }],
    ['with text for iat', { ...vishpat, iat: '1' }],
    ['with NaN for nbf', { ...vishpat, nbf: Number.NaN }],
    ['with infinity for exp', { ...vishpat, exp: Number.POSITIVE_INFINITY }],
    ['with an exp before its iat', { ...vishpat, iat: 100, exp: 99 }],
    ['with an exp at its iat', { ...vishpat, iat: 100, exp: 100 }],
  ])('%s', async (_how, claims) => {
    await expect(issuer.sign(claims as TokenClaims)).rejects.toThrow(TypeError);
  });

  test.each([
    [{ exp: 100 }, ': give "iat", too, or move issuer.clock'],
    [{ exp: 100, iat: 100 }, 'must be later than "iat", 100'],
  ])('with %j, whose message says what to do', async (times, end) => {
    const error = await issuer.sign({ ...vishpat, ...times }).catch((reason: Error) => reason.message);
    expect(error).toMatch(/^"exp" is 100, and must be later than "iat", \d+/);
    expect(String(error).endsWith(end)).toBe(true);
  });

  test('signing with an algorithm for which the issuer has no key is wrong use', async () => {
    await using other = await startIssuer({ algorithms: ['ES256'] });
    await expect(other.sign(vishpat, { alg: 'RS256' })).rejects.toMatchObject({
      code: 'no_active_key',
      message:
        "no key for \"RS256\" is active; active keys: ES256: start it with startIssuer({ algorithms: ['ES256', 'RS256'] })",
    });
  });
});

test('a header can’t say another algorithm than the key’s', async () => {
  await expect(issuer.sign(vishpat, { header: { alg: 'none' } })).rejects.toThrow(TypeError);
  expect(decodeProtectedHeader(await issuer.sign(vishpat, { header: { alg: 'ES256' } })).alg).toBe('ES256');
});

describe('a token that a vendor signs with another algorithm', () => {
  const job = github({ repository: 'acme/app', repositoryId: '74', audience: 'https://vault.example' });

  test('has a key made for it, once, and the issuer signs with its own by default', async () => {
    await using issuer = await startIssuer();
    const own = issuer.keys.active();
    const jwts = await Promise.all([1, 2, 3].map(() => issuer.sign(job)));
    expect(issuer.keys.published().map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
    const keys = createRemoteJWKSet(new URL(issuer.jwksUrl));
    for (const jwt of jwts) expect((await jwtVerify(jwt, keys)).protectedHeader.alg).toBe('RS256');
    expect(issuer.keys.active()).toBe(own);
  });

  test('is signed by no new key where the old one was retired', async () => {
    await using issuer = await startIssuer({ algorithms: ['ES256', 'RS256'] });
    issuer.keys.retire(issuer.keys.active('RS256').kid);
    await expect(issuer.sign(job)).rejects.toMatchObject({ code: 'no_active_key' });
  });

  test('is no reason to make a key where the caller asks for an algorithm', async () => {
    await using issuer = await startIssuer();
    await expect(issuer.sign(job, { alg: 'PS256' })).rejects.toMatchObject({ code: 'no_active_key' });
  });
});
