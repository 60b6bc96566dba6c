import type { JWK } from 'jose';
import {
  type Expectations,
  generateSigningKey,
  type SigningKey,
  signCompact,
  type Verdict,
  verifyToken,
} from 'vaultproof/issuer';
import { sharedSecret } from 'vaultproof/issuer/keys';
import { beforeAll, describe, expect, test } from 'vitest';

const NOW = 1_800_000_000;
const good = { iss: 'https://issuer.example', sub: 'vishpat', aud: 'damage_inc', iat: NOW, exp: NOW + 60 };
let es256: SigningKey;
let rs256: SigningKey;

beforeAll(async () => {
  es256 = await generateSigningKey('ES256', { kid: 'e' });
  rs256 = await generateSigningKey('RS256', { kid: 'r' });
});

async function verdict(
  jwt: string | Promise<string>,
  expected: Partial<Expectations> = {},
): Promise<Extract<Verdict, { valid: false }>['code'] | 'valid'> {
  const keys = [es256.publicJwk, rs256.publicJwk];
  const verified = await verifyToken(await jwt, { algorithms: ['ES256', 'RS256'], keys, now: NOW, ...expected });
  return verified.valid ? 'valid' : verified.code;
}

/** A public key as somebody else's key set has it. */
function jwk({ publicJwk }: SigningKey, change: object = {}): JWK {
  return JSON.parse(JSON.stringify({ ...publicJwk, ...change })) as JWK;
}

describe('the algorithm', () => {
  test('is one that the caller allows, whatever the key could verify', async () => {
    const jwt = await signCompact(rs256, good);
    expect(await verdict(jwt)).toBe('valid');
    expect(await verdict(jwt, { algorithms: ['ES256'] })).toBe('algorithm_not_allowed');
    expect(await verdict(jwt, { algorithms: [] })).toBe('algorithm_not_allowed');
  });

  test('"none" is refused even where the caller allows it', async () => {
    const unsigned = { alg: 'none', kid: 'e', sign: () => Buffer.alloc(0) };
    expect(await verdict(signCompact(unsigned, good), { algorithms: ['none'] })).toBe('algorithm_not_allowed');
  });

  test('fits the type of the key: RS256 with an EC key is refused, and ES256 with an RSA key', async () => {
    const without = { alg: undefined };
    const asRs256 = signCompact(es256, good, { alg: 'RS256' });
    expect(await verdict(asRs256, { keys: [jwk(es256, without)] })).toBe('algorithm_not_allowed');
    const asEs256 = signCompact(rs256, good, { alg: 'ES256' });
    expect(await verdict(asEs256, { keys: [jwk(rs256, without)] })).toBe('algorithm_not_allowed');
  });

  test('HS* never takes a public key for a secret, even where the caller allows it', async () => {
    const secret = JSON.stringify(es256.publicJwk);
    const jwt = signCompact({ ...sharedSecret(secret), kid: 'e' }, good);
    expect(await verdict(jwt, { algorithms: ['HS256', 'ES256'] })).toBe('algorithm_not_allowed');
  });

  test('a secret verifies HS* alone', async () => {
    const secret = Buffer.alloc(32, 1);
    expect(await verdict(signCompact(es256, good), { keys: { secret } })).toBe('algorithm_not_allowed');
  });
});

