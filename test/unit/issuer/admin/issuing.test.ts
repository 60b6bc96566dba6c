import { decodeJwt } from 'jose';
import { generateSigningKey, type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { privateJwk, privatePem } from 'vaultproof/issuer/keys';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adminClient, type CallAdmin } from '../../../support/admin-client.js';

const claims = { sub: 'vishpat', aud: 'damage_inc' };

let issuer: StartedIssuer;
let call: CallAdmin;
beforeEach(async () => {
  issuer = await startIssuer({ admin: true });
  call = adminClient(issuer.admin);
  issuer.clock.moveTo(1_800_000_000);
});
afterEach(() => issuer.stop());

describe('keys', () => {
  test('are listed with their states, times and public halves', async () => {
    const { kid, publicJwk } = issuer.keys.active();
    expect(await call('GET', '/keys')).toMatchObject({
      status: 200,
      body: { keys: [{ kid, alg: 'ES256', state: 'active', publishAt: 0, activateAt: 0, publicJwk }] },
    });
    expect(await call('GET', `/keys/${kid}`)).toMatchObject({ status: 200, body: { kid } });
    expect(await call('GET', '/keys/other')).toMatchObject({ status: 404, body: { error: 'unknown_kid' } });
  });

  test('are generated, with times, and walk through their life', async () => {
    const times = { publishAt: 1_800_000_010, activateAt: 1_800_000_020 };
    expect(await call('POST', '/keys', { alg: 'EdDSA', kid: 'mine', ...times })).toMatchObject({
      status: 201,
      body: { kid: 'mine', alg: 'EdDSA', state: 'added', ...times, publicJwk: { kty: 'OKP', crv: 'Ed25519' } },
    });
    expect(await call('POST', '/keys', { kid: 'mine' })).toMatchObject({ status: 409, body: { error: 'kid_taken' } });
    expect(await call('POST', '/keys/mine/publish')).toMatchObject({ status: 200, body: { state: 'published' } });
    expect(await call('POST', '/keys/mine/activate', {})).toMatchObject({ status: 200, body: { state: 'active' } });
    expect(issuer.keys.active().kid).toBe('mine');
    const later = { at: 1_800_000_100 };
    expect(await call('POST', '/keys/mine/retire', later)).toMatchObject({ body: { retireAt: 1_800_000_100 } });
    issuer.clock.advance(100);
    expect(await call('GET', '/keys/mine')).toMatchObject({ body: { state: 'retired' } });
    expect(await call('POST', '/keys/mine/activate')).toMatchObject({ status: 409, body: { error: 'unknown_kid' } });
    expect(await call('POST', '/keys/none/retire')).toMatchObject({ status: 404, body: { error: 'unknown_kid' } });
  });

  test('are imported as PEM and as JWK, and no answer has a private half', async () => {
    const [pem, jwk] = [await generateSigningKey('RS256'), await generateSigningKey('ES384', { kid: 'from-a-jwk' })];
    const answers = [
      await call('POST', '/keys', { key: privatePem(pem), alg: 'PS256' }),
      await call('POST', '/keys', { key: await privateJwk(jwk) }),
      await call('GET', '/keys'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 200]);
    expect(answers[0]?.body).toMatchObject({ kid: pem.kid, alg: 'PS256' });
    expect(answers[1]?.body).toMatchObject({ kid: 'from-a-jwk', alg: 'ES384' });
    const { d } = await privateJwk(jwk);
    expect(JSON.stringify(answers)).not.toContain(d);
    expect(JSON.stringify(answers)).not.toMatch(/"(?:d|p|q|dp|dq|qi|k|privateKey)":/);
  });

  test('values that are not keys are refused without being quoted', async () => {
    const { publicJwk } = await generateSigningKey('ES256');
    const { body: tooShort } = await call('POST', '/keys', { key: '-----BEGIN PRIVATE KEY-----\ncanary' });
    for (const key of ['canary', { kty: 'EC', d: 'canary' }, publicJwk]) {
      expect(await call('POST', '/keys', { key })).toMatchObject({ status: 400, body: { error: 'key_invalid' } });
    }
    expect(JSON.stringify(tooShort)).not.toContain('canary');
    const dots = await privateJwk(await generateSigningKey('ES256', { kid: '..' }));
    expect(await call('POST', '/keys', { key: dots })).toMatchObject({ status: 400 });
  });

  test('are rotated', async () => {
    const old = issuer.keys.active();
    const options = { alg: 'ES256', leadSeconds: 60, overlapSeconds: 120 };
    const { status, body } = await call('POST', '/rotate', options);
    expect({ status, body }).toMatchObject({ status: 201, body: { state: 'published', activateAt: 1_800_000_060 } });
    expect(issuer.keys.active()).toBe(old);
    issuer.clock.advance(60);
    expect(body).toMatchObject({ kid: issuer.keys.active().kid });
    expect(await call('GET', `/keys/${old.kid}`)).toMatchObject({ body: { state: 'overlapping' } });
    expect(await call('POST', '/rotate')).toMatchObject({ status: 201, body: { alg: 'ES256', state: 'active' } });
  });
});

