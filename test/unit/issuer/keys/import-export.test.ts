import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, importJWK } from 'jose';
import { generateSigningKey, signingAlgorithms } from 'vaultproof/issuer';
import {
  importPublicKey,
  importPublicKeys,
  importSigningKey,
  privateJwk,
  privatePem,
  publicPem,
} from 'vaultproof/issuer/keys';
import { beforeAll, describe, expect, test } from 'vitest';
import { madeKey } from '../../../support/made-key.js';
import { bePatient } from '../../../support/patience.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openssl } from './openssl.js';

// openssl takes its time to find primes.
bePatient();

const curves = [
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
  ['secp521r1', 'ES512'],
] as const;

/** Every way in which openssl writes a private key that has no password. */
const written: readonly [string, string, string, () => Promise<string>][] = [
  ['RSA in PKCS8', 'RS256', 'BEGIN PRIVATE KEY', () => openssl(['genrsa', '2048'])],
  ['RSA in PKCS1', 'RS256', 'BEGIN RSA PRIVATE KEY', () => openssl(['genrsa', '-traditional', '2048'])],
  ['Ed25519 in PKCS8', 'EdDSA', 'BEGIN PRIVATE KEY', () => openssl(['genpkey', '-algorithm', 'ed25519'])],
  ...curves.flatMap(([curve, alg]): [string, string, string, () => Promise<string>][] => {
    const ecparam = ['ecparam', '-name', curve, '-genkey'];
    const genpkey = ['genpkey', '-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`];
    return [
      [`${curve} in SEC1`, alg, 'BEGIN EC PRIVATE KEY', () => openssl([...ecparam, '-noout'])],
      [`${curve} in SEC1 after its parameters`, alg, 'BEGIN EC PARAMETERS', () => openssl(ecparam)],
      [`${curve} in PKCS8`, alg, 'BEGIN PRIVATE KEY', () => openssl(genpkey)],
    ];
  }),
];

describe.each(written)('a key that openssl wrote as %s', (_how, alg, begins, write) => {
  test('is read and has the public half that openssl sees', async () => {
    const pem = await write();
    expect(pem.split('\n')[0]).toContain(begins);
    const key = await importSigningKey(pem);
    expect(key.alg).toBe(alg);
    expect(publicPem(key).trimEnd()).toBe(await openssl(['pkey', '-pubout'], pem));
    expect(await importSigningKey(pem.replaceAll('\n', '\r\n'))).toMatchObject({ kid: key.kid });
  });
});

describe.each(signingAlgorithms)('a key for %s', (alg) => {
  test('goes through PEM and JWK and stays the same, and openssl reads it', async () => {
    const key = await generateSigningKey(alg, { kid: 'chosen' });
    expect(await openssl(['pkey', '-pubout'], privatePem(key))).toBe(publicPem(key).trimEnd());
    const { kid, ...members } = (await importSigningKey(privatePem(key), { alg })).publicJwk;
    expect(kid).toMatch(/^[\w-]{43}$/);
    expect({ ...members, kid: 'chosen' }).toEqual(key.publicJwk);
    const fromJwk = await importSigningKey(JSON.stringify(await privateJwk(key)));
    expect(fromJwk).toMatchObject({ alg, kid: 'chosen', publicJwk: key.publicJwk });
    await expect(importJWK(await privateJwk(key), alg)).resolves.toBeDefined();
  });
});

describe('a public key', () => {
  let pem: string;
  beforeAll(async () => {
    pem = await openssl(['genrsa', '2048']);
  });

  test.each([
    ['SPKI', 'BEGIN PUBLIC KEY', (pem: string) => openssl(['pkey', '-pubout'], pem)],
    ['PKCS1', 'BEGIN RSA PUBLIC KEY', (pem: string) => openssl(['rsa', '-RSAPublicKey_out'], pem)],
    [
      'a certificate',
      'BEGIN CERTIFICATE',
      async (pem: string) => {
        const file = join(await temporaryFolder(), 'key.pem');
        await writeFile(file, pem);
        return openssl(['req', '-x509', '-new', '-key', file, '-subj', '/CN=issuer']);
      },
    ],
    ['the private key', 'BEGIN PRIVATE KEY', async (pem: string) => pem],
  ])('is read from %s', async (_form, begins, convert) => {
    const text = await convert(pem);
    expect(text).toContain(begins);
    const found = importPublicKey(text).export({ type: 'spki', format: 'pem' });
    expect(found.toString().trimEnd()).toBe(await openssl(['pkey', '-pubout'], pem));
  });

  test('is read from a JWK, and from the only one of a key set that signs', async () => {
    const key = await generateSigningKey('ES384');
    const spki = publicPem(key);
    const encryption = { ...(await madeKey('RS256')).publicJwk, use: 'enc', alg: 'RSA-OAEP' };
    const texts = [key.publicJwk, { keys: [key.publicJwk] }, { keys: [encryption, key.publicJwk] }];
    for (const text of texts.map((jwk) => JSON.stringify(jwk))) {
      expect(importPublicKey(text).export({ type: 'spki', format: 'pem' })).toBe(spki);
    }
  });

  test('is not picked out of a key set with several that sign', async () => {
    const keys = [(await generateSigningKey()).publicJwk, (await generateSigningKey()).publicJwk];
    expect(() => importPublicKey(JSON.stringify({ keys }))).toThrowError(
      expect.objectContaining({ code: 'key_invalid' }),
    );
  });
});

describe('import of a key ends with key_invalid and repeats nothing of the key', () => {
  /** Any 12 characters of a key in a row would be too many. */
  async function refusal(text: string): Promise<string> {
    const error: unknown = await importSigningKey(text).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'key_invalid' });
    const { message } = error as Error;
    const material = text.replace(/-----[A-Z0-9 ]+-----/g, '').match(/[A-Za-z0-9+/_-]{12,}/g) ?? [];
    for (const run of material) {
      for (let at = 0; at + 12 <= run.length; at += 1) expect(message).not.toContain(run.slice(at, at + 12));
    }
    return message;
  }

  test('an encrypted key is refused', async () => {
    const pkcs8 = await openssl(['genpkey', '-algorithm', 'ed25519', '-aes256', '-pass', 'pass:x']);
    expect(await refusal(pkcs8)).toContain('encrypted');
    const pkcs1 = await openssl(['genrsa', '-traditional', '-aes256', '-passout', 'pass:x', '2048']);
    expect(await refusal(pkcs1)).toContain('encrypted');
  });

  test('a key that is cut off anywhere is refused', async () => {
    const pem = privatePem(await generateSigningKey('ES256'));
    expect(await refusal(pem.slice(0, 100))).toContain('cut off');
    const lines = pem.trimEnd().split('\n');
    await refusal([lines[0], lines[1], lines.at(-1)].join('\n'));
    await refusal(JSON.stringify(await privateJwk(await generateSigningKey())).slice(0, -20));
    await refusal('');
  });

  test('a key followed by one that is cut off is refused', async () => {
    const [one, other] = [privatePem(await generateSigningKey()), privatePem(await generateSigningKey())];
    expect(await refusal(`${one}${other.slice(0, 100)}`)).toContain('cut off');
  });

  test.each([
    ['in one line', 'in one line', (pem: string) => pem.replaceAll('\n', '')],
    ['with the two characters \\n for line breaks', 'two characters', (pem: string) => pem.replaceAll('\n', '\\n')],
    ['in quotes', 'in quotes', (pem: string) => `"${pem}"`],
    ['indented', 'indented', (pem: string) => pem.replace(/^/gm, '  ')],
    ['in base64 once more', 'base64 -d', (pem: string) => Buffer.from(pem).toString('base64')],
  ])('a PEM that is %s is refused by that name', async (_how, named, spoil) => {
    const key = await madeKey('RS256');
    expect(await refusal(spoil(privatePem(key)))).toContain(named);
    const spoiled = spoil(publicPem(key));
    expect(() => importPublicKey(spoiled)).toThrowError(
      expect.objectContaining({ code: 'key_invalid', message: expect.stringContaining(named) }),
    );
  });

  test("a key in OpenSSH's own format is refused with the command that converts it", async () => {
    // As `ssh-keygen` begins it: the magic bytes, then the cipher.
    const body = Buffer.concat([Buffer.from('openssh-key-v1\0\0\0\0\x04none'), randomBytes(120)]).toString('base64');
    const key = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
    expect(await refusal(key)).toContain('ssh-keygen -p -m PKCS8 -f KEY');
    const line = `ssh-ed25519 ${randomBytes(51).toString('base64')} someone@host\n`;
    expect(await refusal(line)).toContain('ssh-keygen -e -m PKCS8 -f KEY.pub');
  });

  test('a public key is refused', async () => {
    const key = await generateSigningKey();
    await refusal(publicPem(key));
    await refusal(JSON.stringify(key.publicJwk));
  });

  test.each(['ES256', 'RS256', 'EdDSA'] as const)(
    'a JWK for %s with the public half of another key is refused',
    async (alg) => {
      const [one, other] = await Promise.all([madeKey(alg), generateSigningKey(alg)]);
      const mixed = { ...(await privateJwk(one)), ...other.publicJwk };
      expect(await refusal(JSON.stringify(mixed))).toContain('do not belong together');
    },
  );

  test('a SEC1 key with the public half of another key is refused', async () => {
    const [one, other] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    const sec1 = createPrivateKey(privatePem(one)).export({ type: 'sec1', format: 'der' });
    const point = (pem: string) => createPublicKey(pem).export({ type: 'spki', format: 'der' }).subarray(-65);
    const [own, foreign] = [point(publicPem(one)), point(publicPem(other))];
    const at = sec1.indexOf(own);
    const mixed = Buffer.concat([sec1.subarray(0, at), foreign, sec1.subarray(at + 65)]).toString('base64');
    await refusal(
      `-----BEGIN EC PRIVATE KEY-----\n${mixed.match(/.{1,64}/g)?.join('\n')}\n-----END EC PRIVATE KEY-----\n`,
    );
  });

  test.each([
    ['text', 'this is a secret that nobody may see'],
    [
      'a JWK whose member is a secret of another type',
      '{"kty":"EC","crv":"P-256","d":["canary-canary-1"],"x":"canary-canary-2"}',
    ],
    ['a JWK of an unknown curve', '{"kty":"EC","crv":"canary-canary-3","x":"AA","y":"AA","d":"canary-canary-4"}'],
    ['a JWK of an unknown type', '{"kty":"canary-canary-5","d":"canary-canary-6"}'],
    ['a shared secret', '{"kty":"oct","k":"canary-canary-7","d":"canary-canary-8"}'],
    ['a list', '{"keys":[]}'],
    ['half an object', '{"kty":"EC","d":"canary-canary-9'],
  ])('a key that is %s is refused', async (_what, text) => {
    await refusal(text);
  });
});

