import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { installExecutable } from '../../../harness/binaries/index.js';
import { filesBelow, temporaryFolder, writeScript } from './files.js';

// Nobody listens there, so that every release is unavailable at once.
const releasesUrl = 'http://127.0.0.1:2';

let folder: string;
let cacheDir: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  cacheDir = join(folder, 'cache');
  vi.stubEnv('PATH', join(folder, 'bin'));
  vi.stubEnv('VAULTPROOF_VAULT_PATH', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('an installation does not look at PATH', async () => {
  await writeScript(join(folder, 'bin', 'vault'), 'echo "Vault v1.21.3"');
  await expect(installExecutable('vault', { cacheDir, releasesUrl })).rejects.toMatchObject({
    code: 'engine_unavailable',
  });
});

test('where no source has one, the error names each of them and what would help', async () => {
  const error: unknown = await installExecutable('vault', { cacheDir, releasesUrl }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'engine_unavailable' });
  expect((error as Error).message.replace(/\(no answer: .*\): check/, '(no answer): check')).toBe(
    [
      'no vault executable could be found or installed:',
      '  release: "http://127.0.0.1:2/vault/1.21.1/vault_1.21.1_SHA256SUMS" could not be downloaded (no answer): ' +
        'check the network and HTTPS_PROXY, or set VAULTPROOF_RELEASES_URL to a mirror',
      '  go-module: no "go" on PATH: install Go 1.25.3 or newer (https://go.dev/dl)',
      'do one of these:',
      '  put vault 1.19.0 or newer on PATH',
      '  set VAULTPROOF_VAULT_PATH to one',
      '  let "http://127.0.0.1:2" be reached, or set VAULTPROOF_RELEASES_URL to a mirror',
      '  install Go 1.25.3 or newer',
    ].join('\n'),
  );
  expect((await filesBelow(cacheDir)).filter((name) => !name.startsWith('checks/'))).toEqual([]);
});