test('claims of every token are put, read and deleted', async () => {
  expect(await call('PUT', '/claims', { groups: ['admins'], who: '{{sub}}!' })).toMatchObject({ status: 200 });
  expect(await call('GET', '/claims')).toMatchObject({ body: { groups: ['admins'], who: '{{sub}}!' } });
  expect(decodeJwt(await issuer.sign(claims))).toMatchObject({ groups: ['admins'], who: 'vishpat!' });
  expect(await call('PUT', '/claims', { who: '{{}}' })).toMatchObject({
    status: 400,
    body: { error: 'invalid_request' },
  });
  expect(issuer.claims.get()).toHaveProperty('groups');
  expect(await call('DELETE', '/claims')).toMatchObject({ status: 204, body: undefined });
  expect(decodeJwt(await issuer.sign(claims))).not.toHaveProperty('who');
});

describe('faults', () => {
  test('are set by name, shown and cleared', async () => {
    expect(await call('PUT', '/faults/jwks', { name: 'server-error' })).toMatchObject({
      status: 200,
      body: { fault: { name: 'server-error' } },
    });
    expect((await fetch(issuer.jwksUrl)).status).toBe(500);
    expect((await call('GET', '/faults')).body).toEqual({
      jwks: { fault: { name: 'server-error' } },
      discovery: { fault: null },
    });
    expect(await call('DELETE', '/faults/jwks')).toMatchObject({ status: 204 });
    expect((await fetch(issuer.jwksUrl)).status).toBe(200);
  });

  test('are set as an object, for as many fetches as it says', async () => {
    const fault = { status: 503, body: { keys: [] }, headers: { 'Retry-After': '1' }, times: 2 };
    expect((await call('PUT', '/faults/jwks', fault)).body).toEqual({ fault, fetchesLeft: 2 });
    const answer = await fetch(issuer.jwksUrl);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await answer.json()).toEqual({ keys: [] });
    expect((await call('GET', '/faults/jwks')).body).toEqual({ fault, fetchesLeft: 1 });
    await fetch(issuer.jwksUrl);
    expect((await call('GET', '/faults/jwks')).body).toEqual({ fault: null });
  });

  test('faults that a program set are shown without its function', async () => {
    issuer.faults.set('jwks', { status: 201, body: (document) => document });
    issuer.faults.set('discovery', { body: 'a text' });
    expect((await call('GET', '/faults')).body).toEqual({
      jwks: { fault: { status: 201 } },
      discovery: { fault: { body: 'a text' } },
    });
  });

  test.each([
    ['jwks', { name: 'none' }, 400],
    ['jwks', { name: 'slow', status: 500 }, 400],
    ['jwks', { status: 100 }, 400],
    ['jwks', { headers: { 'not a name': 'x' } }, 400],
    ['jwks', { headers: { fine: 'a\nb' } }, 400],
    ['jwks', { headers: { Trailer: 'x' }, delayMs: 1e9 }, 400],
    ['lure', { name: 'slow' }, 404],
  ])('a fault of %s %j is refused', async (document, fault, status) => {
    expect(await call('PUT', `/faults/${document}`, fault)).toMatchObject({ status });
    expect((await call('GET', '/faults')).body).toEqual({ jwks: { fault: null }, discovery: { fault: null } });
  });
});

test('fetches are counted, and counted from 0 again', async () => {
  await fetch(issuer.jwksUrl);
  expect((await call('GET', '/fetches')).body).toEqual({ jwks: 1, discovery: 0, lure: 0 });
  expect(await call('DELETE', '/fetches')).toMatchObject({ status: 204 });
  expect((await call('GET', '/fetches')).body).toEqual({ jwks: 0, discovery: 0, lure: 0 });
  expect(issuer.fetches.jwks).toBe(0);
});

test('the clock is read, moved, advanced and reset', async () => {
  expect((await call('PUT', '/clock', { now: 1_900_000_000 })).body).toEqual({
    now: expect.closeTo(1_900_000_000, -1),
  });
  expect((await call('POST', '/clock/advance', { seconds: 3_600 })).body).toEqual({
    now: expect.closeTo(1_900_003_600, -1),
  });
  expect((await call('GET', '/clock')).body).toEqual({ now: expect.closeTo(1_900_003_600, -1) });
  expect(issuer.clock.now()).toBeGreaterThanOrEqual(1_900_003_600);
  expect(await call('POST', '/clock/advance', { seconds: 1e12 })).toMatchObject({ status: 400 });
  expect(await call('PUT', '/clock', { now: 1.5 })).toMatchObject({ status: 400 });
  expect(await call('PUT', '/clock', { now: 1_000 })).toMatchObject({ status: 200 });
  expect(await call('POST', '/clock/advance', { seconds: -9_000 })).toMatchObject({ status: 409 });
  expect(await call('DELETE', '/clock')).toMatchObject({ status: 204 });
  expect(issuer.clock.now()).toBeLessThan(Date.now() / 1000 + 1);
});
