import { request } from 'node:http';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { beforeAll, describe, expect, test } from 'vitest';
import { requires } from '../../support/requirement.js';

const QUERY = '/oidc/authorize?response_type=code&client_id=web&state=s&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2F';
const AS_ADA = { claims: '{"sub":"ada"}' };

let issuer: StartedIssuer;

beforeAll(async () => {
  issuer = await startIssuer({ signInForm: true });
  return () => issuer.stop();
});

function submit(url: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}${QUERY}`, { method: 'POST', headers, body: new URLSearchParams(fields), redirect: 'manual' });
}

/** The status, by a name of this host's. */
function submitTo(host: string, url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host, 'content-type': 'application/x-www-form-urlencoded' };
    const sending = request(`${url}${QUERY}`, { method: 'POST', headers, agent: false }, (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode);
    });
    sending.on('error', reject).end(new URLSearchParams(AS_ADA).toString());
  });
}

describe('the form', () => {
  test('sends the browser back with a code that no cache keeps', async () => {
    const answer = await submit(issuer.url, AS_ADA);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([302, 'no-store']);
    expect(answer.headers.get('location')).toMatch(/^http:\/\/127\.0\.0\.1:9\/\?code=[\w-]{32}&state=s$/);
  });

  test('sends the browser back with an error where the person refuses', async () => {
    const answer = await submit(issuer.url, { refuse: '1' });
    expect(answer.headers.get('location')).toBe('http://127.0.0.1:9/?error=access_denied&state=s');
  });

  test('is there for each issuer of the server, and on its other ports', async () => {
    const other = await issuer.addIssuer('/other');
    for (const url of [other.url, await issuer.listenOn(0)]) {
      expect([url, (await fetch(`${url}${QUERY}`)).status]).toEqual([url, 200]);
    }
  });

  test('is not there where another host reaches the issuer', async (context) => {
    await requires('linux')(context);
    const peer = { hostName: '127.0.0.2', hostAddress: '127.0.0.2' };
    await issuer.listenFor(peer);
    const url = issuer.discoveryUrlFor(peer);
    expect((await fetch(`${url}${QUERY}`)).status).toBe(400);
    expect(await submitTo('localhost', url)).toBe(400);
  });

  test('does not sign in for a page of another site, or by a name that was made to point here', async () => {
    const origins = ['https://mallory.example', 'null', issuer.url.replace('127.0.0.1', 'localhost')];
    for (const origin of origins) expect((await submit(issuer.url, AS_ADA, { origin })).status).toBe(403);
    expect((await submit(issuer.url, AS_ADA, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect([await submitTo('mallory.example', issuer.url), await submitTo('localhost', issuer.url)]).toEqual([
      403, 302,
    ]);
  });

  test('shows what is sent as text', async () => {
    const markup = '<script>alert(1)</script>';
    const page = await (await submit(issuer.url, { claims: `</textarea>${markup}` })).text();
    const asked = await (await fetch(`${issuer.url}${QUERY}&scope=${encodeURIComponent(markup)}`)).text();
    for (const html of [page, asked]) {
      expect(html).not.toContain(markup);
      expect(html).toContain('&lt;script&gt;');
    }
  });
});

test('without signInForm no one signs in by a form', async () => {
  await using closed = await startIssuer();
  expect((await submit(closed.url, AS_ADA)).status).toBe(400);
});