describe('a key of the set', () => {
  test.each([
    ['an alg of another algorithm', { alg: 'ES384' }],
    ['a use for encryption', { use: 'enc' }],
    ['key_ops without verify', { key_ops: ['deriveBits'] }],
  ])('that has %s verifies nothing', async (_what, change) => {
    expect(await verdict(signCompact(es256, good), { keys: [jwk(es256, change)] })).toBe('algorithm_not_allowed');
  });

  test('that has key_ops with verify, and neither alg nor use, verifies', async () => {
    const keys = [jwk(es256, { key_ops: ['verify'], alg: undefined, use: undefined })];
    expect(await verdict(signCompact(es256, good), { keys })).toBe('valid');
  });

  test('of a type that nobody knows is passed over', async () => {
    const unknown = { kty: 'AKP', kid: 'new', alg: 'ML-DSA-44', pub: 'AAAA' } as JWK;
    expect(await verdict(signCompact(es256, good), { keys: [unknown, jwk(es256)] })).toBe('valid');
    expect(await verdict(signCompact({ ...es256, kid: 'new' }, good), { keys: [unknown, jwk(es256)] })).toBe(
      'algorithm_not_allowed',
    );
  });

  test('whose coordinates are broken spoils none of the others', async () => {
    const broken = { kty: 'EC', crv: 'P-256', kid: 'bad', x: 'AAAA', y: 'AAAA' };
    const keys = [broken, jwk(es256)];
    expect(await verdict(signCompact(es256, good), { keys })).toBe('valid');
    expect(await verdict(signCompact({ ...es256, kid: 'bad' }, good), { keys })).toBe('algorithm_not_allowed');
  });

  test('that is no key at all is passed over, and one whose key_ops is no list verifies nothing', async () => {
    const nonsense = [null, 7, 'key', []] as unknown as JWK[];
    expect(await verdict(signCompact(es256, good), { keys: [...nonsense, jwk(es256)] })).toBe('valid');
    expect(await verdict(signCompact(es256, good), { keys: nonsense })).toBe('unknown_key');
    const keys = [jwk(es256, { key_ops: 7 })];
    expect(await verdict(signCompact(es256, good), { keys })).toBe('algorithm_not_allowed');
  });

  test('that shares its kid with others is tried beside them', async () => {
    const other = await generateSigningKey('ES256', { kid: 'e' });
    const keys = [jwk(other), jwk(rs256, { kid: 'e' }), jwk(es256)];
    expect(await verdict(signCompact(es256, good), { keys })).toBe('valid');
    expect(await verdict(signCompact(other, good), { keys })).toBe('valid');
    const stranger = await generateSigningKey('ES256', { kid: 'e' });
    expect(await verdict(signCompact(stranger, good), { keys })).toBe('signature_invalid');
  });

  test('that says why it verifies nothing is told by what it says', async () => {
    const jwt = await signCompact(es256, good);
    const verified = (change: object) =>
      verifyToken(jwt, { algorithms: ['ES256'], keys: [jwk(es256, change)], now: NOW });
    const code = 'algorithm_not_allowed';
    expect(await verified({ use: '' })).toMatchObject({ code, expected: 'sig', found: '' });
    expect(await verified({ alg: 'ES384' })).toMatchObject({ code, expected: 'ES384', found: 'ES256' });
    expect(await verified({ key_ops: ['sign'] })).toMatchObject({ code, expected: 'verify', found: ['sign'] });
  });
});

describe('a key without a kid', () => {
  const nameless = { kid: undefined };

  test('verifies a token that has one, if it fits and no key has that kid', async () => {
    expect(await verdict(signCompact(es256, good), { keys: [jwk(es256, nameless)] })).toBe('valid');
    expect(await verdict(signCompact(es256, good), { keys: [jwk(es256, nameless), jwk(rs256)] })).toBe('valid');
    const keys = [jwk(es256, nameless), jwk(rs256, nameless)];
    expect(await verdict(signCompact(es256, good), { keys })).toBe('valid');
    expect(await verdict(signCompact(rs256, good), { keys })).toBe('valid');
  });

  test('verifies nothing that it did not sign', async () => {
    const other = await generateSigningKey();
    expect(await verdict(signCompact(other, good), { keys: [jwk(es256, nameless)] })).toBe('signature_invalid');
  });

  test('gives way to the key that has the kid', async () => {
    const other = await generateSigningKey();
    const keys = [jwk(other, nameless), jwk(es256)];
    expect(await verdict(signCompact(es256, good), { keys })).toBe('valid');
    expect(await verdict(signCompact({ ...other, kid: 'e' }, good), { keys })).toBe('signature_invalid');
  });

  test('is tried beside others that fit', async () => {
    const keys = [jwk(await generateSigningKey(), nameless), jwk(es256, nameless)];
    expect(await verdict(signCompact(es256, good), { keys })).toBe('valid');
  });

  test.each([
    ['another alg', { alg: 'ES384' }],
    ['another use', { use: 'enc' }],
    ['key_ops without verify', { key_ops: ['sign'] }],
    ['another type', { kty: 'RSA' }],
    ['another curve', { alg: undefined, crv: 'P-384' }],
  ])('does not fit with %s', async (_what, change) => {
    const keys = [jwk(es256, { ...nameless, ...change })];
    expect(await verdict(signCompact(es256, good), { keys })).toBe('unknown_key');
  });
});

