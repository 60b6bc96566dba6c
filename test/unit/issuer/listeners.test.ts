import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { json } from 'node:stream/consumers';
import { startIssuer } from 'vaultproof/issuer';
import { describe, expect, test } from 'vitest';
import { requires } from '../../support/requirement.js';

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

describe('stop()', () => {
  test('frees the port, also where a connection is open, and may be called again', async () => {
    const issuer = await startIssuer();
    const port = Number(new URL(issuer.url).port);
    expect(await answers(issuer.jwksUrl)).toBe(true);
    expect(await canListen(port)).toBe(false);
    await issuer.stop();
    expect(await canListen(port)).toBe(true);
    expect(await answers(issuer.jwksUrl)).toBe(false);
    await Promise.all([issuer.stop(), issuer[Symbol.asyncDispose]()]);
  });

  test('is called at the end of an "await using"', async () => {
    let jwksUrl = '';
    {
      await using issuer = await startIssuer();
      jwksUrl = issuer.jwksUrl;
      expect(await answers(jwksUrl)).toBe(true);
    }
    expect(await answers(jwksUrl)).toBe(false);
  });
});

test('a port that was asked for is taken, and only once', async () => {
  await using first = await startIssuer();
  const port = Number(new URL(first.url).port);
  await expect(startIssuer({ port })).rejects.toMatchObject({ code: 'port_in_use', details: { port } });
  await first.stop();
  await using second = await startIssuer({ port });
  expect(second.url).toBe(`http://127.0.0.1:${port}`);
});

test('an issuer listens on 127.0.0.1 and on no other address', async (context) => {
  await requires('linux')(context);
  await using issuer = await startIssuer();
  expect(await answers(issuer.jwksUrl)).toBe(true);
  expect(await answers(issuer.jwksUrl.replace('127.0.0.1', '127.0.0.2'))).toBe(false);
});

test('what is no server has no URL of the key set', async () => {
  await using issuer = await startIssuer();
  for (const other of ['vault', undefined, {}] as never[]) {
    expect(() => issuer.jwksUrlFor(other)).toThrow('is not a server');
    expect(() => issuer.trustedBy(other)).toThrow(TypeError);
  }
});

describe('a server that reaches this host under another address', () => {
  // All of 127.0.0.0/8 is loopback on Linux, and only 127.0.0.1 elsewhere.
  const verifier = { hostName: 'somewhere.internal', hostAddress: '127.0.0.2' };

  test('gets the key set from a listener of its own', async (context) => {
    await requires('linux')(context);
    await using issuer = await startIssuer();
    expect(() => issuer.jwksUrlFor(verifier)).toThrow(TypeError);
    const urls = await Promise.all(
      [1, 2].map(async () => {
        await issuer.listenFor(verifier);
        return issuer.jwksUrlFor(verifier);
      }),
    );
    const url = new URL(issuer.jwksUrlFor(verifier));
    expect(urls).toEqual([url.href, url.href]);
    expect(url.hostname).toBe('somewhere.internal');
    expect(url.port).not.toBe(new URL(issuer.url).port);
    url.hostname = '127.0.0.2';
    expect(await (await fetch(url)).json()).toEqual({
      keys: issuer.keys.published().map(({ publicJwk }) => publicJwk),
    });
    await issuer.stop();
    expect(await answers(url.href)).toBe(false);
  });

  test('gets a discovery document that names the URL it is fetched by, and so does nobody else', async (context) => {
    await requires('linux')(context);
    await using issuer = await startIssuer();
    const tenant = await issuer.addIssuer('/tenant');
    expect(() => issuer.discoveryUrlFor(verifier)).toThrow(TypeError);
    await issuer.listenFor(verifier);
    const { port } = new URL(issuer.discoveryUrlFor(verifier));
    // fetch() sets the header itself.
    const asked = async (host: string, path: string): Promise<unknown> => {
      const url = `http://127.0.0.2:${port}${path}/.well-known/openid-configuration`;
      const [answer] = (await once(get(url, { headers: { host } }), 'response')) as [IncomingMessage];
      return json(answer);
    };
    for (const [one, path] of [[issuer, ''] as const, [tenant, '/tenant'] as const]) {
      const url = issuer.discoveryUrlFor(verifier, one);
      expect(url).toBe(`http://somewhere.internal:${port}${path}`);
      expect(await asked(`somewhere.internal:${port}`, path)).toMatchObject({
        issuer: url,
        jwks_uri: issuer.jwksUrlFor(verifier, one),
      });
      expect(await asked('stranger.invalid', path)).toMatchObject({ issuer: one.url });
    }
  });

  test('needs none where it reaches loopback', async () => {
    await using issuer = await startIssuer();
    const loopback = { hostName: '127.0.0.1', hostAddress: undefined };
    await issuer.listenFor(loopback);
    expect(issuer.jwksUrlFor(loopback)).toBe(issuer.jwksUrl);
    expect(issuer.discoveryUrlFor(loopback)).toBe(issuer.url);
  });
});
