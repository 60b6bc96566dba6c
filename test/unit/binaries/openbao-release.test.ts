import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { installFrom, vendorOrigins } from '../../../harness/binaries/obtain.js';
import { settingsFor } from '../../../harness/binaries/settings.js';
import { type ReleaseServer, startReleaseServer } from '../../support/release-server.js';
import { filesBelow, platform, temporaryFolder } from './files.js';

const script = '#!/bin/sh\necho "OpenBao v2.7.2 (abc), committed 2026-10-26"\n';

let server: ReleaseServer;
let cacheDir: string;

beforeEach(async () => {
  server = await startReleaseServer();
  cacheDir = join(await temporaryFolder(), 'cache');
  // No pip: what the release does not give is not to be had.
  vi.stubEnv('PATH', '/nowhere');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
});

/** The bytes of a `.tar.gz`, with any names and types. */
async function tarOf(
  entries: readonly (Partial<Header> & { readonly name: string; readonly content?: string })[],
): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of entries)
    archive.entry(header as Header, header.type === 'symlink' ? '' : content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(Buffer.from(chunk as Buffer));
  return gzipSync(Buffer.concat(chunks));
}

async function install(archive: Buffer): ReturnType<typeof installFrom> {
  await server.publish({ product: 'openbao', version: '2.7.2', archive });
  const settings = settingsFor('openbao', { cacheDir, releasesUrl: server.url });
  return installFrom(settings, { ...vendorOrigins, trustedKey: async () => server.publicKey });
}

test('a release of OpenBao is downloaded, unpacked and recorded', async () => {
  const archive = await tarOf([
    { name: 'LICENSE', content: 'MPL-2.0' },
    { name: 'bao', content: script },
  ]);
  const path = join(cacheDir, 'openbao', '2.7.2', platform, 'bao');
  expect(await install(archive)).toEqual({ product: 'openbao', version: '2.7.2', path, source: 'release' });
  expect(await readFile(path, 'utf8')).toBe(script);
});

describe('a release of OpenBao that was tampered with ends the attempt and leaves nothing in the cache', () => {
  afterEach(async () => {
    expect(await filesBelow(cacheDir)).toEqual([]);
  });

  const bao = { name: 'bao', content: script };
  test.each([
    ['leaves its folder', [bao, { name: '../bao', content: script }]],
    ['is absolute', [bao, { name: '/tmp/bao', content: script }]],
    ['is a symbolic link', [{ name: 'bao', type: 'symlink', linkname: '/bin/sh' }]],
    ['is there twice', [bao, bao]],
    ['is not there', [{ name: 'LICENSE', content: 'MPL-2.0' }]],
  ] as const)('an archive with an entry that %s', async (_title, entries) => {
    await expect(install(await tarOf(entries))).rejects.toMatchObject({ code: 'archive_unsafe' });
  });

  test.each([
    ['is no gzip', Buffer.from('hello')],
    ['is cut off', gzipSync(Buffer.alloc(700, 'x')).subarray(0, -9)],
  ])('an archive that %s', async (_title, archive) => {
    await expect(install(archive)).rejects.toMatchObject({ code: 'archive_unsafe' });
  });

  test('an executable that says that it is a Vault', async () => {
    const archive = await tarOf([{ name: 'bao', content: '#!/bin/sh\necho "Vault v1.21.1"\n' }]);
    await expect(install(archive)).rejects.toMatchObject({ code: 'executable_wrong_product' });
  });

  test('sums that OpenBao’s key did not sign', async () => {
    const archive = await tarOf([bao]);
    await server.publish({ product: 'openbao', version: '2.7.2', archive });
    const settings = settingsFor('openbao', { cacheDir, releasesUrl: server.url });
    await expect(installFrom(settings, vendorOrigins)).rejects.toMatchObject({
      code: 'signature_untrusted',
      details: { fingerprint: '66D15FDD87287219C8E15478D200CD702853E6D0' },
    });
  });
});
