import { enrolTotp, totpCode } from 'vaultproof/issuer/users';
import { expect, test } from 'vitest';
import { matchTotp } from '../../../../issuer/users/totp.js';

/** The secret of RFC 6238, appendix B: "12345678901234567890" in base32. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_234_567_890, '005924'],
  [20_000_000_000, '353130'],
])('at %i the code is %s, as RFC 6238 has it', async (now, code) => {
  expect(await totpCode(secret, now)).toBe(code);
  expect(await matchTotp(secret, code, now)).toBe(Math.floor(now / 30));
});

test('a code counts 30 s before its time and 30 s after it, and no longer', async () => {
  const code = await totpCode(secret, 3000);
  const good = await Promise.all([2969, 2970, 3000, 3029, 3059, 3060].map((now) => matchTotp(secret, code, now)));
  expect(good).toEqual([undefined, 100, 100, 100, 100, undefined]);
});

test.each(['', '28708', '2870822', ' 287082', '28708a', '２８７０８２', '287082\n'])('%j is no code', async (code) => {
  expect(await matchTotp(secret, code, 59)).toBeUndefined();
});

test('nobody without a secret has a code', async () => {
  expect(await matchTotp('', '287082', 59)).toBeUndefined();
});

test('an enrolment has 160 bits and says the parameters', async () => {
  const one = await enrolTotp('me@sh:x');
  expect(one.secret).toMatch(/^[A-Z2-7]{32}$/);
  expect(one.uri).toBe(
    `otpauth://totp/AppMesh:me%40sh%3Ax?issuer=AppMesh&secret=${one.secret}&algorithm=SHA1&digits=6&period=30`,
  );
  expect((await enrolTotp('mesh')).secret).not.toBe(one.secret);
});
