import { expect, test } from 'vitest';
import { leaseKeys } from '../../../harness/pool/lease-keys.js';

test('a lease has the RSA key of one that has ended, by another kid', async () => {
  const keysOfLease = leaseKeys();
  const ended = keysOfLease();
  const before = await ended.generate('RS256');
  ended.giveBack();
  const after = await keysOfLease().generate('RS256');
  expect(after.publicJwk.n).toBe(before.publicJwk.n);
  expect(after.kid).not.toBe(before.kid);
  expect(after.publicJwk.kid).toBe(after.kid);
});

test('a key signs by the algorithm that the next lease asks for', async () => {
  const keysOfLease = leaseKeys();
  const ended = keysOfLease();
  await ended.generate('RS256');
  ended.giveBack();
  expect((await keysOfLease().generate('PS384')).publicJwk.alg).toBe('PS384');
});

test('no two open leases have the same key, however often one is given back', async () => {
  const keysOfLease = leaseKeys();
  const ended = keysOfLease();
  await ended.generate('RS256');
  ended.giveBack();
  ended.giveBack();
  const [one, other] = await Promise.all([keysOfLease().generate('RS256'), keysOfLease().generate('RS256')]);
  expect(one.publicJwk.n).not.toBe(other.publicJwk.n);
});

test('keys of elliptic curves are made for each lease', async () => {
  const keysOfLease = leaseKeys();
  const ended = keysOfLease();
  const before = await ended.generate('ES256');
  ended.giveBack();
  expect((await keysOfLease().generate('ES256')).publicJwk.x).not.toBe(before.publicJwk.x);
});
