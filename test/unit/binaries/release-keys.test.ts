import { readKey } from 'openpgp';
import { expect, test } from 'vitest';
import { vendorKey } from '../../../harness/binaries/release.js';

test.each([
  ['vault', 'C874011F0AB405110D02105534365D9472D7468F'],
  ['consul', 'C874011F0AB405110D02105534365D9472D7468F'],
  ['openbao', '66D15FDD87287219C8E15478D200CD702853E6D0'],
] as const)('the trusted key of %s is %s, can sign, and is valid past 2029', async (product, fingerprint) => {
  const key = await readKey({ armoredKey: await vendorKey(product) });
  expect(key.getFingerprint().toUpperCase()).toBe(fingerprint);
  expect(key.isPrivate()).toBe(false);
  expect(await key.getSigningKey(undefined, new Date('2029-12-31'))).toBeDefined();
});

test('releases of OpenBao are signed with the subkey that its documentation names', async () => {
  const key = await readKey({ armoredKey: await vendorKey('openbao') });
  const signing = await key.getSigningKey();
  expect(signing.getFingerprint().toUpperCase()).toBe('E617DCD4065C2AFC0B2CF7A7BA8BC08C0F691F94');
});
