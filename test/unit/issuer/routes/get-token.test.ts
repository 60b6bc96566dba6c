import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { generateSigningKey, type SigningKey, type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { getTokenDialect } from 'vaultproof/issuer/endpoints';
import { readKey } from 'vaultproof/issuer/keys';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { post } from '../../../support/post.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const KAN_SOKI = '{"id": "kan_soki", "aud": "damage_inc"}';
let kanSoki: SigningKey;
let mando: SigningKey;
let issuer: StartedIssuer;
let url: string;

beforeAll(async () => {
  [kanSoki, mando] = await Promise.all([generateSigningKey('RS256'), generateSigningKey('RS256')]);
  const keys = new Map([
    ['kan_soki', kanSoki],
    ['mando', mando],
  ]);
  issuer = await startIssuer({ dialects: [getTokenDialect({ keyFor: (id) => keys.get(id) })] });
  url = `${issuer.url}/get_token`;
});
afterAll(() => issuer.stop());

async function tokenIn(answer: Response): Promise<string> {
  const body = (await answer.json()) as { token: string };
  expect(Object.keys(body)).toEqual(['token']);
  return body.token;
}

test('a token is signed with RS256 and the key of the user alone', async () => {
  const jwt = await tokenIn(await post(url, KAN_SOKI));
  expect(decodeProtectedHeader(jwt).alg).toBe('RS256');
  const { payload } = await jwtVerify(jwt, await importJWK({ ...kanSoki.publicJwk }));
  expect(payload.sub).toBe('kan_soki');
  await expect(jwtVerify(jwt, await importJWK({ ...mando.publicJwk }))).rejects.toMatchObject({
    code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  });
});

test('a token has sub, aud, iss, iat, nbf and exp, an hour later, and no other claim', async () => {
  issuer.clock.moveTo(1_700_000_000);
  const claims = decodeJwt(await tokenIn(await post(url, KAN_SOKI)));
  issuer.clock.reset();
  expect(claims).toEqual({
    sub: 'kan_soki',
    aud: 'damage_inc',
    iss: issuer.url,
    iat: 1_700_000_000,
    nbf: 1_700_000_000,
    exp: 1_700_003_600,
  });
});

test.each(['application/x-www-form-urlencoded', 'application/json', 'text/plain', 'nonsense'])(
  'a body under the Content-Type %s is read as JSON',
  async (type) => {
    const answer = await post(url, KAN_SOKI, { 'content-type': type });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  },
);

test.each(['nobody', '../kan_soki', 'kan_soki.pem', "' OR 1=1 --", '__proto__', 'constructor', '\u0000'])(
  'the unknown user %j is answered with 404',
  async (id) => {
    const answer = await post(url, JSON.stringify({ id, aud: 'damage_inc' }));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ error: 'there is no key for this id' });
  },
);

describe('what is no request for a token is answered with 400', () => {
  test.each([
    ['nothing', '', 'the body is not JSON'],
    ['a form', 'id=kan_soki&aud=damage_inc', 'the body is not JSON'],
    ['half of the JSON', '{"id": "kan_soki", "aud"', 'the body is not JSON'],
    ['a list', '["kan_soki", "damage_inc"]', 'the body is not a JSON object'],
    ['null', 'null', 'the body is not a JSON object'],
    ['no id', '{"aud": "damage_inc"}', '"id" must be a string that is not empty'],
    ['no aud', '{"id": "kan_soki"}', '"aud" must be a string that is not empty'],
    ['a number for id', '{"id": 1, "aud": "damage_inc"}', '"id" must be a string that is not empty'],
    ['an empty aud', '{"id": "kan_soki", "aud": ""}', '"aud" must be a string that is not empty'],
  ])('%s', async (_what, body, error) => {
    const answer = await post(url, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error });
  });
});

test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('%s is answered with 405', async (method) => {
  const answer = await fetch(url, { method });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('POST');
  expect(await answer.text()).toBe(method === 'HEAD' ? '' : '{"error":"this takes POST"}');
});

test('a key that cannot be had is answered with 500, and without the reason', async () => {
  await using other = await startIssuer({
    dialects: [getTokenDialect({ keyFor: () => Promise.reject(new Error('canary in /home/canary')) })],
  });
  const answer = await post(`${other.url}/get_token`, KAN_SOKI);
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ error: 'the issuer failed' });
});

test("a key that can't be used is answered with 500 and a code; its file is for the log alone", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'kan_soki'), 'no key');
  const warnings: string[] = [];
  const keyFor = async (id: string) => (await readKey(folder, id)).key;
  await using other = await startIssuer({
    dialects: [getTokenDialect({ keyFor })],
    warn: (message) => warnings.push(message),
  });
  const answer = await post(`${other.url}/get_token`, KAN_SOKI);
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ error: 'the issuer failed: key_invalid' });
  expect(warnings).toEqual([
    `POST "/get_token" was answered with 500: the key file "${join(folder, 'kan_soki')}" can't be used: this is not a key: it is neither a PEM nor a jwk`,
  ]);
});
