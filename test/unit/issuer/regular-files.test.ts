import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { generateSigningKey } from 'vaultproof/issuer';
import { privatePem, readKey, readKeyFolder, writeKey } from 'vaultproof/issuer/keys';
import { editUserFile, openUserFile } from 'vaultproof/issuer/users';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';

const NOT_REGULAR = 'is not a regular file: give a file, not a pipe, device or folder';
const USERS = '{"Users":{"bob":{"key":"pwd"}}}';

/** The path of a pipe that nobody writes to. */
async function pipe(): Promise<string> {
  const path = join(await temporaryFolder(), 'pipe');
  await execa('mkfifo', ['-m', '600', path]);
  return path;
}

test.each([
  ['a pipe', pipe],
  ['a device', () => '/dev/zero'],
  ['a folder', temporaryFolder],
])('users in %s are refused, and nothing waits for it', async (_what, make) => {
  const path = await make();
  const refusal = { code: 'users_invalid', message: `the users in "${path}" can't be used: it ${NOT_REGULAR}` };
  await expect(openUserFile(path)).rejects.toMatchObject(refusal);
  await expect(editUserFile(path, () => new Map())).rejects.toMatchObject(refusal);
});

test('users whose file becomes a pipe are those from before, and are stale', async () => {
  const path = join(await temporaryFolder(), 'users.json');
  await writeFile(path, USERS);
  await using users = await openUserFile(path, { pollMs: 3_600_000 });
  await rename(await pipe(), path);
  await users.reload();
  expect(await users.find('bob')).toMatchObject({ name: 'bob' });
  expect(users.status()).toMatchObject({ stale: true, reason: expect.stringContaining(`it ${NOT_REGULAR}`) });
  const fresh = join(await temporaryFolder(), 'users.json');
  await writeFile(fresh, USERS.replace('bob', 'eve'));
  await rename(fresh, path);
  await users.reload();
  expect([await users.find('eve'), users.status()]).toMatchObject([{ name: 'eve' }, { stale: false }]);
});

test('a key in a pipe is refused, as a private half and as a public one', async () => {
  const folder = await temporaryFolder();
  await rename(await pipe(), join(folder, 'kan_soki'));
  await expect(readKey(folder, 'kan_soki')).rejects.toMatchObject({
    code: 'key_invalid',
    message: `the key file "${join(folder, 'kan_soki')}" can't be used: it ${NOT_REGULAR}`,
  });
  await writeFile(join(folder, 'mando'), privatePem(await generateSigningKey('ES256')), { mode: 0o600 });
  await rename(await pipe(), join(folder, 'mando.pem'));
  await expect(readKeyFolder(folder)).rejects.toMatchObject({
    code: 'key_invalid',
    message: `the key file "${join(folder, 'mando.pem')}" can't be used: it ${NOT_REGULAR}`,
  });
});

test('a key over 64 KiB is refused unread', async () => {
  const folder = await temporaryFolder();
  await writeKey(folder, 'a', await generateSigningKey('ES256'));
  await writeFile(join(folder, 'a'), 'x'.repeat(64 * 1024 + 1));
  await expect(readKey(folder, 'a')).rejects.toMatchObject({ message: expect.stringContaining('it is over 64 KiB') });
});