test.each([undefined, ''])('a token with the kid %j is held against every key of the set', async (kid) => {
  const jwt = signCompact(es256, good, { kid });
  expect(await verdict(jwt, { keys: [jwk(es256)] })).toBe('valid');
  expect(await verdict(jwt)).toBe('valid');
  const stranger = await generateSigningKey('ES256');
  expect(await verdict(signCompact(stranger, good, { kid }))).toBe('signature_invalid');
  const keys = [jwk(rs256), jwk(rs256, { kid: 'other' })];
  expect(await verdict(jwt, { keys })).toBe('algorithm_not_allowed');
});

test('an empty key set has no key for any token', async () => {
  const jwt = await signCompact(es256, good);
  expect(await verifyToken(jwt, { algorithms: [], keys: [], now: NOW })).toEqual({
    valid: false,
    code: 'unknown_key',
    reason: 'the key set is empty',
    expected: [],
    found: 'e',
  });
});

test('an empty token is missing', async () => {
  expect(await verdict('')).toBe('token_missing');
  expect(await verdict(' \n')).toBe('token_missing');
});

test('a header that asks for b64: false is malformed, whatever the signature is over', async () => {
  const jwt = signCompact(es256, good, { b64: false, crit: ['b64'] });
  expect(await verdict(jwt)).toBe('token_malformed');
});

test.each([
  ['iss', 5],
  ['iss', ['https://issuer.example']],
  ['sub', 5],
  ['sub', null],
  ['aud', 5],
  ['aud', { damage_inc: true }],
  ['aud', ['damage_inc', 5]],
  ['jti', 5],
  ['exp', 'soon'],
  ['exp', null],
  ['nbf', 'now'],
  ['iat', true],
])('%s of the wrong type, %j, is refused although nothing compares it', async (name, value) => {
  const keys = [es256.publicJwk];
  const jwt = await signCompact(es256, { ...good, [name]: value });
  expect(await verifyToken(jwt, { algorithms: ['ES256'], keys, now: NOW })).toMatchObject({
    code: 'claim_type_mismatch',
    found: value,
  });
});

test('keys of one issuer verify no token of another, also under the same kid', async () => {
  const other = await generateSigningKey('ES256', { kid: 'e' });
  expect(await verdict(signCompact(other, good))).toBe('signature_invalid');
});

describe('iss, sub and aud', () => {
  const expected = { issuer: good.iss, subject: good.sub, audience: good.aud };
  const say = (claims: object) => verdict(signCompact(es256, { ...good, ...claims }), expected);

  test('are compared exactly', async () => {
    expect(await say({})).toBe('valid');
    expect(await say({ iss: `${good.iss}/` })).toBe('issuer_mismatch');
    expect(await say({ sub: 'Vishpat' })).toBe('subject_mismatch');
    expect(await say({ aud: 'Damage_inc' })).toBe('audience_mismatch');
    expect(await say({ aud: 'damage_inc2' })).toBe('audience_mismatch');
  });

  test('aud may be a list, of which one is enough, and the caller may name several', async () => {
    expect(await say({ aud: ['other', 'damage_inc'] })).toBe('valid');
    expect(await say({ aud: ['other'] })).toBe('audience_mismatch');
    expect(await verdict(signCompact(es256, good), { audience: ['other', 'damage_inc'] })).toBe('valid');
    expect(await verdict(signCompact(es256, good), { audience: [] })).toBe('audience_mismatch');
  });
});

