import { generateSigningKey, type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { privateJwk } from 'vaultproof/issuer/keys';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const JWKS = '/.well-known/jwks.json';
const DISCOVERY = '/.well-known/openid-configuration';

let issuer: StartedIssuer;

beforeAll(async () => {
  issuer = await startIssuer({ algorithms: ['ES256', 'RS256'] });
});
afterAll(() => issuer.stop());

function get(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(issuer.url + path, init);
}

test('the issuer is a URL on loopback without a slash at its end', () => {
  expect(issuer.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(issuer.jwksUrl).toBe(issuer.url + JWKS);
});

test('the key set has every key with its public members, and nothing else', async () => {
  const keySet = (await (await get(JWKS)).json()) as { keys: Record<string, unknown>[] };
  expect(Object.keys(keySet)).toEqual(['keys']);
  expect(keySet.keys.map((key) => Object.keys(key).sort())).toEqual([
    ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
    ['alg', 'e', 'kid', 'kty', 'n', 'use'],
  ]);
  expect(keySet.keys.map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
  expect(keySet.keys).toEqual(issuer.keys.published().map(({ publicJwk }) => publicJwk));
});

test('the discovery document names the issuer as its tokens do, and the key set', async () => {
  expect(await (await get(DISCOVERY)).json()).toMatchObject({
    issuer: issuer.url,
    jwks_uri: issuer.jwksUrl,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256', 'RS256'],
  });
});

test('the discovery document lists the algorithms of the keys that are published now, and that of sign-ins', async () => {
  await using other = await startIssuer({ algorithms: ['ES256'] });
  const listed = async (): Promise<unknown> => {
    const document = await (await fetch(other.url + DISCOVERY)).json();
    return (document as Record<string, unknown>)['id_token_signing_alg_values_supported'];
  };
  const [old] = other.keys.published();
  other.keys.add(await generateSigningKey('EdDSA', { kid: 'new' }));
  expect(await listed()).toEqual(['ES256', 'EdDSA', 'RS256']);
  other.keys.activate('new');
  other.keys.retire(String(old?.kid));
  expect(await listed()).toEqual(['EdDSA', 'RS256']);
});

test('the documents have nothing of a private key', async () => {
  const secrets = await Promise.all(issuer.keys.published().map(async (key) => (await privateJwk(key)).d ?? ''));
  const served = await Promise.all([JWKS, DISCOVERY].map(async (path) => (await get(path)).text()));
  expect(secrets.map((secret) => [secret.length > 40, served.join().includes(secret)])).toEqual([
    [true, false],
    [true, false],
  ]);
});

test('the key set is served as a JWK set', async () => {
  expect((await get(JWKS)).headers.get('content-type')).toBe('application/jwk-set+json');
});

test('the discovery document is served as JSON', async () => {
  expect((await get(DISCOVERY)).headers.get('content-type')).toMatch(/^application\/json/);
});

describe.each([JWKS, DISCOVERY])('%s', (path) => {
  test('is never cached', async () => {
    expect((await get(path)).headers.get('cache-control')).toBe('no-store');
  });

  test('answers HEAD like GET, without a body', async () => {
    const [head, whole] = await Promise.all([get(path, { method: 'HEAD' }), get(path)]);
    expect(head.status).toBe(200);
    expect(head.headers.get('content-type')).toBe(whole.headers.get('content-type'));
    expect(await head.text()).toBe('');
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('does not answer %s', async (method) => {
    const answer = await get(path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });

  test('does not mind a query', async () => {
    expect((await get(`${path}?a=1`)).status).toBe(200);
  });
});

test.each(['/', '/.well-known', '/.well-known/jwks.json/', '/.well-known/../etc/passwd', '/jwks'])(
  '%s is not there',
  async (path) => {
    expect((await get(path)).status).toBe(404);
  },
);
