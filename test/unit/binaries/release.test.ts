import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { installFrom, type Origins } from '../../../harness/binaries/obtain.js';
import { vendorKey } from '../../../harness/binaries/release.js';
import { settingsFor } from '../../../harness/binaries/settings.js';
import { type ReleaseServer, startReleaseServer } from '../../support/release-server.js';
import { filesBelow, platform, temporaryFolder } from './files.js';
import { zipOf } from './zip.js';

const script = '#!/bin/sh\necho "Vault v1.21.1 (abc), built 2025-11-18"\n';
const honest = zipOf([
  { name: 'LICENSE.txt', content: 'BUSL-1.1', mode: 0o100644 },
  { name: 'vault', content: script },
]);

let server: ReleaseServer;
let cacheDir: string;
let lines: string[];

beforeEach(async () => {
  server = await startReleaseServer();
  cacheDir = join(await temporaryFolder(), 'cache');
  lines = [];
  // No Go client: what the release does not give is not to be had.
  vi.stubEnv('PATH', '/nowhere');
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
});

function install(origins: Partial<Origins> = {}, signal?: AbortSignal): ReturnType<typeof installFrom> {
  const report = (line: string): void => void lines.push(line);
  const settings = settingsFor('vault', {
    cacheDir,
    releasesUrl: server.url,
    report,
    ...(signal === undefined ? {} : { signal }),
  });
  return installFrom(settings, {
    trustedKey: async () => server.publicKey,
    timeouts: { connectMs: 1_000, idleMs: 5_000, graceMs: 60_000 },
    moduleFolder: () => new URL('../../../harness/binaries/go/vault/', import.meta.url).pathname,
    ...origins,
  });
}

async function publish(archive: Uint8Array = honest): ReturnType<ReleaseServer['publish']> {
  return server.publish({ product: 'vault', version: '1.21.1', archive });
}

describe('a release', () => {
  test('is downloaded, unpacked and recorded in the cache', async () => {
    const paths = await publish();
    const path = join(cacheDir, 'vault', '1.21.1', platform, 'vault');
    expect(await install()).toEqual({ product: 'vault', path, version: '1.21.1', source: 'release' });

    expect(await readFile(path, 'utf8')).toBe(script);
    expect((await stat(path)).mode & 0o777).toBe(0o755);
    expect(JSON.parse(await readFile(join(path, '..', 'executable.json'), 'utf8'))).toEqual({
      product: 'vault',
      version: '1.21.1',
      size: 55,
      sha256: '82116bd737c12161080ef671bf1181769a45e3cd34447bd17b7f171c80e88911',
      source: 'release',
    });
    expect(await filesBelow(cacheDir)).toEqual([
      `vault/1.21.1/${platform}/executable.json`,
      `vault/1.21.1/${platform}/vault`,
    ]);
    expect(server.requests).toEqual([paths.sums, paths.sums, paths.signature, paths.archive]);
  });

  test('is taken from the cache the next time', async () => {
    await publish();
    await install();
    expect(await install()).toMatchObject({ source: 'cache' });
    expect(server.requests).toHaveLength(4);
  });

  test('is announced, counted and comes with its licence', async () => {
    await publish(
      zipOf([
        { name: 'vault', content: script },
        { name: 'ui', content: Buffer.alloc(3_000_000) },
      ]),
    );
    await install();
    expect(lines[0]).toBe(`downloading vault 1.21.1 from ${server.url}`);
    expect(lines[1]).toMatch(/^downloading vault 1\.21\.1: \d\.\d of 3\.0 MB, \d+ %$/);
    expect(lines.at(-1)).toBe(
      'vault 1.21.1 is under the Business Source License 1.1 (BUSL-1.1): https://www.hashicorp.com/bsl',
    );
    expect(lines.length).toBeLessThan(6);
  });
});

