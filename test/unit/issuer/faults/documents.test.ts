import { type Fault, type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { faultNames, tlsFaultNames } from 'vaultproof/issuer/faults';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { faultOutcomes, type Outcome } from '../../../integration/issuer/faults-outcomes.js';
import { tlsFaultOutcomes } from '../../../integration/issuer/tls-fault-outcomes.js';
import { read, section, tableRows } from '../../docs/markdown.js';

const DISCOVERY = '/.well-known/openid-configuration';
let issuer: StartedIssuer;

beforeEach(async () => {
  issuer = await startIssuer();
});
afterEach(() => issuer.stop());

function keySet(): Promise<Response> {
  return fetch(issuer.jwksUrl, { redirect: 'manual' });
}

const right = (): object => ({ keys: issuer.keys.published().map(({ publicJwk }) => publicJwk) });

test('a document without a fault is as it is', async () => {
  expect(await (await keySet()).json()).toEqual(right());
});

describe('a fault', () => {
  test('gives a document another status, body and headers, and leaves the rest', async () => {
    issuer.faults.set('jwks', { status: 503, body: 'try later', headers: { 'Retry-After': '5' } });
    const answer = await keySet();
    expect(answer.status).toBe(503);
    expect(await answer.text()).toBe('try later');
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.headers.get('content-type')).toBe('application/jwk-set+json');
    expect((await fetch(issuer.url + DISCOVERY)).status).toBe(200);
  });

  test('replaces a header whatever its case', async () => {
    issuer.faults.set('jwks', { headers: { 'content-TYPE': 'text/html' } });
    expect((await keySet()).headers.get('content-type')).toBe('text/html');
  });

  test('makes a body of the right one', async () => {
    issuer.faults.set('discovery', { body: (document) => ({ ...document, issuer: 'https://elsewhere.example' }) });
    expect(await (await fetch(issuer.url + DISCOVERY)).json()).toMatchObject({
      issuer: 'https://elsewhere.example',
      jwks_uri: issuer.jwksUrl,
    });
  });

  test('a fault of discovery is also one of the OAuth metadata', async () => {
    issuer.faults.set('discovery', 'server-error');
    expect((await fetch(`${issuer.url}/.well-known/oauth-authorization-server`)).status).toBe(500);
  });

  test('is over when it is cleared', async () => {
    issuer.faults.set('jwks', 'server-error');
    issuer.faults.set('discovery', 'server-error');
    issuer.faults.clear('jwks');
    expect((await keySet()).status).toBe(200);
    expect((await fetch(issuer.url + DISCOVERY)).status).toBe(500);
    issuer.faults.clear();
    expect((await fetch(issuer.url + DISCOVERY)).status).toBe(200);
  });

  test('is over after as many fetches as it is for', async () => {
    issuer.faults.set('jwks', { status: 500, times: 2 });
    const statuses: number[] = [];
    for (let fetched = 0; fetched < 3; fetched++) statuses.push((await keySet()).status);
    expect(statuses).toEqual([500, 500, 200]);
  });

  test('may be there from the start', async () => {
    await using faulty = await startIssuer({ faults: { jwks: 'not-found' } });
    expect((await fetch(faulty.jwksUrl)).status).toBe(404);
  });

  test('delays the answer', async () => {
    issuer.faults.set('jwks', { delayMs: 200 });
    const began = performance.now();
    expect(await (await keySet()).json()).toEqual(right());
    expect(performance.now() - began).toBeGreaterThan(190);
  });

  test('lets the body trickle in', async () => {
    issuer.faults.set('jwks', { dripMs: 200 });
    const answer = await keySet();
    let pieces = 0;
    let body = '';
    for await (const piece of answer.body ?? []) {
      pieces += 1;
      body += Buffer.from(piece).toString();
    }
    expect(pieces).toBe(4);
    expect(JSON.parse(body)).toEqual(right());
  });

  test('cuts the connection off before the answer', async () => {
    issuer.faults.set('jwks', { cut: 'at-once' });
    await expect(keySet()).rejects.toThrow('fetch failed');
  });

  test('cuts the connection off in the middle of the body', async () => {
    issuer.faults.set('jwks', { cut: 'half-way' });
    const answer = await keySet();
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow('terminated');
  });

  test('keeps nobody from stopping the issuer', async () => {
    issuer.faults.set('jwks', { delayMs: 60_000 });
    const answer = keySet().catch((error: Error) => error.message);
    while (issuer.fetches.jwks === 0) await new Promise((resolve) => setImmediate(resolve));
    await issuer.stop();
    expect(await answer).toBe('fetch failed');
  });

  test.each<[string, unknown]>([
    ['a name that there is not', 'earthquake'],
    ['the status 99', { status: 99 }],
    ['the status 200.5', { status: 200.5 }],
    ['a negative delay', { delayMs: -1 }],
    ['no number of times', { times: Number.NaN }],
  ])('with %s is wrong use', (_what, fault) => {
    expect(() => issuer.faults.set('jwks', fault as Fault)).toThrow(TypeError);
  });

  test('a fault of an unknown document is wrong use', () => {
    expect(() => issuer.faults.set('userinfo' as 'jwks', 'slow')).toThrow(TypeError);
  });
});

