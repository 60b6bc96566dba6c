import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { makeTemporaryFolder, temporaryFolderError } from '../../../harness/guardian/index.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

function caught(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('a temporary folder is for this user alone, and gone when it is removed', async () => {
  const { path, remove } = await makeTemporaryFolder('test');
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  await remove();
  expect(existsSync(path)).toBe(false);
  await remove();
});

test('a TMPDIR that is not there is named', async () => {
  vi.stubEnv('TMPDIR', '/nonexistent/tmp');
  await expect(makeTemporaryFolder('test')).rejects.toMatchObject({
    code: 'temporary_folder_unusable',
    details: { folder: '/nonexistent/tmp', code: 'ENOENT' },
  });
});

test.skipIf(!existsSync('/dev/full'))('a TMPDIR without room is named', () => {
  expect(temporaryFolderError(caught(() => writeFileSync('/dev/full', 'x')))).toMatchObject({
    code: 'temporary_folder_unusable',
    details: { folder: tmpdir(), code: 'ENOSPC' },
  });
});

test('what else fails is left unchanged', () => {
  for (const error of [caught(() => readFileSync(join('/nonexistent', 'x'))), new Error('no'), undefined]) {
    expect(temporaryFolderError(error)).toBe(error);
  }
});
