import type { Page } from 'playwright-core';
import { generateSigningKey, type StartedIssuer, signCompact, signingAlgorithms, startIssuer } from 'vaultproof/issuer';
import { pageDialect, signDialect } from 'vaultproof/issuer/endpoints';
import { hostileTokens } from 'vaultproof/issuer/hostile';
import { publicPem, sharedSecret } from 'vaultproof/issuer/keys';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sharedChromium } from '../../../support/chromium.js';
import { requires } from '../../../support/requirement.js';

beforeEach(requires('chromium'));
const open = sharedChromium();

let issuer: StartedIssuer;
beforeAll(async () => {
  issuer = await startIssuer({ dialects: [pageDialect(), signDialect()] });
});
afterAll(() => issuer.stop());

/** Pastes a token and returns the verdict on it. */
async function debug(page: Page, token: string): Promise<string> {
  await page.fill('#token', '');
  await page.locator('#verdict:not(.valid):not(.refused)').waitFor();
  await page.fill('#token', token);
  await page.locator('#verdict.valid, #verdict.refused').waitFor();
  return (await page.locator('#verdict').textContent()) ?? '';
}

const now = () => Math.floor(Date.now() / 1000);

test('a token that is pasted is decoded and verified without a request', async () => {
  const { page, requests } = await open(issuer.url);
  await page.uncheck('#auto-refresh');
  await page.context().setOffline(true);
  const before = requests.length;
  const token = await issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  expect(await debug(page, token)).toBe('Valid: no check failed');
  expect(await page.locator('#decoded-header').textContent()).toContain('"alg": "ES256"');
  expect(await page.locator('#checks').textContent()).toMatch(/ends in (5 min|4 min 5\d s) \(\d{4}-/);
  for (const part of token.split('.')) await page.locator('#token').pressSequentially(part.slice(0, 5));
  expect(requests.slice(before).map((request) => request.url())).toEqual([]);
});

test('a tampered token is refused for its signature, and its claims are checked all the same', async () => {
  const { page } = await open(issuer.url);
  const [header, , signature] = (await issuer.sign({ sub: 'vishpat', aud: 'damage_inc' })).split('.');
  const claims = Buffer.from(JSON.stringify({ sub: 'root', iss: issuer.url, exp: 1_000_000_000 })).toString(
    'base64url',
  );
  expect(await debug(page, `${header}.${claims}.${signature}`)).toBe('Refused: signature (signature_invalid)');
  expect(await page.locator('.check.failed strong').allTextContents()).toEqual(['signature', 'exp']);
});

test.each([
  ['expected-iss', 'https://elsewhere.invalid', 'Refused: iss (issuer_mismatch)'],
  ['expected-sub', 'mallory', 'Refused: sub (subject_mismatch)'],
  ['expected-aud', 'elsewhere', 'Refused: aud (audience_mismatch)'],
])('%s is compared where it is filled in', async (field, value, verdict) => {
  const { page } = await open(issuer.url);
  expect(await debug(page, await issuer.sign({ sub: 'vishpat', aud: ['a', 'b'] }))).toBe('Valid: no check failed');
  await page.fill(`#${field}`, value);
  await page.locator('#verdict.refused').waitFor();
  expect(await page.locator('#verdict').textContent()).toBe(verdict);
});

test('the leeway counts for every time', async () => {
  const { page } = await open(issuer.url);
  const claims = { sub: 'vishpat', aud: null };
  const expired = await issuer.sign({ ...claims, iat: now() - 600, exp: now() - 30 });
  const early = await issuer.sign({ ...claims, iat: now() + 30, nbf: now() + 30 });
  expect(await debug(page, expired)).toBe('Refused: exp (token_expired)');
  expect(await debug(page, early)).toBe('Refused: nbf (token_not_yet_valid)');
  await page.fill('#leeway', '60');
  expect(await debug(page, expired)).toBe('Valid: no check failed');
  expect(await debug(page, early)).toBe('Valid: no check failed');
});

test('a token that expires while it is looked at is refused from then on', async () => {
  const { page } = await open(issuer.url);
  expect(await debug(page, await issuer.sign({ sub: 'vishpat', aud: null, exp: now() + 3 }))).toBe(
    'Valid: no check failed',
  );
  await page.locator('#verdict.refused', { hasText: 'token_expired' }).waitFor();
});

test.each(signingAlgorithms)('a pasted key verifies %s as PEM, as a JWK and in a key set', async (alg) => {
  const { page } = await open(issuer.url);
  const [key, other] = await Promise.all([generateSigningKey(alg), generateSigningKey(alg)]);
  const token = await signCompact(key, { sub: 'vishpat', exp: now() + 300 });
  expect(await debug(page, token)).toBe('Refused: key (unknown_key)');
  await page.selectOption('#key-source', 'pasted');
  const keySet = { keys: [other.publicJwk, key.publicJwk] };
  for (const pasted of [publicPem(key), JSON.stringify(key.publicJwk), JSON.stringify(keySet)]) {
    await page.fill('#pasted', pasted);
    expect(await debug(page, token)).toBe('Valid: no check failed');
  }
  await page.fill('#pasted', publicPem(other));
  expect(await debug(page, token)).toBe('Refused: signature (signature_invalid)');
});

test('a key of another kind, a private key and what is no key are said to be so', async () => {
  const { page } = await open(issuer.url);
  const [rsa, ec] = await Promise.all([generateSigningKey('RS256'), generateSigningKey('ES256')]);
  const token = await signCompact(ec, { exp: now() + 300 });
  await page.selectOption('#key-source', 'pasted');
  const said = async (pasted: string): Promise<string> => {
    await page.fill('#pasted', pasted);
    await debug(page, token);
    return (await page.locator('.check.failed .detail').first().textContent()) ?? '';
  };
  expect(await said(publicPem(rsa))).toBe(`the key can't verify "ES256": it is of another kind, or broken`);
  expect(await said(JSON.stringify({ ...rsa.publicJwk, kid: ec.kid }))).toBe(
    'the key is for "RS256", the token says "ES256"',
  );
  expect(await said(String(ec.privateKey?.export({ type: 'pkcs8', format: 'pem' })))).toBe(
    'that is a private key: paste its public half',
  );
  expect(await said(JSON.stringify(ec.privateKey?.export({ format: 'jwk' })))).toBe(
    'a pasted key is a private one: paste its public half',
  );
  expect(await said('a key')).toBe('that is not a key: paste PEM, a JWK or a key set');
});

test.each(['HS256', 'HS384', 'HS512'] as const)(
  'a shared secret verifies %s, as text and as base64url',
  async (alg) => {
    const { page } = await open(issuer.url);
    const text = 'a secret that is sixty-four bytes long, as all of these want it!';
    const token = await signCompact(sharedSecret(text, alg), { exp: now() + 300 });
    expect(await debug(page, token)).toBe('Refused: alg (algorithm_not_allowed)');
    await page.selectOption('#key-source', 'secret');
    expect(await debug(page, token)).toBe('Refused: key (unknown_key)');
    await page.fill('#secret', text);
    expect(await debug(page, token)).toBe('Valid: no check failed');
    await page.check('#secret-is-base64url');
    await page.fill('#secret', Buffer.from(text).toString('base64url'));
    expect(await debug(page, token)).toBe('Valid: no check failed');
    await page.fill('#secret', 'AAAA');
    expect(await debug(page, token)).toBe('Refused: signature (signature_invalid)');
    expect(await page.locator('#hints').textContent()).toContain('Neither Vault nor Consul accepts HS*');
  },
);

test('a key of the issuer that is not in its key set is said to be so', async () => {
  const { page } = await open(issuer.url);
  const retired = await generateSigningKey();
  issuer.keys.add(retired);
  issuer.keys.retire(retired.kid);
  await page.click('#refresh');
  await page.locator('.key', { hasText: retired.kid }).waitFor();
  await debug(page, await issuer.sign({ sub: 'vishpat', aud: null }, { key: retired }));
  expect(await page.locator('.check.failed .detail').first().textContent()).toBe(
    `the issuer's key "${retired.kid}" is retired, so it is not in the key set`,
  );
});

test('every hostile token has the outcome that verifyToken has', async () => {
  const { page } = await open(issuer.url);
  const keys = issuer.keys.published().map(({ publicJwk: jwk }) => ({ jwk }));
  const expected = { keys, issuer: issuer.url, subject: 'vishpat', audience: 'damage_inc', leeway: 0 };
  const outcomes: Record<string, string> = {};
  for (const { name, make } of hostileTokens) {
    const token = await make(issuer, { sub: 'vishpat', aud: 'damage_inc' });
    outcomes[name] = String(
      await page.evaluate(`(async () => {
        const { decode } = await import('/page/jwt.js');
        const { verify } = await import('/page/verify.js');
        const checks = await verify(decode(${JSON.stringify(token)}), ${JSON.stringify({ ...expected, now: now() })});
        return checks.find(({ outcome }) => outcome === 'failed')?.code ?? 'valid';
      })()`),
    );
  }
  const wanted = hostileTokens.map(({ name, verify }) => [name, typeof verify === 'string' ? verify : 'valid']);
  expect(outcomes).toEqual(Object.fromEntries(wanted));
});

test.each(
  hostileTokens
    .map(({ name }) => name)
    .filter((name) => /^(large|oversize|deep-nesting|json-serialisation|invalid-utf8)$/.test(name)),
)('the hostile token "%s" is shown without harm', async (name) => {
  const { page } = await open(issuer.url);
  const token = await hostileTokens
    .find((one) => one.name === name)
    ?.make(issuer, { sub: 'vishpat', aud: 'damage_inc' });
  expect(await debug(page, String(token))).toMatch(
    /^(Refused: form \(token_(malformed|too_large)\)|Valid: no check failed)$/,
  );
});

test('what is peculiar to Vault is hinted', async () => {
  const { page } = await open(issuer.url);
  const hints = async (claims: object): Promise<string[]> => {
    await debug(page, await signCompact(issuer.keys.active(), claims));
    return page.locator('#hints li').allTextContents();
  };
  expect(await hints({ iss: issuer.url, sub: 'a', aud: 'b', iat: now(), exp: now() + 300 })).toEqual([
    'It has an aud: a Vault role without bound_audiences refuses it.',
  ]);
  expect(await hints({ iat: now() })).toEqual([
    'It has no aud: a Vault role with bound_audiences refuses it.',
    'It has no iss: Vault compares it only where bound_issuer is set.',
    'It has no sub: a role with user_claim=sub finds no user.',
    'It has no exp: Vault and Consul let it in all the same, by default until 210 s after its nbf or iat.',
  ]);
});
