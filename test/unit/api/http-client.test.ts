import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type HttpClientOptions, httpClient, type SharedClient, sharedClient } from '../../../internal/http-client.js';
import { generateTlsIdentity } from '../../../issuer/tls/index.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

async function clientOf(
  listener: RequestListener,
  { host = '127.0.0.1', ...options }: HttpClientOptions & { readonly host?: string } = {},
): Promise<SharedClient & { connections(): number }> {
  let connections = 0;
  const server = createServer(listener);
  server.on('connection', () => {
    connections++;
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const client = sharedClient(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, options);
  onTestFinished(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  return { ...client, connections: () => connections };
}

describe('an answer', () => {
  test.each([
    ['JSON', '{"a":[1]}', { a: [1] }],
    ['text', 'not {json', 'not {json'],
    ['nothing', '', undefined],
  ])('of %s is what it is, whatever its status', async (_what, text, body) => {
    const client = await clientOf((_request, response) => response.writeHead(418, { 'x-tea': 'yes' }).end(text));
    expect(await client.request('GET', '/')).toMatchObject({
      status: 418,
      body,
      headers: { 'x-tea': 'yes' },
    });
  });

  test('comes to each of many requests at once, over 50 connections', async () => {
    const client = await clientOf((_request, response) => response.end('"all"'));
    const answers = await Promise.all(Array.from({ length: 300 }, () => client.request('GET', '/')));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['all']));
    expect(client.connections()).toBe(50);
  });

  test('a redirect is not followed', async () => {
    let asked = 0;
    const client = await clientOf((_request, response) => {
      asked++;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await client.request('POST', '/')).toMatchObject({
      status: 307,
      headers: { location: '/elsewhere' },
    });
    expect(asked).toBe(1);
  });
});

describe('a request', () => {
  const echo: RequestListener = async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, body, type: headers['content-type'], token: headers['x-vault-token'] }));
  };

  test('is sent as it is asked for', async () => {
    const client = await clientOf(echo);
    const headers = { 'x-vault-token': 'abc' };
    expect(await client.request('PATCH', '/v1/a?b=c', { json: { ü: 1 }, headers })).toMatchObject({
      body: { method: 'PATCH', url: '/v1/a?b=c', body: '{"ü":1}', type: 'application/json', token: 'abc' },
    });
  });

  test.each([
    ['GET', {}, undefined],
    ['DELETE', {}, undefined],
    ['POST', {}, undefined],
    ['POST', { text: 'ü' }, undefined],
    [
      'PATCH',
      { json: {}, headers: { 'Content-Type': 'application/merge-patch+json' } },
      'application/merge-patch+json',
    ],
  ])('of "%s" with %j has one type at most and a length', async (method, request, type) => {
    const client = await clientOf((incoming, response) => {
      const { 'content-length': length, 'transfer-encoding': encoding } = incoming.headers;
      const types = incoming.rawHeaders.filter((_, index, all) => /^content-type$/i.test(all[index - 1] ?? ''));
      incoming.resume().on('end', () => response.end(JSON.stringify({ types, length, encoding })));
    });
    const { text = 'json' in request ? '{}' : '' } = request as { readonly text?: string };
    expect((await client.request(method, '/', request)).body).toEqual({
      types: type === undefined ? [] : [type],
      length: String(Buffer.byteLength(text)),
    });
  });

  test('goes over a connection that is kept', async () => {
    const client = await clientOf(echo);
    for (const path of ['/1', '/2', '/3']) await client.request('GET', path);
    expect(client.connections()).toBe(1);
  });

  test('goes to its address, whatever the proxy variables say', async () => {
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:2');
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    const client = await clientOf(echo);
    expect(await client.request('GET', '/')).toMatchObject({ status: 200 });
  });

  test('goes to an IPv6 address', async ({ skip }) => {
    const client = await clientOf(echo, { host: '::1' }).catch(() => skip('needs IPv6'));
    expect(await client.request('GET', '/')).toMatchObject({ status: 200 });
  });
});

describe('a client of shared connections', () => {
  test('uses those, and ends its own requests alone when it is closed', async () => {
    const client = await clientOf((request, response) => {
      setTimeout(() => response.end('there'), request.url === '/slow' ? 200 : 0);
    });
    const [one, other] = [client.sharing(), client.sharing()];
    await one.request('GET', '/');
    await other.request('GET', '/');
    expect(client.connections()).toBe(1);
    const [ended, answered] = [one.request('GET', '/slow'), other.request('GET', '/slow')];
    await new Promise((resolve) => setTimeout(resolve, 50));
    one.close();
    const closed = { code: 'request_failed', message: expect.stringContaining('the client is closed') };
    await expect(ended).rejects.toMatchObject(closed);
    await expect(one.request('GET', '/')).rejects.toMatchObject(closed);
    expect(await answered).toMatchObject({ body: 'there' });
    expect(await client.request('GET', '/')).toMatchObject({ body: 'there' });
  });
});