test('a redirect leads to the document as it is', async () => {
  issuer.faults.set('jwks', 'redirect');
  expect((await keySet()).status).toBe(302);
  expect(await (await fetch(issuer.jwksUrl)).json()).toEqual(right());
});

describe('the fetch counters', () => {
  test('count what was fetched, also with a fault, and not HEAD', async () => {
    await keySet();
    issuer.faults.set('jwks', 'server-error');
    await keySet();
    await fetch(issuer.jwksUrl, { method: 'HEAD' });
    await fetch(issuer.url + DISCOVERY);
    expect(issuer.fetches).toEqual({ jwks: 2, discovery: 1, lure: 0 });
  });

  test('and the faults are of one issuer, not of the others on the same server', async () => {
    const tenant = await issuer.addIssuer('/tenant', { faults: { jwks: 'server-error' } });
    expect((await fetch(`${tenant.url}/.well-known/jwks.json`)).status).toBe(500);
    expect((await keySet()).status).toBe(200);
    expect(tenant.fetches).toEqual({ jwks: 1, discovery: 0, lure: 0 });
    expect(issuer.fetches).toEqual({ jwks: 1, discovery: 0, lure: 0 });
  });
});

describe('docs/faults.md', () => {
  const document = read('docs/faults.md');
  const cell = (outcome: Outcome): string => {
    if (outcome === 'ok') return 'ok';
    return `\`${typeof outcome === 'string' ? outcome : outcome.source}\``;
  };

  test('names every fault, once', () => {
    const names = tableRows(section(document, 'Faults by name')).map(([name]) => name);
    expect(names).toEqual(faultNames.map((name) => `\`${name}\``));
  });

  test.each([
    ['Key set', 'jwks'],
    ['Discovery document', 'discovery'],
  ])('has the outcomes of the section "%s"', (heading, name) => {
    const rows = faultOutcomes
      .filter((outcome) => outcome.document === name)
      .flatMap(({ fault, vault, openbao = vault, consul }) => [
        [`\`${fault}\``, 'Vault', ...vault.map(cell)],
        [`\`${fault}\``, 'OpenBao', ...openbao.map(cell)],
        [`\`${fault}\``, 'Consul', ...consul.map(cell)],
      ]);
    expect(tableRows(section(document, heading))).toEqual(rows);
  });

  test('names every fault of the connection, once', () => {
    const names = tableRows(section(document, 'Connection')).map(([name]) => name);
    expect(names).toEqual(tlsFaultNames.map((name) => `\`${name}\``));
  });

  test('has the outcomes of the connection', () => {
    const rows = tlsFaultOutcomes.flatMap(({ fault, vault, consul }) => [
      [`\`${fault}\``, 'Vault', ...vault.map(cell)],
      [`\`${fault}\``, 'OpenBao', ...vault.map(cell)],
      [`\`${fault}\``, 'Consul', ...consul.map(cell)],
    ]);
    expect(tableRows(section(document, 'Connection, what the servers do'))).toEqual(rows);
  });

  test('has what OpenBao says of the connection with discovery', () => {
    const rows = tlsFaultOutcomes.flatMap(({ fault, cause }) => (cause ? [[`\`${fault}\``, cell(cause)]] : []));
    expect(tableRows(section(document, 'Connection, what OpenBao adds'))).toEqual(rows);
  });
});