describe('a release that was tampered with ends the attempt and leaves nothing in the cache', () => {
  afterEach(async () => {
    expect(await filesBelow(cacheDir)).toEqual([]);
    // Never on to a Go build.
    expect(lines.filter((line) => line.startsWith('no vault from go-module'))).toEqual([]);
  });

  test('an archive with another sum than the signed one', async () => {
    const paths = await publish();
    server.files.set(paths.archive, zipOf([{ name: 'vault', content: `${script}# evil\n` }]));
    await expect(install()).rejects.toMatchObject({ code: 'checksum_mismatch' });
  });

  test('sums that were changed after signing', async () => {
    const paths = await publish();
    const sums = Buffer.from(server.files.get(paths.sums) ?? '');
    sums[sums.length - 100] = 0x30 + (((sums[sums.length - 100] ?? 0) + 1) % 10);
    server.files.set(paths.sums, sums);
    await expect(install()).rejects.toMatchObject({ code: 'signature_untrusted' });
    expect(server.requests).not.toContain(paths.archive);
  });

  test('sums signed by somebody else', async () => {
    const paths = await publish();
    await using other = await startReleaseServer();
    await other.publish({ product: 'vault', version: '1.21.1', archive: honest });
    server.files.set(paths.signature, other.files.get(paths.signature) ?? Buffer.alloc(0));
    await expect(install()).rejects.toMatchObject({ code: 'signature_untrusted' });
  });

  test('sums that HashiCorp’s key did not sign', async () => {
    await publish();
    await expect(install({ trustedKey: vendorKey })).rejects.toMatchObject({
      code: 'signature_untrusted',
      details: { fingerprint: 'C874011F0AB405110D02105534365D9472D7468F' },
    });
  });

  test.each(['', 'nonsense', '-----BEGIN PGP SIGNATURE-----'])('a signature that is `%s`', async (signature) => {
    const paths = await publish();
    server.files.set(paths.signature, Buffer.from(signature));
    await expect(install()).rejects.toMatchObject({ code: 'signature_untrusted' });
  });

  test.each([
    ['leaves its folder', zipOf([{ name: '../vault', content: script }])],
    [
      'leaves its folder further down',
      zipOf([
        { name: 'vault', content: script },
        { name: 'a/../../b', content: '' },
      ]),
    ],
    ['is absolute', zipOf([{ name: '/tmp/vault', content: script }])],
    ['has a backslash', zipOf([{ name: '..\\vault', content: script }])],
    ['is a symbolic link', zipOf([{ name: 'vault', content: '/bin/sh', mode: 0o120777 }])],
    ['is a device', zipOf([{ name: 'vault', content: '', mode: 0o020666 }])],
    [
      'is there twice',
      zipOf([
        { name: 'vault', content: script },
        { name: 'vault', content: 'other' },
      ]),
    ],
    [
      'differs from another in case alone',
      zipOf([
        { name: 'vault', content: script },
        { name: 'Vault', content: '' },
      ]),
    ],
    ['claims to be huge', zipOf([{ name: 'vault', content: script, claimedSize: 0x7fffffff }])],
    ['claims another size', zipOf([{ name: 'vault', content: script, claimedSize: 5 }])],
    ['is longer than it says', zipOf([{ name: 'vault', content: script, claimedSize: 5, deflated: true }])],
    ['is shorter than it says', zipOf([{ name: 'vault', content: script, claimedSize: 5_000, deflated: true }])],
  ])('an archive with an entry that %s', async (_title, archive) => {
    await publish(archive);
    await expect(install()).rejects.toMatchObject({ code: 'archive_unsafe' });
  });

  test('an archive that is no zip file', async () => {
    await publish(Buffer.from('hello'));
    await expect(install()).rejects.toMatchObject({ code: 'archive_unsafe' });
  });

  test('an archive without the executable', async () => {
    await publish(zipOf([{ name: 'LICENSE.txt', content: 'BUSL-1.1' }]));
    await expect(install()).rejects.toMatchObject({ code: 'archive_unsafe' });
  });

  test.each(['echo "Consul v1.22.7"', 'echo "Vault v1.20.0"'])('an executable that says `%s`', async (body) => {
    await publish(zipOf([{ name: 'vault', content: `#!/bin/sh\n${body}\n` }]));
    await expect(install()).rejects.toMatchObject({ code: 'executable_wrong_product' });
  });
});

