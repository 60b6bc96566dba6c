import { request } from 'node:http';
import { connect } from 'node:net';
import { Hono } from 'hono';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { authTokenDialect, getTokenDialect, tokenDialect } from 'vaultproof/issuer/endpoints';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { post } from '../../../support/post.js';

const OVER_THE_LIMIT = 64 * 1024 + 1;
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
let issuer: StartedIssuer;
/** One that gives a request 300 ms to arrive. */
let impatient: StartedIssuer;

beforeAll(async () => {
  const dialects = [tokenDialect(), authTokenDialect(), getTokenDialect({ keyFor: () => undefined })];
  issuer = await startIssuer({ dialects });
  impatient = await startIssuer({ dialects, requestTimeoutMs: 300 });
});
afterAll(() => Promise.all([issuer.stop(), impatient.stop()]));

/** A request with headers that fetch does not let through. */
function send(path: string, headers: Record<string, string>): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const sending = request(issuer.url + path, { method: 'POST', headers }, async (answer) => {
      resolve({ status: answer.statusCode, body: (await answer.setEncoding('utf8').toArray()).join('') });
    });
    sending.on('error', reject);
    sending.end(path === '/auth/token' ? '{"name":"vishpat"}' : 'grant_type=client_credentials&client_id=ci');
  });
}

/** All that a server sends to a client that writes some text and then nothing more. */
function stall(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

describe.each([
  ['/token', FORM_TYPE, (error_description: string) => ({ error: 'forbidden', error_description })],
  ['/auth/token', JSON_TYPE, (error: string) => ({ error })],
])('%s', (path, type, inItsWords) => {
  const port = (): string => new URL(issuer.url).port;

  test.each(['127.0.0.1', 'localhost', 'LocalHost', '[::1]'])('goes by the Host %s', async (name) => {
    expect((await send(path, { 'content-type': type, host: `${name}:${port()}` })).status).toBe(200);
  });

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', 'evil.example:80', '0.0.0.0'])(
    'does not go by the Host "%s"',
    async (host) => {
      const { status, body } = await send(path, { 'content-type': type, host });
      expect(status).toBe(403);
      expect(JSON.parse(body)).toEqual(inItsWords('this server does not use that Host'));
    },
  );

  test.each<[string, Record<string, string>]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin that may be named', { origin: 'null' }],
    ['another port of this host', { origin: 'http://127.0.0.1:1' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this site', { 'sec-fetch-site': 'same-site' }],
  ])('refuses a page of %s', async (_what, headers) => {
    const { status, body } = await send(path, { 'content-type': type, ...headers });
    expect(status).toBe(403);
    expect(JSON.parse(body)).toEqual(inItsWords('requests from other sites are refused'));
  });

  test("takes what its own pages send, and what an address bar's user does", async () => {
    const own = { origin: issuer.url, 'sec-fetch-site': 'same-origin' };
    expect((await send(path, { 'content-type': type, ...own })).status).toBe(200);
    expect((await send(path, { 'content-type': type, 'sec-fetch-site': 'none' })).status).toBe(200);
  });

  test('answers nothing that a page of another origin may read', async () => {
    const answer = await post(issuer.url + path, '{}', { 'content-type': type });
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe("a dialect of one's own", () => {
  test('that words no refusals still has pages of other sites refused, also before its own middleware', async () => {
    const seen: string[] = [];
    const app = (): Hono =>
      new Hono()
        .use(async (context, next) => {
          seen.push(context.req.path);
          await next();
        })
        .post('/mint', (context) => context.text('minted'));
    await using own = await startIssuer({ dialects: [app] });
    const refused = await post(`${own.url}/mint`, '', { 'sec-fetch-site': 'cross-site' });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toEqual({
      error: 'forbidden',
      error_description: 'requests from other sites are refused',
    });
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(seen).toEqual([]);
    expect(await (await post(`${own.url}/mint`, '')).text()).toBe('minted');
    expect(seen).toEqual(['/mint']);
  });
});

describe.each([
  ['/get_token', FORM_TYPE],
  ['/auth/token', JSON_TYPE],
  ['/token', FORM_TYPE],
])('a body of more than 64 KiB for %s', (path, type) => {
  test('is answered with 413', async () => {
    const answer = await post(issuer.url + path, 'a'.repeat(OVER_THE_LIMIT), { 'content-type': type });
    expect(answer.status).toBe(413);
    expect(await answer.text()).toContain('the body is over 64 KiB');
  });

  test('is answered with 413 where its length is not known beforehand', async () => {
    const chunked = 'Transfer-Encoding: chunked\r\nConnection: close';
    const length = OVER_THE_LIMIT.toString(16);
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${chunked}\r\n\r\n`;
    const received = await stall(issuer.url, `${head}${length}\r\n${'a'.repeat(OVER_THE_LIMIT)}\r\n0\r\n\r\n`);
    expect(received).toMatch(/^HTTP\/1\.1 413 /);
    expect(received).toContain('the body is over 64 KiB');
  });
});

test('a body of 64 KiB is read', async () => {
  const body = JSON.stringify({ name: 'a'.repeat(64 * 1024 - '{"name":""}'.length) });
  expect(body).toHaveLength(64 * 1024);
  expect((await post(`${issuer.url}/auth/token`, body, { 'content-type': JSON_TYPE })).status).toBe(200);
});

describe('a client that is too slow', () => {
  test('a client that sends its headers too slowly is answered with 408', async () => {
    const received = await stall(impatient.url, 'POST /token HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    expect(received).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(received).toMatch(/\{"error":"invalid_request","error_description":"request timeout"\}$/);
  });

  test('a client that sends its body too slowly is answered with 408', async () => {
    const head = `POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${FORM_TYPE}\r\nContent-Length: 100\r\n\r\n`;
    expect(await stall(impatient.url, `${head}grant_type=`)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  test('does not keep others from being served', async () => {
    const slow = stall(impatient.url, 'POST /token HTTP/1.1\r\nHost: localhost\r\n');
    expect((await post(`${impatient.url}/token`, 'grant_type=client_credentials&client_id=ci')).status).toBe(200);
    await slow;
  });
});

test.each([
  ['what is no HTTP', 'nonsense\r\n\r\n', '400 Bad Request'],
  [
    'two lengths',
    'POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    '400 Bad Request',
  ],
  ['too long headers', `GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, '431 Request Header Fields Too Large'],
])('%s is answered with %3$s, as JSON', async (_what, text, status) => {
  const received = await stall(issuer.url, text);
  expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status}\r\nContent-Type: application/json\r\n`));
  expect(received).toMatch(/\r\n\r\n\{"error":"invalid_request",[^\r\n]*\}$/);
});

test.each(['POST /token HTTP/1.0\r\n\r\n', 'POST /token HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n'])(
  'the request %j, which names no host, is answered with 400, as JSON',
  async (text) => {
    const received = await stall(issuer.url, text);
    expect(received).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(received).toMatch(/\{"error":"invalid_request","error_description":"bad request"\}$/);
  },
);

test('what comes behind a request is no part of its answer', async () => {
  const head = 'OPTIONS /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const received = await stall(issuer.url, `${head}{"a":null}`);
  expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 405']);
});

test('what is not there is said so as JSON', async () => {
  const answer = await fetch(`${issuer.url}/nowhere`);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({ error: 'not_found', error_description: 'nothing is here' });
});
