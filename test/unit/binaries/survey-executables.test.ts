import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { surveyExecutables } from '../../../harness/binaries/index.js';
import { startReleaseServer } from '../../support/release-server.js';
import { filesBelow, platform, temporaryFolder, writeScript } from './files.js';
import { zipOf } from './zip.js';

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

test('with nothing at hand every source says why', async () => {
  expect(await surveyExecutables('vault', { cacheDir, releasesUrl: 'http://127.0.0.1:2' })).toEqual([
    {
      source: 'explicit',
      status: 'absent',
      detail: 'neither the option executable nor VAULTPROOF_VAULT_PATH is set',
    },
    { source: 'path', status: 'absent', detail: 'no executable "vault" in any folder of PATH' },
    {
      source: 'cache',
      status: 'absent',
      detail: `no "${join(cacheDir, 'vault', '1.21.1', platform, 'vault')}"`,
    },
    { source: 'release', status: 'absent', detail: expect.stringContaining('ECONNREFUSED') },
    {
      source: 'go-module',
      status: 'absent',
      detail: 'no "go" on PATH: install Go 1.25.3 or newer (https://go.dev/dl)',
    },
  ]);
});

test('every executable on PATH is named, a bad explicit path is reported, and nothing is installed', async () => {
  await using server = await startReleaseServer();
  const archive = zipOf([{ name: 'vault', content: '#!/bin/sh\n' }]);
  const paths = await server.publish({ product: 'vault', version: '1.21.1', archive });
  const old = await writeScript(join(folder, 'old', 'vault'), 'echo "Vault v1.10.0"');
  const fitting = await writeScript(join(folder, 'bin', 'vault'), 'echo "Vault v1.21.3"');
  await writeScript(join(folder, 'bin', 'go'), 'echo "go version go1.26.8 linux/amd64"');
  vi.stubEnv('PATH', `${join(folder, 'old')}:${join(folder, 'bin')}`);

  const executable = join(folder, 'nope');
  expect(await surveyExecutables('vault', { cacheDir, executable, releasesUrl: server.url })).toEqual([
    { source: 'explicit', status: 'absent', detail: expect.stringContaining(`"${executable}"`) },
    {
      source: 'path',
      status: 'unusable',
      detail: `"${old}" (from PATH) is vault 1.10.0: use 1.19.0 or newer`,
    },
    {
      source: 'path',
      status: 'found',
      detail: `"${fitting}", version 1.21.3`,
      executable: { product: 'vault', path: fitting, version: '1.21.3', source: 'path' },
    },
    { source: 'cache', status: 'absent', detail: expect.any(String) },
    { source: 'release', status: 'found', detail: `"${server.url}${paths.archive}" can be downloaded` },
    {
      source: 'go-module',
      status: 'found',
      detail: 'Go 1.26.8 can build vault 1.21.1, without the Consul secrets engine',
    },
  ]);
  expect(server.requests).toEqual([paths.sums]);
  expect((await filesBelow(cacheDir)).filter((name) => !name.startsWith('checks/'))).toEqual([]);
});