describe('a release that cannot be had leaves nothing in the cache, and the error names every attempt', () => {
  afterEach(async () => {
    expect(await filesBelow(cacheDir)).toEqual([]);
  });

  const unavailable = (reason: RegExp): object => ({
    code: 'engine_unavailable',
    message: expect.stringMatching(reason),
    details: {
      product: 'vault',
      version: '1.21.1',
      attempts: [
        { product: 'vault', source: 'release', status: 'absent', detail: expect.stringMatching(reason) },
        {
          product: 'vault',
          source: 'go-module',
          status: 'absent',
          detail: 'no "go" on PATH: install Go 1.25.3 or newer (https://go.dev/dl)',
        },
      ],
    },
  });

  test('a release that does not exist is reported', async () => {
    await expect(install()).rejects.toMatchObject(unavailable(/_SHA256SUMS" could not be downloaded \(status 404\)/));
  });

  test('a release without a signature is reported', async () => {
    server.files.delete((await publish()).signature);
    await expect(install()).rejects.toMatchObject(
      unavailable(/SHA256SUMS\.sig" could not be downloaded \(status 404\)/),
    );
  });

  test('a release that is not made for this platform is reported', async () => {
    await server.publish({ product: 'vault', version: '1.21.1', archive: honest, platform: 'plan9_386' });
    await expect(install()).rejects.toMatchObject(unavailable(/_SHA256SUMS" lists no "vault_1\.21\.1_/));
  });

  test('a server that fails is reported', async () => {
    server.faults.set((await publish()).sums, { kind: 'status', status: 503 });
    await expect(install()).rejects.toMatchObject(unavailable(/\(status 503\)/));
  });

  test('an archive that is cut off is reported', async () => {
    server.faults.set((await publish()).archive, { kind: 'cut' });
    await expect(install()).rejects.toMatchObject(unavailable(/\(cut off after \d+ of \d+ bytes/));
  });

  test('an archive that stops arriving is reported', async () => {
    server.faults.set((await publish()).archive, { kind: 'stall' });
    await expect(install({ timeouts: { connectMs: 1_000, idleMs: 200, graceMs: 60_000 } })).rejects.toMatchObject(
      unavailable(/\(cut off after \d+ of \d+ bytes: no byte for 200 ms\)/),
    );
  });

  test('an archive that arrives one byte at a time is reported', async () => {
    server.faults.set((await publish()).archive, { kind: 'trickle' });
    await expect(install({ timeouts: { connectMs: 1_000, idleMs: 5_000, graceMs: 100 } })).rejects.toMatchObject(
      unavailable(/\(slower than 64 KiB\/s: \d+ of \d+ bytes\)/),
    );
  });

  test('a release server that does not answer is reported', async () => {
    await server[Symbol.asyncDispose]();
    await expect(install()).rejects.toMatchObject(unavailable(/\(no answer: .*ECONNREFUSED/));
  });

  test('a proxy that does not answer is reported', async () => {
    await publish();
    await using gone = await startReleaseServer();
    await gone[Symbol.asyncDispose]();
    vi.stubEnv('http_proxy', gone.url);
    vi.stubEnv('no_proxy', '');
    await expect(install()).rejects.toMatchObject(unavailable(/\(no answer: .*ECONNREFUSED/));
    vi.stubEnv('no_proxy', '127.0.0.1');
    expect(await install()).toMatchObject({ source: 'release' });
    await rm(cacheDir, { recursive: true });
  });

  test('a proxy without a scheme, as curl accepts it, that refuses connections is reported', async () => {
    await publish();
    await using gone = await startReleaseServer();
    await gone[Symbol.asyncDispose]();
    vi.stubEnv('http_proxy', gone.url.replace('http://', ''));
    vi.stubEnv('no_proxy', '');
    await expect(install()).rejects.toMatchObject(unavailable(/\(no answer: .*ECONNREFUSED/));
  });

  test('a malformed proxy URL is reported and not repeated', async () => {
    vi.stubEnv('http_proxy', 'http://me:secret@:::');
    const error: unknown = await install().catch((reason: unknown) => reason);
    expect(error).toMatchObject(unavailable(/the URL of the proxy is malformed/));
    expect(inspect(error, { depth: null })).not.toContain('secret');
  });

  test("a download that its caller aborts fails with the signal's reason", async () => {
    server.faults.set((await publish()).archive, { kind: 'stall' });
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = install({}, controller.signal);
    await vi.waitFor(() => expect(server.requests).toHaveLength(4));
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});
