import { readFileSync } from 'node:fs';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { generateSigningKey, type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { signDialect } from 'vaultproof/issuer/endpoints';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { post } from '../../../support/post.js';

let issuer: StartedIssuer;
beforeAll(async () => {
  issuer = await startIssuer({ algorithms: ['ES256', 'RS256'], dialects: [signDialect()] });
});
afterAll(() => issuer.stop());

function sign(request: unknown): Promise<Response> {
  return post(`${issuer.url}/sign`, JSON.stringify(request), { 'content-type': 'application/json' });
}
async function tokenOf(request: unknown): Promise<string> {
  const answer = await sign(request);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { token: string }).token;
}

test('claims are completed as sign() does, with placeholders filled in, and the key set verifies the token', async () => {
  const jwt = await tokenOf({
    claims: { sub: 'vishpat', aud: ['a', 'b'], email: '{{sub}}@example.com', exp: '{{now + 60}}' },
  });
  const keys = (await (await fetch(issuer.jwksUrl)).json()) as JSONWebKeySet;
  const { payload } = await jwtVerify(jwt, createLocalJWKSet(keys), { issuer: issuer.url, audience: 'b' });
  expect(payload).toMatchObject({ sub: 'vishpat', aud: ['a', 'b'], email: 'vishpat@example.com' });
  expect(Number(payload.exp) - Number(payload.iat)).toBe(60);
});

test('a token without an audience has none', async () => {
  expect(decodeJwt(await tokenOf({ claims: { sub: 'vishpat' } })).aud).toBeUndefined();
});

test('the header, the algorithm and the key can be chosen', async () => {
  const retired = await generateSigningKey('ES256', { kid: '../../etc/passwd' });
  issuer.keys.add(retired);
  issuer.keys.retire(retired.kid);
  const claims = { sub: 'vishpat' };
  expect(decodeProtectedHeader(await tokenOf({ claims, alg: 'RS256' })).alg).toBe('RS256');
  expect(decodeProtectedHeader(await tokenOf({ claims, kid: retired.kid, header: { typ: 'at+jwt' } }))).toEqual({
    alg: 'ES256',
    kid: '../../etc/passwd',
    typ: 'at+jwt',
  });
});

test('a payload is signed byte for byte', async () => {
  const [, payload = ''] = (await tokenOf({ payload: '{"sub": "a", "sub": "b"}' })).split('.');
  expect(Buffer.from(payload, 'base64url').toString()).toBe('{"sub": "a", "sub": "b"}');
});

test('a hostile token is made of the claims', async () => {
  const { sub, exp, iat } = decodeJwt(await tokenOf({ claims: { sub: 'vishpat', aud: 'a' }, hostile: 'expired' }));
  expect(sub).toBe('vishpat');
  expect(Number(exp)).toBeLessThan(issuer.clock.now());
  expect(iat).toBeDefined();
});

test.each([
  [{ claims: { aud: 'a' } }, '"sub" must be a string that is not empty'],
  [
    { claims: { sub: 'a', email: '{{mail}}' } },
    'unknown placeholder "{{mail}}"; expected one of: sub, email, iss, now, uuid',
  ],
  [{ claims: { sub: 'a' }, kid: 'none' }, 'the issuer has no key of this kid'],
  [
    { claims: { sub: 'a' }, alg: 'PS512' },
    "no key for \"PS512\" is active; active keys: RS256, ES256: start it with startIssuer({ algorithms: ['RS256', 'ES256', 'PS512'] })",
  ],
  [
    { claims: { sub: 'a' }, alg: 'HS256' },
    '"alg": Invalid option: expected one of "RS256"|"RS384"|"RS512"|"PS256"|"PS384"|"PS512"|"ES256"|"ES384"|"ES512"|"EdDSA"',
  ],
  [{ claims: { sub: 'a' }, payload: '{}' }, '"payload" is signed unchanged: leave "claims" and "hostile" out'],
  [{ claims: { sub: 'a' }, hostile: 'none' }, 'there is no hostile token of this name'],
  [{ claim: {} }, 'unknown "claim": put claims below "claims"'],
  [{ sub: 'a', aud: 'b' }, 'unknown "sub", "aud": put claims below "claims"'],
])('%j is refused', async (request, error_description) => {
  const answer = await sign(request);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error_description });
});

test('a hostile token that needs another key is refused by its name', async () => {
  await using other = await startIssuer({ algorithms: ['RS256'], dialects: [signDialect()] });
  const request = JSON.stringify({ claims: { sub: 'a' }, hostile: 'der-signature' });
  const answer = await post(`${other.url}/sign`, request, { 'content-type': 'application/json' });
  expect([answer.status, await answer.json()]).toEqual([
    400,
    {
      error: 'key_invalid',
      error_description: `the hostile token "der-signature" can't be made with a key for RS256: give an issuer that signs with ES256, or leave it out`,
    },
  ]);
});

test('the example of the reference gets a token', async () => {
  const page = readFileSync(new URL('../../../../docs/api/issuer-endpoints.md', import.meta.url), 'utf8');
  const [, example = ''] = /^## signDialect\n.*?Example:\n\n```ts\n(.*?)```/ms.exec(page) ?? [];
  const parts = ['startIssuer', 'signDialect', `${example.replace('await using', 'const')}\nreturn { issuer, token };`];
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const run = new AsyncFunction(...parts) as (...parts: unknown[]) => Promise<{ issuer: StartedIssuer; token: string }>;
  const { issuer: own, token } = await run(startIssuer, signDialect);
  expect(decodeJwt(token)).toMatchObject({ sub: 'app', aud: 'vault', iss: own.url });
  await own.stop();
});
