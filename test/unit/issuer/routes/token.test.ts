import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { generateSigningKey, type StartedIssuer, signCompact, startIssuer } from 'vaultproof/issuer';
import { tokenDialect } from 'vaultproof/issuer/endpoints';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { post } from '../../../support/post.js';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const CLIENT_CREDENTIALS = 'grant_type=client_credentials&client_id=ci';
const elsewhere = await generateSigningKey('RS256');
let issuer: StartedIssuer;
/** One that knows its clients. */
let strict: StartedIssuer;

beforeAll(async () => {
  issuer = await startIssuer({
    dialects: [
      tokenDialect({ trustedIssuers: [{ issuer: 'https://elsewhere.example', keys: [elsewhere.publicJwk] }] }),
    ],
  });
  strict = await startIssuer({
    dialects: [
      tokenDialect({
        clients: [
          { id: 'ci', secret: 'canary-1' },
          { id: 'ci:2', secret: 'p+q/ %', scopes: ['read'], claims: { groups: ['red'] } },
        ],
        audience: 'damage_inc',
        lifetimeSeconds: 60,
      }),
    ],
  });
});
afterAll(() => Promise.all([issuer.stop(), strict.stop()]));

async function claimsOf(answer: Response): Promise<Record<string, unknown>> {
  expect(answer.status).toBe(200);
  return decodeJwt(((await answer.json()) as { access_token: string }).access_token);
}

test('a "%" in HTTP Basic that begins no escape is named', async () => {
  const authorization = `Basic ${Buffer.from('ci:50% off').toString('base64')}`;
  const answer = await post(`${strict.url}/token`, 'grant_type=client_credentials', { authorization });
  const { error, error_description: description } = (await answer.json()) as Record<string, string>;
  expect([answer.status, error]).toEqual([401, 'invalid_client']);
  expect(description).toContain('"%" as "%25"');
  expect(description).not.toContain('off');
});

test('a code is exchanged by a client that the endpoint knows, with its secret', async () => {
  const redirect = 'redirect_uri=http://127.0.0.1:9/';
  const authUrl = `${strict.url}/oidc/authorize?response_type=code&client_id=ci&${redirect}`;
  const { callbackUrl } = await strict.signIn(authUrl, { sub: 'ada' });
  const code = new URL(callbackUrl).searchParams.get('code');
  const exchange = async (secret: string) => {
    const form = `grant_type=authorization_code&code=${code}&client_id=ci&client_secret=${secret}&${redirect}`;
    const answer = await post(`${strict.url}/token`, form);
    return [answer.status, ((await answer.json()) as { error?: string }).error];
  };
  expect(await exchange('wrong')).toEqual([401, 'invalid_client']);
  expect(await exchange('canary-1')).toEqual([200, undefined]);
});

test('access tokens by RFC 9068 have the typ at+jwt and name their client, where that is asked for', async () => {
  await using access = await startIssuer({ dialects: [tokenDialect({ typ: 'at+jwt' })] });
  const typOf = async (answer: Response) =>
    decodeProtectedHeader(((await answer.json()) as { access_token: string }).access_token).typ;
  const granted = await post(`${access.url}/token`, CLIENT_CREDENTIALS);
  expect(await claimsOf(granted.clone())).toMatchObject({
    iss: access.url,
    aud: access.url,
    sub: 'ci',
    client_id: 'ci',
    exp: expect.any(Number),
    iat: expect.any(Number),
    jti: expect.any(String),
  });
  expect(await typOf(granted)).toBe('at+jwt');
  expect(await typOf(await post(`${issuer.url}/token`, CLIENT_CREDENTIALS))).toBe('JWT');
  const assertion = await access.sign({ sub: 'a', aud: access.url });
  const bearer = `grant_type=${encodeURIComponent(JWT_BEARER)}&assertion=${assertion}`;
  expect(await refusal(await post(`${access.url}/token`, bearer))).toEqual([401, 'invalid_client']);
  expect(await typOf(await post(`${access.url}/token`, `${bearer}&client_id=ci`))).toBe('at+jwt');
  expect(() => tokenDialect({ typ: 'jwt' as never })).toThrow(TypeError);
});

/** Status and code of a refusal, which must be JSON as RFC 6749, section 5.2, has it, and not be kept. */
async function refusal(answer: Response): Promise<[number, unknown]> {
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('content-type')).toBe('application/json');
  const body = (await answer.json()) as { error: unknown };
  expect(Object.keys(body)).toEqual(['error', 'error_description']);
  return [answer.status, body.error];
}

