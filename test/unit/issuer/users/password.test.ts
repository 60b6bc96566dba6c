import { hashPassword, kindOfKey, verifyPassword } from 'vaultproof/issuer/users';
import { describe, expect, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';

bePatient();

const cheap = { N: 16, r: 1, p: 1 };

test('a hash says how it was made, and is another one each time', async () => {
  const [one, other] = await Promise.all([hashPassword('pwd', cheap), hashPassword('pwd', cheap)]);
  expect(one).toMatch(/^\$scrypt\$N=16,r=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(other).not.toBe(one);
});

test('a hash costs 16 MiB five times unless told otherwise', async () => {
  expect(await hashPassword('pwd')).toMatch(/^\$scrypt\$N=16384,r=8,p=5\$/);
});

test('a hash that another program made is understood', async () => {
  // python3 -c "import hashlib; hashlib.scrypt(b'pwd', salt=bytes(16), n=16, r=1, p=1, dklen=32)"
  const known = '$scrypt$N=16,r=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$vbVT9bQI3cCK7HEXWraXjA5Ny14g9RJOtyenqGMx+gc';
  expect(await verifyPassword('pwd', known)).toBe(true);
});

test('an umlaut is one letter however it was typed', async () => {
  expect(await verifyPassword('pa\u0308ss', await hashPassword('p\u00e4ss', cheap))).toBe(true);
});

describe('a password', () => {
  test.each([
    ['pwd', true],
    ['Pwd', false],
    ['pwd ', false],
    ['', false],
    ['pwd\0', false],
  ])('of %j against the hash of "pwd" is %j', async (password, right) => {
    expect(await verifyPassword(password, await hashPassword('pwd', cheap))).toBe(right);
  });

  test('fits the same text as a plain key, and no other', async () => {
    expect(await verifyPassword('pwd', 'pwd')).toBe(true);
    expect(await verifyPassword('pw', 'pwd')).toBe(false);
  });

  test('never fits who is not there', async () => {
    expect(await verifyPassword('', undefined)).toBe(false);
    expect(await verifyPassword('undefined', undefined)).toBe(false);
  });

  test('is not the text of a hash', async () => {
    const hash = await hashPassword('pwd', cheap);
    expect(await verifyPassword(hash, hash)).toBe(false);
  });
});

test('who is not there takes as much work as who is', async () => {
  const hash = await hashPassword('pwd');
  // The processor's time: a busy machine stretches the clock's.
  const work = async (key: string | undefined): Promise<number> => {
    const before = process.cpuUsage();
    await verifyPassword('wrong', key);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const least = async (key: string | undefined): Promise<number> =>
    Math.min(await work(key), await work(key), await work(key));
  const [known, unknown, plaintext] = [await least(hash), await least(undefined), await least('pwd')];
  for (const other of [unknown, plaintext]) {
    expect(other / known).toBeGreaterThan(0.5);
    expect(other / known).toBeLessThan(2);
  }
});

describe('a key', () => {
  test.each([
    '$pbkdf2$100000$salt$hash',
    '$2b$12$abcdefghijklmnopqrstuv',
    '$scrypt$N=3,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '$scrypt$N=99999999,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '$scrypt$N=16,r=1,p=999$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '$scrypt$N=16,r=1,p=1$$',
    '$scrypt$',
  ])('of %s is a hash that nobody can use, and is no password', async (key) => {
    expect(kindOfKey(key)).toBe('unusable');
    expect(await verifyPassword(key, key)).toBe(false);
  });

  test.each(['pwd', '$', '$ecret', 'H1234'])('of %s is a password', (key) => {
    expect(kindOfKey(key)).toBe('plaintext');
  });
});