describe('several public keys', () => {
  const pemsOf = (text: string) =>
    importPublicKeys(text).keys.map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' }));

  test('are all read from a key set, with what they say of themselves, and those for encryption are passed over', async () => {
    const [one, other] = await Promise.all([generateSigningKey('RS256'), generateSigningKey('ES256', { kid: 'two' })]);
    const { kid: _kid, alg: _alg, use: _use, ...bare } = one.publicJwk;
    const keys = [
      { ...bare, kid: 'enc', use: 'enc', alg: 'RSA-OAEP' },
      bare,
      other.publicJwk,
      { kty: 'OKP', crv: 'X25519', kid: 'dh', x: Buffer.alloc(32, 9).toString('base64url') },
      { kty: 'AKP', kid: 'new', alg: 'ML-DSA-44', pub: 'AAAA' },
      null,
    ];
    const text = JSON.stringify({ keys });
    expect(pemsOf(text)).toEqual([one, other].map((key) => publicPem(key)));
    const { keys: read, passedOver } = importPublicKeys(text);
    expect(read.map(({ own }) => own)).toEqual([{}, { alg: 'ES256', kid: 'two' }]);
    expect(passedOver.map((line) => line.split(' is skipped')[0])).toEqual([
      'the key "enc"',
      'the key "dh"',
      'the key "new"',
      'the key number 6',
    ]);
  });

  test('are all read from one PEM file, none twice', async () => {
    const [one, other] = [await generateSigningKey('RS256'), await generateSigningKey()];
    expect(pemsOf(publicPem(one) + publicPem(other))).toEqual([publicPem(one), publicPem(other)]);
    expect(pemsOf(privatePem(one) + publicPem(one))).toEqual([publicPem(one)]);
    expect(pemsOf(await openssl(['ecparam', '-name', 'prime256v1', '-genkey']))).toHaveLength(1);
    expect(() => importPublicKeys(publicPem(one) + publicPem(other).slice(0, 60))).toThrowError(
      expect.objectContaining({ code: 'key_invalid' }),
    );
  });

  test('are none where all are for encryption', async () => {
    const keys = [{ ...(await madeKey('RS256')).publicJwk, use: 'enc' }];
    expect(() => importPublicKeys(JSON.stringify({ keys }))).toThrowError(
      expect.objectContaining({ code: 'key_invalid', message: expect.stringContaining('encryption') }),
    );
  });
});