describe('client_credentials', () => {
  test('gets a Bearer token that the key set verifies, and that nobody may cache', async () => {
    const answer = await post(`${issuer.url}/token`, CLIENT_CREDENTIALS);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('pragma')).toBe('no-cache');
    const body = (await answer.json()) as Record<string, string>;
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 300 });
    const keys = createRemoteJWKSet(new URL(issuer.jwksUrl));
    const { payload } = await jwtVerify(body['access_token'] ?? '', keys, { issuer: issuer.url });
    expect(Object.keys(payload).sort()).toEqual(['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'sub']);
    expect(payload).toMatchObject({ sub: 'ci', client_id: 'ci', aud: issuer.url });
    expect(payload.exp).toBe(Number(payload.iat) + 300);
  });

  test.each([
    ['audience=damage_inc', 'damage_inc'],
    ['resource=https%3A%2F%2Fa.example%2F', 'https://a.example/'],
    ['audience=a&audience=b&resource=c', ['a', 'b', 'c']],
  ])('a request with %s gets a token for that audience', async (parameter, aud) => {
    expect(await claimsOf(await post(`${issuer.url}/token`, `${CLIENT_CREDENTIALS}&${parameter}`))).toMatchObject({
      aud,
    });
  });

  test('a request with a scope gets a token with that scope, and the answer repeats it', async () => {
    const answer = await post(`${issuer.url}/token`, `${CLIENT_CREDENTIALS}&scope=read+write`);
    expect(await answer.clone().json()).toMatchObject({ scope: 'read write' });
    expect(await claimsOf(answer)).toMatchObject({ scope: 'read write' });
  });

  test('a request without a client is refused', async () => {
    expect(await refusal(await post(`${issuer.url}/token`, 'grant_type=client_credentials'))).toEqual([
      401,
      'invalid_client',
    ]);
  });

  test.each(['scope=a++b', 'scope=a%22', 'scope=+a', 'scope=%C3%A9'])('a request with %s is refused', async (scope) => {
    expect(await refusal(await post(`${issuer.url}/token`, `${CLIENT_CREDENTIALS}&${scope}`))).toEqual([
      400,
      'invalid_scope',
    ]);
  });
});

describe('an issuer with a list of clients', () => {
  const basic = (pair: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
  });

  test.each([
    ['in the form', `${CLIENT_CREDENTIALS}&client_secret=canary-1`, {}],
    ['by HTTP Basic', 'grant_type=client_credentials', basic('ci:canary-1')],
    ['by HTTP Basic and its id in the form', CLIENT_CREDENTIALS, basic('ci:canary-1')],
  ])('gives a token to one that authenticates %s, by its own settings', async (_how, body, headers) => {
    const claims = await claimsOf(await post(`${strict.url}/token`, body, headers));
    expect(claims).toMatchObject({ sub: 'ci', aud: 'damage_inc' });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(60);
  });

  test('reads id and secret in HTTP Basic as form-encoded, and adds the claims of the client', async () => {
    const headers = basic('ci%3A2:p%2Bq%2F+%25');
    expect(await claimsOf(await post(`${strict.url}/token`, 'grant_type=client_credentials', headers))).toMatchObject({
      sub: 'ci:2',
      groups: ['red'],
    });
  });

  test.each([
    ['no client', 'grant_type=client_credentials', {}],
    ['no secret', CLIENT_CREDENTIALS, {}],
    ['another secret', `${CLIENT_CREDENTIALS}&client_secret=canary-2`, {}],
    ['an unknown client', 'grant_type=client_credentials&client_id=me&client_secret=canary-1', {}],
    ['an unknown client without a secret', 'grant_type=client_credentials&client_id=me', {}],
    ['another secret by HTTP Basic', 'grant_type=client_credentials', basic('ci:canary-2')],
    ['another scheme', CLIENT_CREDENTIALS, { authorization: 'Bearer canary-1' }],
    ['HTTP Basic without a colon', 'grant_type=client_credentials', basic('ci')],
    ['HTTP Basic with a broken encoding', 'grant_type=client_credentials', basic('ci:%zz')],
    ['an unknown client with an assertion', `grant_type=${JWT_BEARER}&assertion=a.b.c&client_id=me`, {}],
  ])('answers %s with 401, and what it takes', async (_what, body, headers) => {
    const answer = await post(`${strict.url}/token`, body, headers);
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="token"');
    expect(await answer.clone().text()).not.toContain('canary');
    expect(await refusal(answer)).toEqual([401, 'invalid_client']);
  });

  test.each([
    ['authenticates twice', `${CLIENT_CREDENTIALS}&client_secret=canary-1`],
    ['names two clients', 'grant_type=client_credentials&client_id=me'],
  ])('refuses one that %s', async (_what, body) => {
    expect(await refusal(await post(`${strict.url}/token`, body, basic('ci:canary-1')))).toEqual([
      400,
      'invalid_request',
    ]);
  });

  test('refuses a scope that the client may not have', async () => {
    const body = 'grant_type=client_credentials&scope=read+write';
    expect(await refusal(await post(`${strict.url}/token`, body, basic('ci%3A2:p%2Bq%2F+%25')))).toEqual([
      400,
      'invalid_scope',
    ]);
  });
});

