import { chmod, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { readNamed, writeOwn } from '../../../cli/files.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

test.each([
  ['new', undefined],
  ['there already, and open to all', 0o644],
])("a file of one's own that is %s is open to its owner alone", async (_what, mode) => {
  const path = join(await temporaryFolder(), 'audit.log');
  if (mode !== undefined) {
    await writeFile(path, 'from before, and longer');
    await chmod(path, mode);
  }
  await writeOwn(path, 'secret');
  expect(await modeOf(path)).toBe(0o600);
  expect(await readFile(path, 'utf8')).toBe('secret');
});

test.each(['there', 'missing'])('a symbolic link to a file that is %s is not followed', async (target) => {
  const folder = await temporaryFolder();
  const [path, other] = [join(folder, 'audit.log'), join(folder, 'other')];
  if (target === 'there') await writeFile(other, 'theirs', { mode: 0o644 });
  await symlink(other, path);
  await expect(writeOwn(path, 'secret')).rejects.toThrow('it is a symbolic link');
  await expect(readFile(other, 'utf8').catch(() => 'missing')).resolves.toBe(target === 'there' ? 'theirs' : 'missing');
});

test('what is no file is written to and left as it is', async () => {
  const before = await modeOf('/dev/null');
  await writeOwn('/dev/null', 'secret');
  expect(await modeOf('/dev/null')).toBe(before);
});

test('a pipe that nobody writes to is refused, and not waited for', async () => {
  const path = join(await temporaryFolder(), 'token');
  await execa('mkfifo', [path]);
  await expect(readNamed(path)).rejects.toThrow(
    `"${path}" is not a regular file: give a file, not a pipe, device or folder`,
  );
});

test('a file that is not there is named with the reason', async () => {
  await expect(readNamed('/nowhere/token')).rejects.toThrow('"/nowhere/token" does not exist');
});
