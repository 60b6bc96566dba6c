import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { tokenDialect } from 'vaultproof/issuer/endpoints';
import { hostileTokens } from 'vaultproof/issuer/hostile';
import { afterAll, beforeAll, expect, test } from 'vitest';

const audience = 'https://api.acme.example';
const claims = { sub: 'checkout', aud: audience };

/** The service under test: it finds the key set by discovery, and answers 200 to a token that it accepts. */
async function startService(issuerUrl: string): Promise<Server> {
  const discovery = await fetch(`${issuerUrl}/.well-known/openid-configuration`);
  const { issuer, jwks_uri } = (await discovery.json()) as { issuer: string; jwks_uri: string };
  // jose fetches an unknown key at most every 30 seconds by default, which would refuse the first tokens after a rotation.
  const keys = createRemoteJWKSet(new URL(jwks_uri), { cooldownDuration: 0 });
  const expected = { issuer, audience, algorithms: ['RS256'], requiredClaims: ['sub', 'exp'] };
  const server = createServer((request, response) => {
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    jwtVerify(token, keys, expected).then(
      // jose wants a "sub", and not that it is a string.
      ({ payload }) => response.writeHead(typeof payload.sub === 'string' ? 200 : 401).end(),
      () => response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end(),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

let issuer: StartedIssuer;
let service: Server;
beforeAll(async () => {
  issuer = await startIssuer({ algorithms: ['RS256'], dialects: [tokenDialect({ audience })] });
  service = await startService(issuer.url);
});
afterAll(async () => {
  service?.close();
  await issuer?.stop();
});

async function statusFor(token: string): Promise<number> {
  const { port } = service.address() as AddressInfo;
  const { status } = await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: `Bearer ${token}` } });
  return status;
}

test('a token for this service is accepted, one for another is not', async () => {
  expect(await statusFor(await issuer.sign(claims))).toBe(200);
  expect(await statusFor(await issuer.sign({ ...claims, aud: 'https://other.acme.example' }))).toBe(401);
});

test('a client gets its token at the token endpoint', async () => {
  const form = { grant_type: 'client_credentials', client_id: 'checkout', client_secret: 'any' };
  const answer = await fetch(`${issuer.url}/token`, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token } = (await answer.json()) as { access_token: string };
  expect(await statusFor(access_token)).toBe(200);
});

test('a new key is fetched, and the old one is accepted beside it', async () => {
  const before = await issuer.sign(claims);
  await issuer.keys.rotate();
  expect(await statusFor(await issuer.sign(claims))).toBe(200);
  expect(await statusFor(before)).toBe(200);
});

test('without a key set only known keys are accepted, until it is there again', async () => {
  const before = await issuer.sign(claims);
  await issuer.keys.rotate();
  const after = await issuer.sign(claims);
  issuer.faults.set('jwks', { status: 503 });
  expect([await statusFor(before), await statusFor(after)]).toEqual([200, 401]);
  issuer.faults.clear('jwks');
  expect(await statusFor(after)).toBe(200);
});

/** What the service lets through, and why that is meant: jose ignores these, and the service asks for no more. */
const meant = [
  ...['issued-in-future', 'missing-iat', 'missing-nbf', 'far-exp-alone', 'exp-in-milliseconds', 'duplicate-exp'],
  ...['wrong-sub', 'sub-in-capitals', 'duplicate-sub', 'upper-sub-beside-sub', 'long-s-sub-beside-sub'],
  ...['duplicate-alg', 'upper-alg-beside-alg', 'b64-false-without-crit', 'zip', 'access-token-type'],
  ...['header-with-bom', 'payload-with-bom', 'padding', 'spare-bits'],
];

test('no other hostile token is accepted', async () => {
  const accepted: string[] = [];
  for (const { name, make } of hostileTokens) {
    // Those that break an ES256 signature can't be made with a key for RS256, and a newline can't be sent in a header.
    const token = await make(issuer, claims).catch(() => '\n');
    if (!token.includes('\n') && (await statusFor(token)) === 200) accepted.push(name);
  }
  expect(accepted.filter((name) => !meant.includes(name))).toEqual([]);
}, 60_000);
