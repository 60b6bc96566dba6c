import { request } from 'node:http';
import { type IssuerOptions, startIssuer } from 'vaultproof/issuer';
import { signDialect } from 'vaultproof/issuer/endpoints';
import { describe, expect, onTestFinished, test } from 'vitest';
import { adminClient } from '../../../support/admin-client.js';

const TOKEN = 'a-token-of-ones-own-that-is-long-enough';

async function started(options: IssuerOptions = {}) {
  const issuer = await startIssuer({ admin: { token: TOKEN }, ...options });
  onTestFinished(() => issuer.stop());
  return issuer;
}

/** The status of a request with headers that fetch doesn't send. */
function statusOf(url: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { authorization: `Bearer ${TOKEN}`, ...headers } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test('there is no admin API unless it is asked for', async () => {
  const issuer = await started({ admin: false });
  expect(issuer.admin).toBeUndefined();
  for (const path of ['/admin', '/admin/keys', '/admin/openapi.json']) {
    expect((await fetch(`${issuer.url}${path}`)).status).toBe(404);
  }
});

test('its token is a fresh random one by default', async () => {
  const [one, other] = [await started({ admin: true }), await started({ admin: true })];
  expect(one.admin?.url).toBe(`${one.url}/admin`);
  expect(one.admin?.token).toMatch(/^[\w-]{43}$/);
  expect(one.admin?.token).not.toBe(other.admin?.token);
  expect(await adminClient(one.admin)('GET', '/keys')).toMatchObject({ status: 200 });
});

test.each(['', 'short', 'x'.repeat(31), `${'x'.repeat(40)}\n`, `${'x'.repeat(20)} ${'x'.repeat(20)}`])(
  'the token %j is no token of its own',
  async (token) => {
    await expect(startIssuer({ admin: { token } })).rejects.toThrow(TypeError);
    await expect(startIssuer({ admin: { token } })).rejects.not.toThrow('xxx');
  },
);

test.each([
  [undefined, 'Bearer realm="admin"'],
  ['', 'Bearer realm="admin", error="invalid_token"'],
  ['Bearer', 'Bearer realm="admin", error="invalid_token"'],
  ['Bearer wrong', 'Bearer realm="admin", error="invalid_token"'],
  [`Bearer ${TOKEN}x`, 'Bearer realm="admin", error="invalid_token"'],
  [`Bearer ${TOKEN.slice(1)}`, 'Bearer realm="admin", error="invalid_token"'],
  [`Basic ${Buffer.from(`admin:${TOKEN}`).toString('base64')}`, 'Bearer realm="admin", error="invalid_token"'],
])('with the Authorization %j nothing is answered', async (authorization, challenge) => {
  const { url } = await started();
  for (const path of ['/admin', '/admin/keys', '/admin/nothing']) {
    const answer = await fetch(`${url}${path}`, authorization === undefined ? {} : { headers: { authorization } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(challenge);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual({
      error: 'invalid_token',
      error_description: 'the admin token is missing or wrong',
    });
  }
});

test('the token is in no document, and the document of the API needs none', async () => {
  const { url } = await started();
  for (const path of ['/.well-known/openid-configuration', '/.well-known/jwks.json', '/admin/openapi.json']) {
    const answer = await fetch(`${url}${path}`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toContain(TOKEN);
  }
});

test('each issuer of a server has an API of its own under its path', async () => {
  const issuer = await started();
  const tenant = await issuer.addIssuer('/tenant-a');
  expect([tenant.admin?.url, tenant.admin?.token]).toEqual([`${issuer.url}/tenant-a/admin`, TOKEN]);
  await adminClient(tenant.admin)('PUT', '/claims', { tenant: 'a' });
  expect(tenant.claims.get()).toEqual({ tenant: 'a' });
  expect(issuer.claims.get()).toEqual({});
  await expect(issuer.addIssuer('/tenant-b/admin')).rejects.toThrow(TypeError);
});

describe('who may not reach it', () => {
  test.each([{ host: 'attacker.example' }, { origin: 'https://attacker.example' }, { 'sec-fetch-site': 'cross-site' }])(
    '%j',
    async (headers) => {
      const { url } = await started();
      expect(await statusOf(`${url}/admin/keys`, headers)).toBe(403);
      expect(await statusOf(`${url}/admin/openapi.json`, headers)).toBe(403);
      expect(await statusOf(`${url}/admin/keys`, {})).toBe(200);
    },
  );

  test('a container', async () => {
    const issuer = await started({ dialects: [signDialect()] });
    // Another address of loopback stands for the one that containers reach.
    const verifier = { hostName: '127.0.0.1', hostAddress: '127.0.0.2' };
    await issuer.listenFor(verifier);
    const { port } = new URL(issuer.jwksUrlFor(verifier));
    const seenBy = (path: string): Promise<number | undefined> => statusOf(`http://127.0.0.2:${port}${path}`, {});
    expect(await seenBy('/.well-known/jwks.json')).toBe(200);
    for (const path of ['/admin/keys', '/admin/openapi.json', '/sign']) expect(await seenBy(path)).toBe(404);
  });
});

test.each([
  ['GET', '/nothing', undefined, 404, 'not_found'],
  ['GET', '/keys/', undefined, 404, 'not_found'],
  ['GET', '/keys/%ff', undefined, 404, 'not_found'],
  ['PATCH', '/keys', {}, 405, 'method_not_allowed'],
  ['POST', '/keys', undefined, 415, 'unsupported_media_type'],
  ['POST', '/keys', '{', 400, 'invalid_request'],
  ['POST', '/keys', '[]', 400, 'invalid_request'],
  ['POST', '/keys', { alg: 'none' }, 400, 'invalid_request'],
  ['POST', '/keys', { surprise: 1 }, 400, 'invalid_request'],
  ['PUT', '/claims', { long: 'x'.repeat(70_000) }, 413, 'request_too_large'],
  ['PUT', '/claims', `{"a":${'['.repeat(65)}${']'.repeat(65)}}`, 400, 'invalid_request'],
  ['PUT', '/claims', '{"a":"\\ud800"}', 400, 'invalid_request'],
])('%s %s is refused when it is wrong', async (method, path, body, status, error) => {
  const answer = await adminClient((await started()).admin)(method, path, body);
  expect(answer).toMatchObject({ status, body: { error, error_description: expect.any(String) } });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('allow')).toBe(status === 405 ? 'GET, POST' : null);
});

test('a refusal says where the body is wrong', async () => {
  const call = adminClient((await started()).admin);
  const { body } = await call('POST', '/keys', { alg: 'none', activateAt: -1 });
  expect(body).toMatchObject({ error_description: expect.stringMatching(/"alg": .*"activateAt": /) });
});
