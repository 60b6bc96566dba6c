import type { JWK } from 'jose';
import { type Expectations, generateSigningKey, type SigningKey, signCompact, verifyToken } from 'vaultproof/issuer';
import { sharedSecret } from 'vaultproof/issuer/keys';
import { beforeAll, describe, expect, test } from 'vitest';

const NOW = 1_800_000_000;
const claims = { iss: 'https://issuer.example', sub: 'vishpat', aud: 'damage_inc', iat: NOW, exp: NOW + 60 };
let es256: SigningKey;
let other: SigningKey;

beforeAll(async () => {
  es256 = await generateSigningKey('ES256', { kid: 'e' });
  other = await generateSigningKey('ES256', { kid: 'o' });
});

function verify(jwt: string, expected: Partial<Expectations> = {}): Promise<unknown> {
  return verifyToken(jwt, { algorithms: ['ES256'], keys: [es256.publicJwk], now: NOW, ...expected });
}

/** A token with any header, and a signature that fits no key. */
function forged(header: object, payload: object = claims): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(payload)}.AAAA`;
}

function jwk({ publicJwk }: SigningKey, change: object = {}): JWK {
  return JSON.parse(JSON.stringify({ ...publicJwk, ...change })) as JWK;
}

describe('the verdict on a token that cannot be read', () => {
  test.each([65_537, 100_000])('of %d bytes says that it is too large', async (length) => {
    const tooLarge = { valid: false, code: 'token_too_large', reason: 'the token is over 64 KiB' };
    expect(await verify('a'.repeat(length))).toEqual(tooLarge);
    // Bytes count, not characters.
    expect(await verify('é'.repeat(Math.ceil(length / 2)))).toEqual(tooLarge);
  });

  test('of 64 KiB is about its form', async () => {
    expect(await verify('a'.repeat(65_536))).toEqual({
      valid: false,
      code: 'token_malformed',
      reason: 'this is not a compact JWT: it has 1 parts, not 3',
    });
  });

  test.each(['', ' ', '\n'])('that is %j says that it is empty', async (jwt) => {
    expect(await verify(jwt)).toEqual({ valid: false, code: 'token_missing', reason: 'the token is empty' });
  });
});

describe('the verdict on "b64" in a header', () => {
  const reason = 'its header has "b64": false, which a JWT must not have (RFC 7797, section 7)';

  test('that must be understood and is false is a refusal', async () => {
    expect(await verify(forged({ alg: 'ES256', kid: 'e', b64: false, crit: ['exp', 'b64'] }))).toEqual({
      valid: false,
      code: 'token_malformed',
      reason,
    });
  });

  test.each([{ b64: true, crit: ['b64'] }, { b64: false, crit: ['exp'] }, { b64: false, crit: 'b64' }, { b64: false }])(
    'of %j is not about it',
    async (header) => {
      expect(await verify(forged({ alg: 'ES256', kid: 'e', ...header }))).not.toMatchObject({ reason });
    },
  );

  test('that is true is that of any token', async () => {
    const jwt = await signCompact(es256, claims, { b64: true, crit: ['b64'] });
    expect(await verify(jwt)).toMatchObject({ valid: true });
  });
});

describe('the verdict on an algorithm', () => {
  test.each([
    ['HS256', 'HS256'],
    ['none', 'none'],
    ['ES384', 'ES384'],
    [7, 7],
    [undefined, null],
  ])('%j that the caller does not allow has both sides', async (alg, found) => {
    expect(await verify(forged({ alg, kid: 'e' }))).toEqual({
      valid: false,
      code: 'algorithm_not_allowed',
      reason: 'the algorithm is not allowed',
      expected: ['ES256'],
      found,
    });
  });

  test('"none" is the same where the caller allows it', async () => {
    expect(await verify(forged({ alg: 'none', kid: 'e' }), { algorithms: ['none'] })).toEqual({
      valid: false,
      code: 'algorithm_not_allowed',
      reason: 'the algorithm is not allowed',
      expected: ['none'],
      found: 'none',
    });
  });

  test('of a key pair says that a secret verifies none', async () => {
    const keys = { secret: Buffer.alloc(32, 1) };
    expect(await verify(await signCompact(es256, claims), { keys })).toEqual({
      valid: false,
      code: 'algorithm_not_allowed',
      reason: 'a secret verifies HS* only',
      expected: ['ES256'],
      found: 'ES256',
    });
  });

  test('of a secret says that a public key is no secret', async () => {
    expect(await verify(forged({ alg: 'HS256', kid: 'e' }), { algorithms: ['HS256'] })).toEqual({
      valid: false,
      code: 'algorithm_not_allowed',
      reason: 'a public key is not a shared secret',
      expected: ['HS256'],
      found: 'HS256',
    });
  });

  test('is not of the type of the key has both sides', async () => {
    const refusal = { valid: false, code: 'algorithm_not_allowed' };
    for (const alg of ['RS256', 'ML-DSA-44']) {
      const keys = [jwk(es256, { alg: undefined })];
      expect(await verify(forged({ alg, kid: 'e' }), { algorithms: [alg], keys })).toEqual({
        ...refusal,
        reason: `a key of type EC can't verify ${alg}`,
        expected: 'EC',
        found: alg,
      });
    }
    const broken = [{ kty: 'EC', crv: 'P-256', kid: 'e', x: 'AAAA', y: 'AAAA' }];
    expect(await verify(forged({ alg: 'ES256', kid: 'e' }), { keys: broken })).toEqual({
      ...refusal,
      reason: "a key of type EC can't verify ES256",
      expected: 'EC',
      found: 'ES256',
    });
  });
});