describe('the times', () => {
  const at = (now: number, leewaySeconds: number) =>
    verdict(signCompact(es256, { ...good, iat: NOW, nbf: NOW + 10, exp: NOW + 60 }), { now, leewaySeconds });

  test.each([
    [NOW + 9, 0, 'token_not_yet_valid'],
    [NOW + 10, 0, 'valid'],
    [NOW + 59, 0, 'valid'],
    [NOW + 60, 0, 'token_expired'],
    [NOW + 4, 5, 'token_not_yet_valid'],
    [NOW + 5, 5, 'valid'],
    [NOW + 64, 5, 'valid'],
    [NOW + 65, 5, 'token_expired'],
  ])('at %d with a leeway of %d s give %s', async (now, leewaySeconds, outcome) => {
    expect(await at(now, leewaySeconds)).toBe(outcome);
  });

  test.each([
    [NOW - 1, 0, 'token_issued_in_future'],
    [NOW, 0, 'valid'],
    [NOW - 5, 5, 'valid'],
    [NOW - 6, 5, 'token_issued_in_future'],
  ])('of an iat at %d with a leeway of %d s give %s', async (now, leewaySeconds, outcome) => {
    expect(await verdict(signCompact(es256, good), { now, leewaySeconds })).toBe(outcome);
  });

  test('with a fraction are compared as such, and one of this second is not in the future', async () => {
    const jwt = signCompact(es256, { ...good, iat: NOW + 0.25, nbf: NOW + 0.25, exp: NOW + 60.5 });
    expect(await verdict(jwt, { now: NOW })).toBe('valid');
    expect(await verdict(jwt, { now: NOW + 0.5 })).toBe('valid');
    expect(await verdict(jwt, { now: NOW - 0.5 })).toBe('token_not_yet_valid');
    expect(await verdict(jwt, { now: NOW - 1 })).toBe('token_not_yet_valid');
    expect(await verdict(jwt, { now: NOW + 60 })).toBe('valid');
    expect(await verdict(jwt, { now: NOW + 60.5 })).toBe('token_expired');
  });

  test('of a token that was signed this moment, as PyJWT signs it, hold', async () => {
    const iat = Date.now() / 1000;
    const jwt = await signCompact(es256, { ...good, iat, exp: iat + 60 });
    const verified = await verifyToken(jwt, { algorithms: ['ES256'], keys: [es256.publicJwk] });
    expect(verified).toMatchObject({ valid: true });
  });

  test('exp must be there unless the caller says otherwise', async () => {
    const { exp: _left, ...forever } = good;
    expect(await verdict(signCompact(es256, forever))).toBe('claim_missing');
    expect(await verdict(signCompact(es256, forever), { requiredClaims: [] })).toBe('valid');
    expect(await verdict(signCompact(es256, good), { requiredClaims: ['exp', 'jti'] })).toBe('claim_missing');
  });
});

test('typ is compared where the caller names one, without its case and without application/', async () => {
  const jwt = (typ?: string) => signCompact(es256, good, { typ });
  expect(await verdict(jwt('at+jwt'), { typ: 'at+jwt' })).toBe('valid');
  expect(await verdict(jwt('application/AT+JWT'), { typ: 'at+jwt' })).toBe('valid');
  expect(await verdict(jwt('JWT'), { typ: 'at+jwt' })).toBe('claim_mismatch');
  expect(await verdict(jwt(), { typ: 'at+jwt' })).toBe('claim_mismatch');
  expect(await verdict(jwt('JWT'))).toBe('valid');
});

test('a typ that is no text is another', async () => {
  expect(await verdict(signCompact(es256, good, { typ: 7 }), { typ: 'JWT' })).toBe('claim_mismatch');
});

test('a token of 64 KiB is verified, and one of a byte more is too large', async () => {
  const around = await signCompact(es256, { ...good, padding: '' });
  const padded = async (length: number): Promise<string> => {
    let jwt = around;
    for (let padding = 0; jwt.length < length; padding += Math.max(1, Math.floor(((length - jwt.length) * 3) / 4))) {
      jwt = await signCompact(es256, { ...good, padding: 'x'.repeat(padding) });
    }
    return jwt;
  };
  const [fits, over] = [await padded(65_535), await padded(65_537)];
  expect(fits.length).toBeLessThanOrEqual(65_536);
  expect([await verdict(fits), await verdict(over)]).toEqual(['valid', 'token_too_large']);
});