describe('no answer', () => {
  test("a port that refuses connections is an error without the request's body", async () => {
    const client = httpClient('http://127.0.0.1:2');
    const error = await client.request('POST', '/v1/x', { json: { canary: 'c4nary' } }).catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: 'request_failed',
      details: { method: 'POST', path: '/v1/x', address: 'http://127.0.0.1:2' },
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(JSON.stringify(error)).not.toContain('c4nary');
    client.close();
  });

  const timedOut = { code: 'request_failed', message: expect.stringContaining('timed out') };

  test.each([
    ['the client', { timeoutMs: 50 }, {}],
    ['the request', {}, { timeoutMs: 50 }],
  ])('within the time-out of %s is an error', async (_whose, options, request) => {
    const client = await clientOf(() => {}, options);
    await expect(client.request('GET', '/', request)).rejects.toMatchObject(timedOut);
  });

  test('a server that does not answer over TLS within the time-out is an error', async () => {
    const { key, cert, ca } = await generateTlsIdentity();
    const server = createTlsServer({ key, cert }, () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = httpClient(`https://127.0.0.1:${port}`, { ca, timeoutMs: 500 });
    onTestFinished(() => {
      client.close();
      server.close();
    });
    await expect(client.request('GET', '/')).rejects.toMatchObject(timedOut);
  });

  test('a kept connection on which no answer comes is an error', async () => {
    const client = await clientOf((request, response) => request.url === '/' && response.end(), { timeoutMs: 200 });
    await client.request('GET', '/', { timeoutMs: 10_000 });
    await expect(client.request('GET', '/silent')).rejects.toMatchObject(timedOut);
    await expect(client.request('GET', '/silent', { timeoutMs: 50 })).rejects.toMatchObject(timedOut);
  });

  test('is not what a client gets whose connection was ended for its silence', async () => {
    const client = await clientOf((_request, response) => response.end('there'), { timeoutMs: 50 });
    await client.request('GET', '/');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await client.request('GET', '/')).toMatchObject({ body: 'there' });
    expect(client.connections()).toBe(2);
  });

  test('an answer that is cut off is an error', async () => {
    const client = await clientOf((_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('12345', () => response.destroy());
    });
    await expect(client.request('GET', '/')).rejects.toMatchObject({ code: 'request_failed' });
  });
});

describe('an answer without an end', () => {
  const again = (response: ServerResponse, action: () => void): void => {
    const timer = setInterval(action, 5);
    response.on('close', () => clearInterval(timer));
  };
  const endless: Readonly<Record<string, RequestListener>> = {
    'comes a byte at a time': (_request, response) => again(response, () => response.write('1')),
    'is preceded by others': (_request, response) => again(response, () => response.writeProcessing()),
    'does not begin': () => {},
  };

  test.each([
    ['comes a byte at a time', /^no whole answer to GET "\/" from ".*": it was not complete after 0\.5 s$/],
    ['is preceded by others', /^no answer to GET "\/" from ".*": timed out, the server accepts connections/],
    ['does not begin', /^no answer to GET "\/" from ".*": timed out, the server accepts connections/],
  ])('is given up after the total, where it %s', async (what, words) => {
    const client = await clientOf((...both) => endless[what]?.(...both), { totalMs: 500 });
    await expect(client.request('GET', '/')).rejects.toMatchObject({
      code: 'request_failed',
      message: expect.stringMatching(words),
    });
  });

  test('is read up to the limit', async () => {
    let sent = 0;
    const client = await clientOf(
      (_request, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write('1'.repeat(1_000))) sent += 1_000;
          response.once('drain', more);
        };
        more();
      },
      { maxBytes: 1_000_000 },
    );
    await expect(client.request('GET', '/')).rejects.toMatchObject({
      code: 'request_failed',
      message: `no whole answer to GET "/" from "${client.address}": it is longer than 1,000,000 bytes`,
    });
    expect(sent).toBeLessThan(50_000_000);
  });

  test('an answer that is as long as the limit is accepted', async () => {
    const client = await clientOf((_request, response) => response.end('1'.repeat(1_000)), { maxBytes: 1_000 });
    expect((await client.request('GET', '/')).body).toBe(Number('1'.repeat(1_000)));
  });

  test('but in another protocol is none', async () => {
    const client = await clientOf((_request, response) =>
      response.socket?.end('HTTP/1.1 101 Sure\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    );
    await expect(client.request('GET', '/')).rejects.toMatchObject({ code: 'request_failed' });
  });
});

test('a server that takes connections and says nothing is told from one that takes none', async () => {
  const client = await clientOf(() => {}, { timeoutMs: 500 });
  await expect(client.request('GET', '/')).rejects.toMatchObject({
    message: expect.stringContaining('the server accepts connections and does not answer, no byte came for 0.5 s'),
  });
});

test.each(['http://u:s3cret@127.0.0.1:8200', 'u:s3cret@127.0.0.1:8200', 'http://127.0.0.1:8200/?token=s3cret'])(
  'the address "%s" is refused without its secret',
  (address) => {
    const refusal = (): unknown => httpClient(address);
    expect(refusal).toThrow(TypeError);
    expect(refusal).not.toThrow(/s3cret/);
  },
);

test.each([
  ['expired-certificate', 'give the server a certificate that is valid now'],
  ['early-certificate', 'give the server a certificate that is valid now'],
  ['other-host', 'give the server a certificate for this address'],
  ['unknown-ca', 'give the CA that signed its certificate'],
] as const)(
  'a certificate with the flaw "%s" is not trusted, and the message says what to do',
  async (flaw, advice) => {
    const { key, ca, flawed } = await generateTlsIdentity();
    const server = createTlsServer({ key, cert: String(flawed?.[flaw]) });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = httpClient(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, { ca });
    onTestFinished(() => {
      client.close();
      server.close();
    });
    await expect(client.request('GET', '/')).rejects.toMatchObject({
      code: 'certificate_untrusted',
      message: expect.stringContaining(advice),
    });
  },
);

test('an address with https of a server that speaks plain HTTP says so', async () => {
  const plain = await clientOf((_request, response) => response.end());
  const client = httpClient(plain.address.replace('http:', 'https:'));
  onTestFinished(() => client.close());
  await expect(client.request('GET', '/v1/sys/health')).rejects.toMatchObject({
    code: 'request_failed',
    message: `no answer to GET "/v1/sys/health" from "${client.address}": the server answers in plain HTTP; no TLS is spoken there, write "${plain.address}"`,
  });
});
