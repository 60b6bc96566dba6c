import { inspect } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import {
  generateSigningKey,
  type SigningAlgorithm,
  type SigningKey,
  signingAlgorithms,
  verifyingKey,
} from 'vaultproof/issuer';
import { importPublicKey, privateJwk } from 'vaultproof/issuer/keys';
import { describe, expect, test } from 'vitest';
import { bePatient } from '../../support/patience.js';

bePatient();

/** Two keys for an algorithm, made once: RSA keys take their time. */
const pairs = new Map<SigningAlgorithm, Promise<readonly [SigningKey, SigningKey]>>();
function pairFor(alg: SigningAlgorithm): Promise<readonly [SigningKey, SigningKey]> {
  const pair = pairs.get(alg) ?? Promise.all([generateSigningKey(alg), generateSigningKey(alg)]);
  pairs.set(alg, pair);
  return pair;
}

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

test('the thumbprint of RFC 7638’s example key is the one in section 3.1', async () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs' +
    'tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5haj' +
    'rn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  const { kid } = await verifyingKey(importPublicKey(JSON.stringify({ kty: 'RSA', n, e: 'AQAB' })));
  expect(kid).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
});

describe.each(signingAlgorithms)('a key for %s', (alg) => {
  test('publishes no private member', async () => {
    const [{ publicJwk }] = await pairFor(alg);
    expect(Object.keys(publicJwk).filter((member) => PRIVATE_MEMBERS.includes(member))).toEqual([]);
  });

  test('has the thumbprint of its public members for a kid', async () => {
    const [{ kid, publicJwk }] = await pairFor(alg);
    const { kty, crv, x, y, n, e } = publicJwk;
    const members = { EC: { crv, kty, x, y }, OKP: { crv, kty, x }, RSA: { e, kty, n } };
    const required = members[kty as keyof typeof members];
    expect(kid).toBe(await calculateJwkThumbprint(required as Parameters<typeof calculateJwkThumbprint>[0]));
    expect(kid).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(publicJwk).toMatchObject({ kid, alg, use: 'sig' });
  });

  test('is another one each time', async () => {
    const [first, second] = await pairFor(alg);
    expect(first.kid).not.toBe(second.kid);
  });
});

test('a key is for ES256 unless told otherwise', async () => {
  expect((await generateSigningKey()).publicJwk).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256' });
});

test.each([
  ['ES256', { kty: 'EC', crv: 'P-256' }],
  ['ES384', { kty: 'EC', crv: 'P-384' }],
  ['ES512', { kty: 'EC', crv: 'P-521' }],
  ['EdDSA', { kty: 'OKP', crv: 'Ed25519' }],
  ['RS384', { kty: 'RSA', e: 'AQAB' }],
  ['PS512', { kty: 'RSA', e: 'AQAB' }],
] as const)('a key for %s is published with its type and its curve', async (alg, members) => {
  const [{ publicJwk }] = await pairFor(alg);
  expect(publicJwk).toMatchObject({ ...members, alg });
});

test('a key that is printed or turned into JSON shows nothing of its private half', async () => {
  const key = await generateSigningKey();
  const { d = '' } = await privateJwk(key);
  expect(d).toMatch(/^[\w-]{43}$/);
  const shown = inspect(key, { depth: 10, showHidden: true }) + JSON.stringify(key);
  expect(shown).toContain(key.kid);
  expect(shown).not.toContain(d);
  expect(shown).not.toContain('PRIVATE KEY');
});

test('a key for RS256 has 2048 bits and the usual exponent', async () => {
  const [{ publicJwk, privateKey }] = await pairFor('RS256');
  expect(publicJwk).toMatchObject({ kty: 'RSA', e: 'AQAB' });
  expect(privateKey?.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
});

test.each(['none', 'HS256', 'es256', '', 'toString'])('the algorithm "%s" is refused', async (alg) => {
  await expect(generateSigningKey(alg as SigningAlgorithm)).rejects.toThrow(TypeError);
});