describe('the verdict with a shared secret', () => {
  const secret = 'k'.repeat(32);
  const expected = { algorithms: ['HS256'], keys: { secret: Buffer.from(secret) } };

  test('is that of the claims where the signature fits', async () => {
    const jwt = await signCompact(sharedSecret(secret), claims);
    expect(await verify(jwt, expected)).toMatchObject({ valid: true, header: { alg: 'HS256' }, claims });
    expect(await verify(jwt, { ...expected, audience: 'justice' })).toMatchObject({ code: 'audience_mismatch' });
  });

  test('says that the signature does not fit where it is another', async () => {
    const jwt = await signCompact(sharedSecret('x'.repeat(32)), claims);
    expect(await verify(jwt, expected)).toEqual({
      valid: false,
      code: 'signature_invalid',
      reason: 'the signature does not fit the key',
    });
  });
});

describe('the verdict on a key', () => {
  test('that is missing names the kids of the set, null for a key without one', async () => {
    const keys = [es256.publicJwk, null, jwk(other, { kid: undefined, use: 'enc' })] as JWK[];
    const jwt = await signCompact({ ...es256, kid: 'x' }, claims);
    expect(await verify(jwt, { keys })).toEqual({
      valid: false,
      code: 'unknown_key',
      reason: 'no key has this kid',
      expected: ['e', null],
      found: 'x',
    });
    expect(await verify(forged({ alg: 'ES256', kid: null }))).toMatchObject({ code: 'unknown_key', found: null });
  });

  test.each([
    ['e', 'e'],
    [undefined, null],
  ])('of an empty set has the kid %j of the token', async (kid, found) => {
    const empty = { valid: false, code: 'unknown_key', reason: 'the key set is empty', expected: [], found };
    expect(await verify(forged({ alg: 'ES256', kid }), { keys: [] })).toEqual(empty);
    expect(await verify(forged({ alg: 'ES256', kid }), { keys: [null, 7] as unknown as JWK[] })).toEqual(empty);
  });

  test('that is private says so', async () => {
    const keys = [jwk(es256, { d: 'AAAA' })];
    expect(await verify(await signCompact(es256, claims), { keys })).toEqual({
      valid: false,
      code: 'signature_invalid',
      reason: 'the key is private, and no server verifies with a private key',
    });
  });

  test('that objects has its objection', async () => {
    expect(await verify(await signCompact(es256, claims), { keys: [jwk(es256, { use: 'enc' })] })).toEqual({
      valid: false,
      code: 'algorithm_not_allowed',
      reason: 'the key is not for signatures, by its "use"',
      expected: 'sig',
      found: 'enc',
    });
  });

  test('that another signed with says that the signature does not fit', async () => {
    const misfit = { valid: false, code: 'signature_invalid', reason: 'the signature does not fit the key' };
    const jwt = await signCompact({ ...other, kid: 'e' }, claims);
    expect(await verify(jwt)).toEqual(misfit);
    // One that was tried says more than one that was not.
    const encryption = jwk(es256, { use: 'enc' });
    expect(await verify(jwt, { keys: [encryption, es256.publicJwk] })).toEqual(misfit);
    expect(await verify(jwt, { keys: [es256.publicJwk, encryption] })).toEqual(misfit);
  });

  test('of several with its kid counts those that were tried', async () => {
    const jwt = await signCompact({ ...(await generateSigningKey('ES256')), kid: 'e' }, claims);
    const keys = [jwk(es256), jwk(other, { kid: 'e' }), jwk(es256, { use: 'enc' })];
    expect(await verify(jwt, { keys })).toEqual({
      valid: false,
      code: 'signature_invalid',
      reason: 'the signature fits none of 2 keys',
    });
  });

  test('of several that are for other algorithms counts them', async () => {
    const keys = [jwk(es256, { use: 'enc' }), jwk(es256, { alg: 'ES384' })];
    expect(await verify(await signCompact(es256, claims), { keys })).toEqual({
      valid: false,
      code: 'algorithm_not_allowed',
      reason: 'none of 2 keys is for this algorithm',
      found: 'ES256',
    });
  });

  test('that jose cannot read a token with is about its form', async () => {
    const jwt = await signCompact(es256, claims, { crit: ['exp'], exp: 1 });
    expect(await verify(jwt)).toEqual({
      valid: false,
      code: 'token_malformed',
      reason: 'Extension Header Parameter "exp" is not recognized',
    });
  });
});

describe('an error that is about no token is thrown', () => {
  test('for a secret of another type', async () => {
    const jwt = await signCompact(sharedSecret('k'.repeat(32)), claims);
    const keys = { secret: 'k'.repeat(32) } as unknown as Expectations['keys'];
    await expect(verify(jwt, { algorithms: ['HS256'], keys })).rejects.toThrow(TypeError);
  });

  test('for a key that cannot be looked at', async () => {
    const key = Object.defineProperty(jwk(es256, { x: undefined }), 'x', {
      enumerable: true,
      get: () => {
        throw new RangeError('out of reach');
      },
    });
    await expect(verify(await signCompact(es256, claims), { keys: [key] })).rejects.toThrow(RangeError);
  });
});
