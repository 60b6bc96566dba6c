import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { consulKv, type KvAnswer } from '../../../../issuer/consul/consul-kv.js';
import { nextIndex, watchKv } from '../../../../issuer/consul/watch-kv.js';

test.each([
  ['the one that was answered', 7, 9, 9],
  ['the same where nothing changed', 7, 7, 7],
  ['1 at least', 0, 0, 1],
  ['0, so as to begin anew, where it went backwards', 7, 6, 0],
  ['0 where the answer has none', 7, 0, 0],
])('the next index is %s', (_name, asked, answered, next) => {
  expect(nextIndex(asked, answered)).toBe(next);
});

interface Asked {
  readonly url: string;
  readonly at: number;
}

/** A server that answers as told, and the requests that it had. */
async function server(answer: (request: IncomingMessage, response: ServerResponse, times: number) => void) {
  const asked: Asked[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const http = createServer((request, response) => {
    asked.push({ url: request.url ?? '', at: performance.now() });
    answer(request, response, asked.length);
    for (const { count, resolve } of waiting) if (asked.length >= count) resolve();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const kv = consulKv({ address, token: 'canary-token' });
  onTestFinished(() => {
    kv.close();
    http.close();
  });
  const times = (count: number): Promise<void> => new Promise((resolve) => waiting.push({ count, resolve }));
  return { kv, asked, times };
}

function entry(response: ServerResponse, index: number, modifyIndex: number): void {
  response.setHeader('x-consul-index', String(index));
  response.end(JSON.stringify([{ Key: 'a', Value: 'eA==', ModifyIndex: modifyIndex }]));
}

function watch(kv: Parameters<typeof watchKv>[0]) {
  const answers: (KvAnswer & { readonly isFresh: boolean })[] = [];
  const failures: string[] = [];
  const from = { index: 7, entries: [{ key: 'a', value: 'x', modifyIndex: 7 }] };
  const watching = watchKv(kv, {
    key: 'a',
    from,
    waitSeconds: 60,
    onAnswer: (answer, isFresh) => void answers.push({ ...answer, isFresh }),
    onFailure: ({ code }) => void failures.push(code),
  });
  onTestFinished(() => watching.close());
  return { answers, failures };
}

describe('a server is not asked without end', () => {
  test.each([
    ['that answers at once, with the same', (response: ServerResponse) => entry(response, 7, 7)],
    [
      'whose index goes up while nothing changes',
      (response: ServerResponse, times: number) => entry(response, 7 + times, 7),
    ],
    [
      'whose index goes up and down',
      (response: ServerResponse, times: number) => entry(response, times % 2 === 0 ? 9 : 5, 7),
    ],
    ['that has no index', (response: ServerResponse) => entry(response, 0, 7)],
    ['that refuses', (response: ServerResponse) => void response.writeHead(500).end('no')],
    [
      'that redirects to itself',
      (response: ServerResponse) => void response.writeHead(307, { location: '/v1/kv/a' }).end(),
    ],
    ['that is no Consul', (response: ServerResponse) => void response.end('<html>')],
    ['that cuts the connection', (response: ServerResponse) => void response.destroy()],
  ])('%s', async (_name, answer) => {
    const { kv, asked, times } = await server((_request, response, count) => answer(response, count));
    const five = times(5);
    watch(kv);
    await five;
    // Pauses of 50 to 100 ms, 100 to 200, 200 to 400 and so on; the first failure costs none.
    expect((asked[4]?.at ?? 0) - (asked[0]?.at ?? 0)).toBeGreaterThan(300);
  });

  test('a server that always has news is asked at most 40 times a second', async () => {
    const { kv, asked, times } = await server((_request, response, count) => entry(response, 7 + count, 7 + count));
    const ten = times(10);
    watch(kv);
    await ten;
    expect((asked[9]?.at ?? 0) - (asked[0]?.at ?? 0)).toBeGreaterThan(9 * 20);
  });
});

test('an index that goes backwards and a failure begin anew, without an index', async () => {
  const { kv, asked, times } = await server((_request, response, count) => {
    if (count === 1) entry(response, 5, 5);
    else if (count === 2) entry(response, 6, 6);
    else if (count === 3) response.writeHead(500).end('No cluster leader');
    else if (count === 4) entry(response, 3, 3);
  });
  const five = times(5);
  const { answers, failures } = watch(kv);
  await five;
  expect(asked.map(({ url }) => url)).toEqual([
    '/v1/kv/a?index=7&wait=60s',
    '/v1/kv/a',
    '/v1/kv/a?index=6&wait=60s',
    '/v1/kv/a',
    '/v1/kv/a?index=3&wait=60s',
  ]);
  expect(answers.map(({ index, isFresh }) => [index, isFresh])).toEqual([
    [5, false],
    [6, true],
    [3, true],
  ]);
  expect(failures).toEqual(['no_leader']);
});

test('one connection that breaks says nothing, two in a row do', async () => {
  const { kv, times } = await server((_request, response, count) => {
    if (count === 2) entry(response, 7, 7);
    else response.destroy();
  });
  const four = times(4);
  const { answers, failures } = watch(kv);
  await four;
  expect(answers).toHaveLength(1);
  expect(failures).toEqual([]);
});

test('an answer that echoes the token is not repeated', async () => {
  const { kv } = await server((request, response) => {
    response.writeHead(403).end(`${request.headers['x-consul-token']} may not`);
  });
  const error: unknown = await kv.read('a').catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'permission_denied', details: { status: 403, errors: ['... may not'] } });
  expect(String(error)).not.toContain('canary');
});

test('an answer without an end is cut', async () => {
  const { kv } = await server((_request, response) => {
    const more = (): void => {
      while (response.write('x'.repeat(1024 * 1024)));
    };
    response.on('drain', more);
    more();
  });
  await expect(kv.read('a')).rejects.toMatchObject({ code: 'request_failed' });
});
