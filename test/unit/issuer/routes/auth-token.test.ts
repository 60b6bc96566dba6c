import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { authTokenDialect } from 'vaultproof/issuer/endpoints';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { post } from '../../../support/post.js';

const JSON_TYPE = { 'content-type': 'application/json' };
let issuer: StartedIssuer;

beforeAll(async () => {
  issuer = await startIssuer({ algorithms: ['RS256', 'ES256'], dialects: [authTokenDialect()] });
});
afterAll(() => issuer.stop());

async function keySet(): Promise<JSONWebKeySet> {
  return (await (await fetch(`${issuer.url}/auth/jwks`)).json()) as JSONWebKeySet;
}

test('the token is the whole answer, as plain text, and the first key of /auth/jwks verifies it', async () => {
  const answer = await post(`${issuer.url}/auth/token`, '{"name": "vishpat"}', JSON_TYPE);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const jwt = await answer.text();
  expect(jwt).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(decodeProtectedHeader(jwt).alg).toBe('ES256');
  const { keys } = await keySet();
  const { payload } = await jwtVerify(jwt, createLocalJWKSet({ keys: keys.slice(0, 1) }));
  expect(payload.sub).toBe('vishpat');
});

test('a token has sub, iat and exp, an hour later, and no other claim', async () => {
  issuer.clock.moveTo(4_000_000_000);
  const answer = await post(`${issuer.url}/auth/token`, '{"name": "vishpat"}', JSON_TYPE);
  issuer.clock.reset();
  const { iat = 0, ...claims } = decodeJwt(await answer.text());
  expect(iat).toBeGreaterThanOrEqual(4_000_000_000);
  expect(claims).toEqual({ sub: 'vishpat', exp: iat + 3600 });
});

test('/auth/jwks has the key for ES256 and no other', async () => {
  expect((await keySet()).keys.map(({ alg }) => alg)).toEqual(['ES256']);
});

test('after a rotation /auth/jwks has both keys, the one that signs first', async () => {
  await using rotating = await startIssuer({ dialects: [authTokenDialect()] });
  const old = rotating.keys.active().kid;
  const { kid } = await rotating.keys.rotate();
  const { keys } = (await (await fetch(`${rotating.url}/auth/jwks`)).json()) as JSONWebKeySet;
  expect(keys.map((key) => key.kid)).toEqual([kid, old]);
});

test('a Content-Type with a charset will do', async () => {
  const type = { 'content-type': 'Application/JSON; charset=utf-8' };
  expect((await post(`${issuer.url}/auth/token`, '{"name": "vishpat"}', type)).status).toBe(200);
});

test.each(['application/x-www-form-urlencoded', 'text/plain'])('the Content-Type %s is refused', async (type) => {
  const answer = await post(`${issuer.url}/auth/token`, '{"name": "vishpat"}', { 'content-type': type });
  expect(answer.status).toBe(415);
  expect(await answer.json()).toEqual({ error: "the body's Content-Type must be application/json" });
});

test.each([
  ['', 'the body is not JSON'],
  ['{"name": "vishpat"', 'the body is not JSON'],
  ['{}', '"name" must be a string that is not empty'],
  ['{"name": ""}', '"name" must be a string that is not empty'],
  ['{"name": ["vishpat"]}', '"name" must be a string that is not empty'],
])('the body %j is refused', async (body, error) => {
  const answer = await post(`${issuer.url}/auth/token`, body, JSON_TYPE);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ error });
});

test.each([
  ['/auth/token', 'GET', 'POST'],
  ['/auth/token', 'PUT', 'POST'],
  ['/auth/jwks', 'POST', 'GET, HEAD'],
])('%s does not take %s', async (path, method, allow) => {
  const answer = await fetch(issuer.url + path, { method });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe(allow);
});

test('/auth/jwks is empty where there is no key for ES256', async () => {
  await using other = await startIssuer({ algorithms: ['RS256'], dialects: [authTokenDialect()] });
  expect(await (await fetch(`${other.url}/auth/jwks`)).json()).toEqual({ keys: [] });
});

test('an issuer without a key for ES256 says so', async () => {
  await using other = await startIssuer({ algorithms: ['RS256'], dialects: [authTokenDialect()] });
  const answer = await post(`${other.url}/auth/token`, '{"name": "vishpat"}', JSON_TYPE);
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({
    error:
      "no key for \"ES256\" is active; active keys: RS256: start it with startIssuer({ algorithms: ['RS256', 'ES256'] })",
  });
});
