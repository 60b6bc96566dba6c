import { readKey } from 'openpgp';
import { expect, test } from 'vitest';
import { hashicorpKey } from '../../../harness/binaries/release/hashicorp-key.js';

test('the trusted key is HashiCorp’s, can sign, and is valid past 2029', async () => {
  const key = await readKey({ armoredKey: hashicorpKey });
  expect(key.getFingerprint().toUpperCase()).toBe('C874011F0AB405110D02105534365D9472D7468F');
  expect(key.isPrivate()).toBe(false);
  const signing = await key.getSigningKey(undefined, new Date('2029-12-31'));
  expect(signing).toBeDefined();
});