describe('a key is too weak or of no use', () => {
  test('RSA under 2048 bits', async () => {
    await expect(importSigningKey(await openssl(['genrsa', '1024']))).rejects.toThrow(TypeError);
    await expect(generateSigningKey('RS256', { modulusLength: 2047 })).rejects.toThrow(TypeError);
    await expect(generateSigningKey('RS256', { modulus: 4096 } as never)).rejects.toThrow('unknown option "modulus"');
  });

  test('another curve', async () => {
    const pem = await openssl(['ecparam', '-name', 'secp256k1', '-genkey', '-noout']);
    await expect(importSigningKey(pem)).rejects.toThrow(TypeError);
  });

  test('X25519, and RSA for PSS alone', async () => {
    for (const algorithm of ['x25519', 'rsa-pss']) {
      await expect(importSigningKey(await openssl(['genpkey', '-algorithm', algorithm]))).rejects.toThrow(TypeError);
    }
  });

  test('an algorithm that does not fit', async () => {
    await expect(importSigningKey(privatePem(await generateSigningKey()), { alg: 'RS256' })).rejects.toThrow(TypeError);
  });
});

test.each([
  ['ES256', 300, 32],
  ['ES512', 20, 66],
] as const)('coordinates of %s keep their leading zeros', async (alg, tries, bytes) => {
  for (let count = 0; count < tries; count += 1) {
    const { x, y } = (await generateSigningKey(alg)).publicJwk;
    const lengths = [x, y].map((coordinate) => Buffer.from(String(coordinate), 'base64url').length);
    expect(lengths).toEqual([bytes, bytes]);
  }
});

test('the numbers of an RSA key have no leading zeros', async () => {
  const key = await generateSigningKey('RS256');
  expect(key.publicJwk.e).toBe('AQAB');
  expect(Buffer.from(String(key.publicJwk.n), 'base64url')[0]).toBeGreaterThan(0);
  expect(await exportJWK(importPublicKey(publicPem(key)))).toEqual({
    kty: 'RSA',
    n: key.publicJwk.n,
    e: 'AQAB',
  });
});
