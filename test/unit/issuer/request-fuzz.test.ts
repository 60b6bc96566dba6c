import { request } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startChild } from '../../support/child.js';
import { canaries } from '../../support/fuzzed-issuer.js';
import { type FuzzedRequest, fuzzedBytes, fuzzedRequest, type Target } from '../../support/fuzzed-requests.js';
import { bePatient } from '../../support/patience.js';
import { randomBy } from '../../support/random.js';

bePatient();

/** More take longer: `VAULTPROOF_FUZZ_REQUESTS=20000 VAULTPROOF_FUZZ_SEED=7 npx vitest run request-fuzz`. */
const REQUESTS = Number(process.env['VAULTPROOF_FUZZ_REQUESTS'] ?? 800);
const SEED = Number(process.env['VAULTPROOF_FUZZ_SEED'] ?? 1);
const SIDE_BY_SIDE = 8;
/** How often what the admin API has changed is put right, so that what follows is not all refused. */
const TIDY_EVERY = 100;
/** After so many the heap is measured for the first time. */
const WARM = TIDY_EVERY * Math.ceil(REQUESTS / 4 / TIDY_EVERY);
const ANSWER_MS = 10_000;
const MOST_HEAP_GROWTH = 8 * 1024 * 1024;
/** What may be served with a fault. */
const DOCUMENT = /\/\.well-known\/(?:jwks\.json|openid-configuration|oauth-authorization-server)/;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What the routes of the dialects take, which say so by an answer of 405 alone. */
function methodsOf(path: string): string[] {
  const isPosted = /^\/(?:token|sign|get_token|auth\/token|appmesh\/.*)$/.test(path);
  return [isPosted ? 'POST' : 'GET'];
}

/** An answer, its headers in its text; status 0 for a connection that was broken off, -1 for none in time. */
function send(url: string, { method, path, headers, body }: FuzzedRequest): Promise<Answer> {
  return new Promise((resolve) => {
    const { port } = new URL(url);
    const sending = request({ agent: false, host: '127.0.0.1', port, method, path, headers });
    const timer = setTimeout(() => sending.destroy(new Error('late')), ANSWER_MS);
    sending.on('error', ({ message }) => {
      clearTimeout(timer);
      resolve({ status: message === 'late' ? -1 : 0, text: message });
    });
    sending.on('response', (incoming) => {
      let text = JSON.stringify(incoming.headers);
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.on('error', () => {});
      incoming.on('close', () => {
        clearTimeout(timer);
        resolve({ status: incoming.statusCode ?? 0, text });
      });
    });
    sending.end(body);
  });
}

/** All that is answered to bytes, until the connection is closed; what comes after them never does. */
function sendBytes(url: string, bytes: string): Promise<Answer> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.end(bytes, 'latin1'));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text }));
  });
}

test(`${REQUESTS} requests at random find no failure, no secret and no leak`, { timeout: 1_800_000 }, async () => {
  const child = startChild('fuzzed-issuer-child.ts', {});
  onTestFinished(() => child.kill('SIGKILL'));
  const { url, paths, secrets } = (await child.started) as { url: string; paths: string[]; secrets: string[] };
  const admin = (method: string, path: string, body: unknown = {}): Promise<Answer> => {
    const headers = { authorization: `Bearer ${canaries.adminToken}`, 'content-type': 'application/json' };
    return send(url, { method, path: `/admin${path}`, headers, body: method === 'POST' ? JSON.stringify(body) : '' });
  };
  const login = (): Promise<Answer> => {
    const authorization = `Basic ${Buffer.from(`plain:${canaries.password}`).toString('base64')}`;
    return send(url, { method: 'POST', path: '/appmesh/login', headers: { authorization }, body: '' });
  };
  const documentText = (await admin('GET', '/openapi.json')).text;
  const described = JSON.parse(documentText.slice(documentText.indexOf('}{') + 1)) as { paths: Record<string, object> };
  const documents = ['jwks.json', 'openid-configuration', 'oauth-authorization-server', 'lure.json'];
  const targets: Target[] = [
    ...paths.filter((path) => path !== '/admin/*').map((path) => ({ path, methods: methodsOf(path) })),
    ...Object.entries(described.paths).map(([path, operations]) => {
      return { path: `/admin${path}`, methods: Object.keys(operations).map((method) => method.toUpperCase()) };
    }),
    ...documents.map((name) => ({ path: `/.well-known/${name}`, methods: ['GET'] })),
  ];
  expect(targets.length).toBeGreaterThan(45);
  expect((await login()).status).toBe(200);

  const tidy = async (): Promise<void> => {
    for (const path of ['/clock', '/claims', '/faults/jwks', '/faults/discovery']) await admin('DELETE', path);
    const { text } = await admin('GET', '/keys');
    const { keys } = JSON.parse(text.slice(text.indexOf('}{') + 1)) as { keys: { kid: string; state: string }[] };
    for (const { kid, state } of keys) {
      if (state !== 'active' && state !== 'retired') await admin('POST', `/keys/${encodeURIComponent(kid)}/retire`);
    }
    // What is active may be a key that ends at a time.
    for (const alg of ['ES256', 'EdDSA']) await admin('POST', '/rotate', { alg, overlapSeconds: 0 });
  };

  const random = randomBy(SEED);
  const tokens: string[] = [];
  const statuses: Record<number, number> = {};
  const reached = new Set<string>();
  const wrong: unknown[] = [];
  const judge = (asked: unknown, where: string, { status, text }: Answer): void => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    // The clock of the admin API can be moved to when no key was there.
    const mayFail = DOCUMENT.test(where) || text.includes(' is active; active keys: ');
    if (status >= 500 && !mayFail) wrong.push({ failed: status, asked, text: text.slice(0, 500) });
    if (status <= 0 && !mayFail && where !== '') wrong.push({ unanswered: status, asked, text });
    const canary = [...Object.values(canaries), ...secrets, 'canary-sent'].find((secret) => text.includes(secret));
    if (canary !== undefined) wrong.push({ secret: canary, asked, text: text.slice(0, 500) });
    const [token] = /ey[\w-]+\.[\w-]+\.[\w-]+/.exec(text) ?? [];
    if (token !== undefined && token.length < 4_000) tokens[random.below(16)] = token;
  };

  const ask = async (): Promise<void> => {
    if (random.oneIn(12)) {
      const bytes = fuzzedBytes(random);
      return judge({ bytes }, '', await sendBytes(url, bytes));
    }
    const asked = fuzzedRequest(random, targets, tokens.filter(Boolean));
    const answer = await send(url, asked);
    if (answer.status >= 200 && answer.status < 300) reached.add(`${asked.method} ${asked.path.split('?')[0]}`);
    judge(asked, asked.path, answer);
  };
  for (let made = 0; made < REQUESTS; ) {
    let left = Math.min(TIDY_EVERY, REQUESTS - made);
    made += left;
    const work = async (): Promise<void> => {
      while (left-- > 0) await ask();
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    await tidy();
    if (made === WARM) child.goOn();
  }

  expect(wrong.slice(0, 5)).toEqual([]);
  expect((await login()).status).toBe(200);
  expect((await fetch(`${url}/.well-known/jwks.json`)).status).toBe(200);

  child.goOn();
  const [, before = 0, after = 0] = (await child.ended).stdout.split('\n').map(Number);
  const figures = { requests: REQUESTS, seed: SEED, statuses, reached: reached.size, heap: { before, after } };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  expect(reached.size).toBeGreaterThan(20);
  expect(after - before).toBeLessThan(MOST_HEAP_GROWTH);
});
