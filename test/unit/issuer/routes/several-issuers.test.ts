import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { type Issuer, type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { authTokenDialect, tokenDialect } from 'vaultproof/issuer/endpoints';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { post } from '../../../support/post.js';

let server: StartedIssuer;
let a: Issuer;
let b: Issuer;

beforeAll(async () => {
  server = await startIssuer({ dialects: [tokenDialect(), authTokenDialect()] });
  a = await server.addIssuer('/tenant-a');
  // Adding one after the server answered must work as well.
  expect((await fetch(`${a.url}/.well-known/jwks.json`)).status).toBe(200);
  b = await server.addIssuer('/tenant-b/deeper', { algorithms: ['RS256', 'ES256'] });
});
afterAll(() => server.stop());

async function tokenOf(issuer: Issuer): Promise<string> {
  const answer = await post(`${issuer.url}/token`, 'grant_type=client_credentials&client_id=ci&audience=damage_inc');
  return ((await answer.json()) as { access_token: string }).access_token;
}

const keySetOf = ({ url }: Issuer) => createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`));

test('each has its own metadata, under its path for OpenID and behind the well-known one for OAuth', async () => {
  for (const { url } of [server, a, b]) {
    const { origin, pathname } = new URL(url);
    const path = pathname === '/' ? '' : pathname;
    const openid = await (await fetch(`${url}/.well-known/openid-configuration`)).json();
    expect(openid).toMatchObject({
      issuer: url,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/.well-known/jwks.json`,
    });
    const oauth = await fetch(`${origin}/.well-known/oauth-authorization-server${path}`);
    expect(await oauth.json()).toEqual(openid);
  }
});

test('each mints its own tokens', async () => {
  for (const issuer of [server, a, b]) {
    const jwt = await tokenOf(issuer);
    expect(decodeJwt(jwt).iss).toBe(issuer.url);
    await jwtVerify(jwt, keySetOf(issuer), { issuer: issuer.url, audience: 'damage_inc' });
  }
});

test('no key of one verifies a token of another', async () => {
  const issuers = [server, a, b];
  for (const signer of issuers) {
    const jwt = await tokenOf(signer);
    for (const verifier of issuers.filter((issuer) => issuer !== signer)) {
      await expect(jwtVerify(jwt, keySetOf(verifier))).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    }
  }
});

test('none takes a token of another as an assertion', async () => {
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: await a.sign({ sub: 'vishpat', aud: b.url }),
  });
  const answer = await post(`${b.url}/token`, body.toString());
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: 'invalid_grant' });
});

test('each has every dialect of the server', async () => {
  const answer = await post(`${b.url}/auth/token`, '{"name": "vishpat"}', { 'content-type': 'application/json' });
  expect(decodeJwt(await answer.text()).sub).toBe('vishpat');
});

test.each(['/tenant-c/token', '/tenant-b/token', '/tenant-a/token/', '/tenant-a/tenant-a/token'])(
  '%s is nobody’s',
  async (path) => {
    const answer = await post(server.url + path, 'grant_type=client_credentials&client_id=ci');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ error: 'not_found', error_description: 'nothing is here' });
  },
);

test.each(['', '/', 'tenant', '/tenant/', '/a//b', '/a?b', '/a#b', '/a b', '/ä', '/:a', '/*', '/%2e'])(
  'the path %j is refused',
  async (path) => {
    await expect(server.addIssuer(path)).rejects.toThrow(TypeError);
  },
);

test('a path is given once', async () => {
  await expect(server.addIssuer('/tenant-a')).rejects.toThrow(TypeError);
});
