import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { appMeshDialect, signDialect } from 'vaultproof/issuer/endpoints';
import { hostileTokens } from 'vaultproof/issuer/hostile';
import { fixedUsers } from 'vaultproof/issuer/users';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { post } from '../../../support/post.js';

let issuer: StartedIssuer;
beforeAll(async () => {
  const users = await fixedUsers({ Roles: { view: ['app-view'] }, Users: { bob: { key: 'pwd', roles: ['view'] } } });
  const dialects = [signDialect(), appMeshDialect({ users })];
  issuer = await startIssuer({ algorithms: ['ES256', 'RS256'], dialects });
});
afterAll(() => issuer.stop());

const asLogin = (): object => ({ iss: 'appmesh-auth0', sub: 'bob', name: 'bob', aud: null, jti: null });

function sign(request: object): Promise<Response> {
  return post(`${issuer.url}/sign`, JSON.stringify(request), { 'content-type': 'application/json' });
}
async function tokenOf(request: object): Promise<string> {
  const answer = await sign(request);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { token: string }).token;
}
async function statusOf(token: string): Promise<number> {
  return (await post(`${issuer.url}/appmesh/auth`, '', { authorization: `Bearer ${token.replace(/\s/g, '')}` })).status;
}
async function login(): Promise<string> {
  const answer = await post(`${issuer.url}/appmesh/login`, '', { authorization: `Basic ${btoa('bob:pwd')}` });
  return ((await answer.json()) as { access_token: string }).access_token;
}

test('beside a login POST /sign signs with a key of its own, which the key set has and whose kid says so', async () => {
  const token = await tokenOf({ claims: { sub: 'bob' } });
  const { kid } = decodeProtectedHeader(token);
  expect(kid).toMatch(/^unauthenticated\.[\w-]{43}$/);
  expect(kid).toBe(decodeProtectedHeader(await tokenOf({ claims: { sub: 'bob' } })).kid);
  expect(decodeProtectedHeader(await login()).kid).not.toBe(kid);
  const keys = (await (await fetch(issuer.jwksUrl)).json()) as JSONWebKeySet;
  expect((await jwtVerify(token, createLocalJWKSet(keys))).payload).toMatchObject({ iss: issuer.url, sub: 'bob' });
  expect(decodeProtectedHeader(await tokenOf({ claims: { sub: 'bob' }, alg: 'RS256' }))).toMatchObject({
    alg: 'RS256',
  });
});

test('the check of a login takes no token that was made without a password', async () => {
  expect(await statusOf(await login())).toBe(200);
  const { kid } = issuer.keys.active('ES256');
  const now = issuer.clock.now();
  const payload = JSON.stringify({ ...asLogin(), iat: now, exp: now + 60 });
  const withoutKid = { header: { kid: undefined } };
  for (const request of [
    { claims: asLogin() },
    { claims: asLogin(), alg: 'ES256' },
    { claims: asLogin(), header: { kid } },
    { claims: asLogin(), header: { kid: '' } },
    { claims: asLogin(), header: { kid: null } },
    { payload },
    { payload, header: { kid } },
    { payload, ...withoutKid },
  ]) {
    expect(await statusOf(await tokenOf(request))).toBe(401);
  }
});

test('no hostile token of such a login passes its check', { timeout: 60_000 }, async () => {
  for (const { name } of hostileTokens) {
    const answer = await sign({ claims: asLogin(), hostile: name });
    const { token = '' } = (await answer.json()) as { token?: string };
    expect({ name, taken: (await statusOf(token)) === 200 }).toEqual({ name, taken: false });
  }
});

test('the keys of a login are not at the disposal of POST /sign', async () => {
  const refused = await sign({ claims: { sub: 'bob' }, kid: issuer.keys.active().kid });
  expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'unknown_kid' }]);
  const own = decodeProtectedHeader(await tokenOf({ claims: { sub: 'bob' } })).kid ?? '';
  expect(decodeProtectedHeader(await tokenOf({ claims: { sub: 'bob' }, kid: own })).kid).toBe(own);
});

test('a key of its own that was retired is followed by another', async () => {
  const kid = decodeProtectedHeader(await tokenOf({ claims: { sub: 'bob' } })).kid ?? '';
  issuer.keys.retire(kid);
  const next = decodeProtectedHeader(await tokenOf({ claims: { sub: 'bob' } })).kid ?? '';
  expect(next).not.toBe(kid);
  expect(issuer.keys.published().map((key) => key.kid)).toContain(next);
});

test('what every token has is in these as well', async () => {
  issuer.claims.set({ team: 'a' });
  const { payload } = JSON.parse(
    `{"payload":${Buffer.from((await tokenOf({ claims: { sub: 'bob' } })).split('.')[1] ?? '', 'base64url')}}`,
  ) as { payload: object };
  issuer.claims.clear();
  expect(payload).toMatchObject({ team: 'a' });
});
