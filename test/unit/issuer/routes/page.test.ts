import { readdirSync } from 'node:fs';
import { generateSigningKey, type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { pageDialect, signDialect } from 'vaultproof/issuer/endpoints';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { read, root } from '../../docs/markdown.js';

const STATIC = 'issuer/page/static/';
const files = readdirSync(root + STATIC).filter((name) => !['index.html', 'tsconfig.json'].includes(name));

let issuer: StartedIssuer;
beforeAll(async () => {
  issuer = await startIssuer({ dialects: [pageDialect(), signDialect()] });
  await issuer.addIssuer('/tenant-a');
});
afterAll(() => issuer.stop());

const guards = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

describe.each([
  '/',
  '/page/main.js',
  '/page/page.css',
  '/page/state',
  '/page/hostile-tokens',
  '/page/presets',
  '/page/presets/github',
  '/tenant-a/',
])('GET %s', (path) => {
  test('is guarded by its headers, and so are its refusals', async () => {
    const answer = await fetch(issuer.url + path);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject(guards);
    const refused = await fetch(issuer.url + path, { method: 'POST' });
    expect(refused.status).toBe(405);
    expect(Object.fromEntries(refused.headers)).toMatchObject({ ...guards, allow: 'GET, HEAD' });
  });

  test('is refused where another site asks for it', async () => {
    const answer = await fetch(issuer.url + path, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(answer.status).toBe(403);
  });
});

test('every file beside the page is served as it is, by its media type', async () => {
  const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml' };
  for (const name of files) {
    const answer = await fetch(`${issuer.url}/page/${name}`);
    expect(await answer.text()).toBe(read(STATIC + name));
    expect(answer.headers.get('content-type')).toBe(types[name.split('.').at(-1) as keyof typeof types]);
  }
});

test.each([
  '/page/',
  '/page/tsconfig.json',
  '/page/index.html',
  '/page/..%2fpage.ts',
  '/page/%2e%2e/page.ts',
  '/page/main.js/',
  '/page/main.js%00',
  '/tenant-b/',
])('there is nothing at %s', async (path) => {
  expect((await fetch(issuer.url + path)).status).toBe(404);
});

test('nothing is inline or from elsewhere', () => {
  const html = read(`${STATIC}index.html`);
  expect(html).not.toMatch(
    /<style|style=|\son\w+=|<script(?! type="module" src="page\/main\.js"><\/script>)|https?:|\/\//,
  );
  for (const name of files.filter((file) => file !== 'icon.svg')) {
    expect(read(STATIC + name)).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|@import url|localStorage/,
    );
  }
});

test("an issuer's page below a path is at that path with a slash", async () => {
  const answer = await fetch(`${issuer.url}/tenant-a`, { redirect: 'manual' });
  expect(answer.status).toBe(308);
  expect(answer.headers.get('location')).toBe('/tenant-a/');
  expect(await (await fetch(`${issuer.url}/tenant-a/page/state`)).json()).toMatchObject({
    issuer: `${issuer.url}/tenant-a`,
    jwksUrl: `${issuer.url}/tenant-a/.well-known/jwks.json`,
    discoveryUrl: `${issuer.url}/tenant-a/.well-known/openid-configuration`,
    keys: [{ alg: 'ES256', state: 'active', publishAt: 0, activateAt: 0, jwk: { kty: 'EC', crv: 'P-256' } }],
  });
});

test('the state has every key with its times, and the clock with how far it was moved', async () => {
  await using other = await startIssuer({ dialects: [pageDialect()] });
  const next = await other.keys.rotate({ leadSeconds: 60, overlapSeconds: 60 });
  const gone = await generateSigningKey('EdDSA');
  other.keys.add(gone);
  other.keys.retire(gone.kid);
  other.clock.advance(-30);
  const state = (await (await fetch(`${other.url}/page/state`)).json()) as { clock: { now: number }; keys: object[] };
  expect(state.clock).toEqual({ now: expect.any(Number), movedBy: -30 });
  expect(state.keys).toMatchObject([
    { alg: 'ES256', state: 'active', jwk: { use: 'sig' } },
    { kid: next.kid, alg: 'ES256', state: 'added' },
    { kid: gone.kid, alg: 'EdDSA', state: 'added' },
  ]);
  expect(state.keys[1]).not.toHaveProperty('jwk');
});

test('nothing private is in the state, whatever a key brings with it', async () => {
  const algorithms = ['RS256', 'ES256', 'EdDSA'] as const;
  const keys = await Promise.all(algorithms.map((alg) => generateSigningKey(alg)));
  const careless = keys.map((key) => ({
    ...key,
    publicJwk: { ...key.publicJwk, ...key.privateKey?.export({ format: 'jwk' }) },
  }));
  await using other = await startIssuer({ keys: careless, dialects: [pageDialect()] });
  const state = await (await fetch(`${other.url}/page/state`)).text();
  for (const { privateKey } of keys) {
    const { d = '', p, q, dp, dq, qi } = privateKey?.export({ format: 'jwk' }) ?? {};
    expect(d).not.toBe('');
    for (const secret of [d, p, q, dp, dq, qi]) if (secret !== undefined) expect(state).not.toContain(secret);
  }
});

test('looking at the page counts as no fetch of a document', async () => {
  await using other = await startIssuer({ dialects: [pageDialect()] });
  for (const path of ['/', '/page/state', '/page/hostile-tokens']) await fetch(other.url + path);
  expect(other.fetches).toEqual({ jwks: 0, discovery: 0, lure: 0 });
});

test('the form offers every hostile token with what it breaks', async () => {
  const offered = (await (await fetch(`${issuer.url}/page/hostile-tokens`)).json()) as object[];
  expect(offered).toHaveLength(104);
  expect(offered[0]).toEqual({
    group: 'times',
    name: 'expired',
    breaks: 'it expired an hour ago',
    rfc: 'RFC 7519, section 4.1.4',
    vault: 'token_expired',
  });
});

test('the form is filled with the claims of a vendor, with times that are as old as the token', async () => {
  const answer = await fetch(`${issuer.url}/page/presets/github?repository=octo/shop&branch=release`);
  const filled = (await answer.json()) as { claims: object };
  expect(filled).toMatchObject({
    alg: 'RS256',
    lifetimeSeconds: 300,
    aud: 'https://github.com/octo',
    claims: { repository: 'octo/shop', ref: 'refs/heads/release', nbf: '{{now - 600}}' },
  });
  expect(Object.keys(filled.claims)).not.toContain('exp');
});

test.each([
  ['github?repository=shop', '"shop" is not "owner/name"'],
  ['github?repository=', 'fill in "Repository"'],
  ['hcp-terraform?phase=destroy', 'the run phase is "plan" or "apply", not "destroy"'],
])('what is wrong with a field of a preset is said: %s', async (path, problem) => {
  const answer = await fetch(`${issuer.url}/page/presets/${path}`);
  expect([answer.status, await answer.json()]).toEqual([200, { problem }]);
});

test('a preset that is not there is refused', async () => {
  const answer = await fetch(`${issuer.url}/page/presets/constructor`);
  expect(answer.status).toBe(404);
});

describe('a login by the page', () => {
  const asked: object[] = [];
  let other: StartedIssuer;
  beforeAll(async () => {
    const logins = {
      names: { vault: 'ci', consul: 'jwt' },
      logIn: async (request: object) => {
        asked.push(request);
        return { accepted: false, code: 'subject_mismatch', message: 'login refused' } as const;
      },
    };
    other = await startIssuer({ dialects: [pageDialect({ logins })] });
  });
  afterAll(() => other.stop());
  const post = (url: string, headers: Record<string, string>, body: object): Promise<Response> =>
    fetch(`${url}/page/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const login = { server: 'vault', name: 'ci', jwt: 'a.b.c' };

  test('is there only where it is asked for', async () => {
    expect((await post(issuer.url, {}, login)).status).toBe(404);
    expect(await (await fetch(`${issuer.url}/page/state`)).json()).toMatchObject({ logins: null });
    const state = await (await fetch(`${other.url}/page/state`)).json();
    expect(state).toMatchObject({ logins: { vault: 'ci', consul: 'jwt' } });
  });

  test('says how it ended', async () => {
    const answer = await post(other.url, {}, login);
    expect([answer.status, Object.fromEntries(answer.headers)]).toEqual([200, expect.objectContaining(guards)]);
    expect(await answer.json()).toEqual({ accepted: false, code: 'subject_mismatch', message: 'login refused' });
    expect(asked.at(-1)).toEqual(login);
  });

  test.each([
    ['from another site', { 'sec-fetch-site': 'cross-site' }, login, 403],
    ['from another origin', { origin: 'https://mallory.example' }, login, 403],
    ['as a form', { 'content-type': 'text/plain' }, login, 415],
    ['at another server', {}, { ...login, server: 'nomad' }, 400],
    ['without a name', {}, { ...login, name: '' }, 400],
    ['without a token', {}, { server: 'vault', name: 'ci' }, 400],
  ])('is refused %s', async (_title, headers, body, status) => {
    const before = asked.length;
    expect((await post(other.url, headers, body)).status).toBe(status);
    expect(asked).toHaveLength(before);
  });
});
