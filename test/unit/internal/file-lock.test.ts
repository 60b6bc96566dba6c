import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { removeUnfinished, writeFileAtomically } from '../../../internal/atomic-file.js';
import { LockedError, withFileLock } from '../../../internal/file-lock.js';
import { temporaryFolder } from '../binaries/files.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder, 'users.yml');
  await writeFile(path, 'first');
});

test('one works after the other, and nothing is left', async () => {
  const log: string[] = [];
  const work = (name: string) =>
    withFileLock(path, {}, async () => {
      log.push(`${name} begins`);
      await writeFileAtomically(path, name, { mode: 0o600 });
      log.push(`${name} ends`);
    });
  await Promise.all([work('one'), work('two')]);
  expect(log[1]?.split(' ')[0]).toBe(log[0]?.split(' ')[0]);
  expect(await readdir(folder)).toEqual(['users.yml']);
});

test('a lock that is lost begins the work again, and what was to be written then is not', async () => {
  let attempts = 0;
  const lost: number[] = [];
  const written = await withFileLock(path, { onLost: () => lost.push(attempts) }, async (signal) => {
    attempts += 1;
    if (attempts === 1) {
      // As after this process was stopped for longer than a lock lasts: somebody has taken it away.
      await rm(`${path}.lock`, { recursive: true });
      await once(signal, 'abort');
    }
    await writeFileAtomically(path, `attempt ${attempts}`, { mode: 0o600, signal });
    return attempts;
  });
  expect({ written, lost }).toEqual({ written: 2, lost: [1] });
  expect(await readFile(path, 'utf8')).toBe('attempt 2');
  expect(await readdir(folder)).toEqual(['users.yml']);
});

test('a lock that another holds is waited for as long as was said', async () => {
  await mkdir(`${path}.lock`);
  const now = Date.now() / 1000;
  await utimes(`${path}.lock`, now, now);
  await expect(withFileLock(path, { limitMs: 100 }, async () => {})).rejects.toThrow(LockedError);
});

test('what a killed writer left behind is removed, for this file alone', async () => {
  const id = '0c8a2c9e-2f6c-4a65-9a7b-0d5e8b1f4a11';
  const [ours, others] = [`.users.yml.${id}.tmp`, `.other.yml.${id}.tmp`];
  for (const name of [ours, others]) await writeFile(join(folder, name), 'a hash');
  await writeFileAtomically(path, 'second', { mode: 0o600 });
  // It may be somebody's who writes just now.
  expect(await readdir(folder)).toContain(ours);
  await removeUnfinished(path);
  expect((await readdir(folder)).sort()).toEqual([others, 'users.yml'].sort());
});
