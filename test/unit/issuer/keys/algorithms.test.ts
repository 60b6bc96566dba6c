import { constants, createHmac, createPublicKey, verify } from 'node:crypto';
import { execa } from 'execa';
import { compactVerify, importJWK } from 'jose';
import {
  generateSigningKey,
  type SigningAlgorithm,
  type SigningKey,
  secretAlgorithms,
  signCompact,
  signingAlgorithms,
} from 'vaultproof/issuer';
import { importSigningKey, privateJwk, publicPem, secretBytes, sharedSecret } from 'vaultproof/issuer/keys';
import { beforeAll, describe, expect, test } from 'vitest';
import { madeKey } from '../../../support/made-key.js';
import { bePatient } from '../../../support/patience.js';
import { pythonWithPyJwt } from '../../../support/python.js';

// RSA keys take their time.
bePatient();

const SECRET = 'kAVgYYIfJVOFsXb3S/4RPLc8RVD6Q4h9qQp1E7DLxdPMKPRkTxw8pV1TvC/q9fMcI2w8g1A1QmV1sYdpmbT3Tg==';
const SIGNATURE_BYTES: Readonly<Record<string, number>> = { ES256: 64, ES384: 96, ES512: 132, EdDSA: 64 };
const claims = { sub: 'vishpat', name: 'Ærøskøbing ✓' };

/** Verifies as RFC 7518 says, with OpenSSL by way of Node and nothing of jose. */
function verifies(alg: SigningAlgorithm, pem: string, jwt: string): boolean {
  const [header, payload, signature = ''] = jwt.split('.');
  const padding = alg.startsWith('PS') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const rsa = /^[RP]S/.test(alg) ? { padding } : {};
  const pss = alg.startsWith('PS') ? { saltLength: Number(alg.slice(2)) / 8 } : {};
  const ec = alg.startsWith('ES') ? ({ dsaEncoding: 'ieee-p1363' } as const) : {};
  const hash = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`;
  const key = { key: createPublicKey(pem), ...rsa, ...pss, ...ec };
  return verify(hash, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
}

describe.each(signingAlgorithms)('a token signed with %s', (alg) => {
  let key: SigningKey;
  let other: SigningKey;
  beforeAll(async () => {
    [key, other] = await Promise.all([madeKey(alg), generateSigningKey(alg)]);
  });

  test('is verified by jose and by OpenSSL, and has a raw signature of the right length', async () => {
    const jwt = await signCompact(key, claims);
    const { payload, protectedHeader } = await compactVerify(jwt, await importJWK(key.publicJwk, alg));
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual(claims);
    expect(protectedHeader).toEqual({ alg, kid: key.kid, typ: 'JWT' });
    expect(verifies(alg, publicPem(key), jwt)).toBe(true);
    expect(Buffer.from(jwt.split('.')[2] ?? '', 'base64url').length).toBe(SIGNATURE_BYTES[alg] ?? 256);
    expect(jwt).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  test('is not verified by another key', async () => {
    expect(verifies(alg, publicPem(other), await signCompact(key, claims))).toBe(false);
  });
});

test.each(['RS384', 'PS512'] as const)('an RSA key signs with %s when told to', async (alg) => {
  const usual = await madeKey('RS256');
  const key = await importSigningKey(JSON.stringify(await privateJwk(usual)), { alg });
  expect(key.publicJwk.alg).toBe(alg);
  expect(verifies(alg, publicPem(key), await signCompact(key, claims))).toBe(true);
});

describe.each(secretAlgorithms)('a token signed with %s', (alg) => {
  test('is verified by jose and by a plain HMAC with the text of the secret', async () => {
    const jwt = await signCompact(sharedSecret(SECRET, alg), claims);
    const { protectedHeader } = await compactVerify(jwt, secretBytes(SECRET));
    expect(protectedHeader).toEqual({ alg, typ: 'JWT' });
    const [header, payload, signature] = jwt.split('.');
    const hmac = createHmac(`sha${alg.slice(2)}`, Buffer.from(SECRET)).update(`${header}.${payload}`);
    expect(hmac.digest('base64url')).toBe(signature);
  });
});

test('a secret shorter than its hash is refused, and named by its length alone', () => {
  expect(() => sharedSecret('short-canary', 'HS256')).toThrow('must have 32 bytes or more, this one has 12');
  expect(() => sharedSecret('x'.repeat(63), 'HS512')).toThrow(TypeError);
});

describe('PyJWT', () => {
  /** Reads JSON cases from standard input and prints the sub of each token that it verifies. */
  const PROGRAM = `
import json, jwt, sys
for case in json.load(sys.stdin):
    print(jwt.decode(case["jwt"], key=case["key"], algorithms=[case["alg"]])["sub"])
`;

  test('verifies a token of every algorithm', async ({ skip }) => {
    const python = await pythonWithPyJwt();
    if ('missing' in python) return skip(python.missing);
    const cases = await Promise.all([
      ...signingAlgorithms.map(async (alg) => {
        const key = await madeKey(alg);
        return { alg, jwt: await signCompact(key, claims), key: publicPem(key) };
      }),
      ...secretAlgorithms.map(async (alg) => ({
        alg,
        jwt: await signCompact(sharedSecret(SECRET, alg), claims),
        key: SECRET,
      })),
    ]);
    const { stdout } = await execa(python.path, ['-c', PROGRAM], { input: JSON.stringify(cases) });
    expect(stdout.split('\n')).toEqual(Array.from({ length: 13 }, () => 'vishpat'));
  }, 120_000);
});