describe('jwt-bearer', () => {
  const now = Math.floor(Date.now() / 1000);
  const ask = (assertion: string): Promise<Response> =>
    post(`${issuer.url}/token`, new URLSearchParams({ grant_type: JWT_BEARER, assertion, audience: 'b' }).toString());

  test("takes the issuer's own token, and gives one for the same subject and another audience", async () => {
    const assertion = await issuer.sign({ sub: 'vishpat', aud: `${issuer.url}/token` });
    expect(await claimsOf(await ask(assertion))).toMatchObject({ sub: 'vishpat', aud: 'b', iss: issuer.url });
  });

  test('takes a token of an issuer that it trusts', async () => {
    const claims = { iss: 'https://elsewhere.example', sub: 'mando', aud: issuer.url, exp: now + 60 };
    expect(await claimsOf(await ask(await signCompact(elsewhere, claims)))).toMatchObject({ sub: 'mando', aud: 'b' });
  });

  test.each<[string, object]>([
    ['for another audience', { aud: 'damage_inc' }],
    ['without an audience', { aud: undefined }],
    ['that is expired', { exp: now - 60 }],
    ['without an exp', { exp: undefined }],
    ['without a sub', { sub: undefined }],
    ['with an empty sub', { sub: '' }],
    ['without an iss', { iss: undefined }],
    ['of an issuer that it does not trust', { iss: 'https://stranger.example' }],
    ['that has the issuer’s name and another key', { iss: 'own' }],
  ])('refuses an assertion %s', async (_what, wrong) => {
    const claims = { iss: 'https://elsewhere.example', sub: 'mando', aud: issuer.url, exp: now + 60, ...wrong };
    const assertion = await signCompact(elsewhere, claims.iss === 'own' ? { ...claims, iss: issuer.url } : claims);
    expect(await refusal(await ask(assertion))).toEqual([400, 'invalid_grant']);
  });

  test.each(['nonsense', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'])('refuses the assertion "%s"', async (assertion) => {
    expect(await refusal(await ask(assertion))).toEqual([400, 'invalid_grant']);
  });

  test('refuses an assertion with "none" for its algorithm', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: issuer.url, sub: 'mando', aud: issuer.url, exp: now + 60 };
    expect(await refusal(await ask(`${part({ alg: 'none' })}.${part(claims)}.`))).toEqual([400, 'invalid_grant']);
  });

  test('needs an assertion', async () => {
    expect(await refusal(await post(`${issuer.url}/token`, `grant_type=${JWT_BEARER}`))).toEqual([
      400,
      'invalid_request',
    ]);
  });
});

test.each([
  ['grant_type=password&username=a&password=b', 'unsupported_grant_type'],
  ['grant_type=authorization_code', 'invalid_request'],
  ['grant_type=authorization_code&code=a', 'invalid_grant'],
  ['', 'invalid_request'],
  ['grant_type=', 'invalid_request'],
  ['client_id=ci', 'invalid_request'],
  [`${CLIENT_CREDENTIALS}&grant_type=client_credentials`, 'invalid_request'],
  [`${CLIENT_CREDENTIALS}&client_id=ci`, 'invalid_request'],
])('the request "%s" is refused with %s', async (body, code) => {
  expect(await refusal(await post(`${issuer.url}/token`, body))).toEqual([400, code]);
});

test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=a'])(
  'the Content-Type %s is refused',
  async (type) => {
    const answer = await post(`${issuer.url}/token`, CLIENT_CREDENTIALS, { 'content-type': type });
    expect(await refusal(answer)).toEqual([415, 'unsupported_media_type']);
  },
);

test.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('%s /token is answered with 405', async (method) => {
  const answer = await fetch(`${issuer.url}/token`, { method });
  expect(answer.headers.get('allow')).toBe('POST');
  expect(await refusal(answer)).toEqual([405, 'method_not_allowed']);
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  'a lifetime of %d seconds is refused',
  (lifetimeSeconds) => {
    expect(() => tokenDialect({ lifetimeSeconds })).toThrow(TypeError);
  },
);

describe('the metadata', () => {
  test('announces what is there, and each of it answers', async () => {
    const metadata = (await (await fetch(`${issuer.url}/.well-known/openid-configuration`)).json()) as object;
    expect(metadata).toMatchObject({
      issuer: issuer.url,
      token_endpoint: `${issuer.url}/token`,
      jwks_uri: `${issuer.url}/.well-known/jwks.json`,
      grant_types_supported: ['authorization_code', 'client_credentials', JWT_BEARER],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    });
  });

  test('is the same for OAuth as for OpenID', async () => {
    const [oauth, openid] = await Promise.all(
      ['oauth-authorization-server', 'openid-configuration'].map(async (name) =>
        (await fetch(`${issuer.url}/.well-known/${name}`)).json(),
      ),
    );
    expect(oauth).toEqual(openid);
  });

  test('announces the token endpoint of sign-ins where there is no other', async () => {
    await using other = await startIssuer();
    const metadata = await (await fetch(`${other.url}/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({
      token_endpoint: `${other.url}/oidc/token`,
      grant_types_supported: ['authorization_code'],
    });
    expect((await post(`${other.url}/token`, CLIENT_CREDENTIALS)).status).toBe(404);
    expect((await post(`${other.url}/oidc/token`, CLIENT_CREDENTIALS)).status).toBe(400);
  });
});
