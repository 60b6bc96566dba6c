import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { moduleFolder } from '../../../harness/binaries/go-build.js';
import { installFrom, vendorOrigins } from '../../../harness/binaries/obtain.js';
import { settingsFor } from '../../../harness/binaries/settings.js';
import { bePatient } from '../../support/patience.js';
import { filesBelow, isRunning, platform, temporaryFolder, writeScript } from './files.js';
import { runChild } from './run-child.js';

bePatient();

// Nobody listens there, so that every release is unavailable at once.
const releasesUrl = 'http://127.0.0.1:2';
const finished = [`vault/1.21.1/${platform}/executable.json`, `vault/1.21.1/${platform}/vault`];

let folder: string;
let cacheDir: string;
let lines: string[];
let progress: string[];
let goMissing: string | undefined;

beforeAll(() => {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
  } catch {
    goMissing = 'needs a Go client on PATH';
  }
});
beforeEach(async () => {
  folder = await temporaryFolder();
  cacheDir = join(folder, 'cache');
  lines = [];
  progress = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** A Go module of one file that builds in a second, in the place of Vault's. */
async function tinyModule(main: string, goLine = '1.21'): Promise<string> {
  const path = join(folder, 'module');
  await mkdir(path);
  await writeFile(join(path, 'go.mod'), `module github.com/hashicorp/vault\n\ngo ${goLine}\n`);
  await writeFile(join(path, 'main.go'), `package main\n\nimport "os"\n\nfunc main() {\n\t${main}\n}\n`);
  return path;
}

const honest = 'os.Stdout.WriteString("Vault v1.21.1\\n")';

function install(
  path: string,
  options: { signal?: AbortSignal; version?: string; full?: boolean } = {},
): ReturnType<typeof installFrom> {
  const settings = settingsFor('vault', {
    cacheDir,
    releasesUrl,
    report: Object.assign((line: string) => lines.push(line), { progress: (line: string) => progress.push(line) }),
    ...options,
  });
  return installFrom(settings, { ...vendorOrigins, moduleFolder: () => path });
}

describe('a build from Go modules', () => {
  test('fills the cache where no release can be had, and says how far it is', async ({ skip }) => {
    if (goMissing !== undefined) skip(goMissing);
    expect(await install(await tinyModule(honest))).toEqual({
      product: 'vault',
      path: join(cacheDir, 'vault', '1.21.1', platform, 'vault'),
      version: '1.21.1',
      source: 'go-module',
    });
    expect(await filesBelow(cacheDir)).toEqual(finished);
    expect(JSON.parse(await readFile(join(cacheDir, finished[0] ?? ''), 'utf8'))).toMatchObject({
      source: 'go-module',
      minimal: true,
    });
    expect(lines[0]).toMatch(/^no vault from release: no answer: connect ECONNREFUSED 127\.0\.0\.1:2$/);
    expect(lines[1]).toMatch(/^building vault 1\.21\.1 from Go modules with Go 1\.\d+\.\d+: some minutes, once$/);
    expect(progress.at(-1)).toMatch(/^building vault 1\.21\.1 from Go modules: \d+ % of 1 packages/);
    expect(lines.at(-2)).toMatch(/^built vault 1\.21\.1 in \d+ s$/);
    expect(lines.at(-1)).toContain('BUSL-1.1');
  }, 60_000);

  test('a full build replaces a minimal one, and is not repeated', async ({ skip }) => {
    if (goMissing !== undefined) skip(goMissing);
    const path = await tinyModule(honest);
    await install(path);
    expect(await install(path, { full: true })).toMatchObject({ source: 'go-module' });
    const record = JSON.parse(await readFile(join(cacheDir, finished[0] ?? ''), 'utf8'));
    expect(record).toMatchObject({ source: 'go-module' });
    expect(record).not.toHaveProperty('minimal');
    expect(await install(path, { full: true })).toMatchObject({ source: 'cache' });
    expect(await install(path)).toMatchObject({ source: 'cache' });
  }, 60_000);

  test.each([
    ['signal: killed', 'the kernel killed a compiler, as it does when memory runs out'],
    ['write /x: no space left on device', 'a disk is full; make room'],
  ])('that ends with `%s` says what to do', async (words, advice) => {
    await writeScript(
      join(folder, 'bin', 'go'),
      `case $1 in version) echo "go version go1.26.8 linux/amd64";; *) echo "go build x: ${words}" >&2; exit 1;; esac`,
    );
    vi.stubEnv('PATH', join(folder, 'bin'));
    await expect(install(await tinyModule(honest))).rejects.toMatchObject({
      code: 'build_failed',
      message: expect.stringContaining(advice),
    });
    expect(await filesBelow(cacheDir)).toEqual([]);
  });

  test('is done once by two processes that ask at the same time', async ({ skip }) => {
    if (goMissing !== undefined) skip(goMissing);
    const input = { cacheDir, releasesUrl, moduleFolder: await tinyModule(honest) };
    const results = await Promise.all([runChild('install-child.ts', input), runChild('install-child.ts', input)]);
    const answers = results.map(({ stdout }) => JSON.parse(String(stdout)));
    expect(answers.map(({ executable }) => executable.source).sort()).toEqual(['cache', 'go-module']);
    expect(await filesBelow(cacheDir)).toEqual(finished);
  }, 60_000);

  test('a failed build says how Go ended, and leaves nothing behind', async ({ skip }) => {
    if (goMissing !== undefined) skip(goMissing);
    await expect(install(await tinyModule('os.NoSuchThing()'))).rejects.toMatchObject({
      code: 'build_failed',
      message: expect.stringContaining('undefined: os.NoSuchThing'),
      details: { product: 'vault', version: '1.21.1', exitCode: 1 },
    });
    expect(await filesBelow(cacheDir)).toEqual([]);
  }, 60_000);

  test('is not tried without Go', async () => {
    vi.stubEnv('PATH', folder);
    await expect(install(await tinyModule(honest))).rejects.toMatchObject({
      code: 'engine_unavailable',
      message: expect.stringContaining('no "go" on PATH: install Go 1.21.0 or newer'),
    });
  });

  test('is not tried with a Go that is too old', async () => {
    await writeScript(join(folder, 'bin', 'go'), 'echo "go version go1.24.11 linux/amd64"');
    vi.stubEnv('PATH', join(folder, 'bin'));
    await expect(install(await tinyModule(honest, '1.25.3'))).rejects.toMatchObject({
      code: 'engine_unavailable',
      message: expect.stringContaining('Go 1.24.11 is too old: install Go 1.25.3 or newer'),
    });
  });

  test('is not tried with a Go that fails', async () => {
    await writeScript(join(folder, 'bin', 'go'), 'exit 2');
    vi.stubEnv('PATH', join(folder, 'bin'));
    await expect(install(await tinyModule(honest))).rejects.toMatchObject({
      code: 'engine_unavailable',
      message: expect.stringContaining('"go version" failed (2)'),
    });
  });

  test('is not tried for another version than the default one', async () => {
    await expect(install(await tinyModule(honest), { version: '1.21.4' })).rejects.toMatchObject({
      code: 'engine_unavailable',
      message: expect.stringContaining('only vault 1.21.1 can be built from Go modules, not 1.21.4'),
    });
  });

  test('sees the user’s Go, proxy and certificate settings, and no VAULT_TOKEN', async () => {
    await writeScript(
      join(folder, 'bin', 'go'),
      `case $1 in version) echo "go version go1.26.8 linux/amd64";; *) /usr/bin/env > "${folder}/seen.$$"; /bin/mv "${folder}/seen.$$" "${folder}/seen"; exit 1;; esac`,
    );
    vi.stubEnv('PATH', join(folder, 'bin'));
    vi.stubEnv('VAULT_TOKEN', 'canary');
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');
    vi.stubEnv('SSL_CERT_FILE', '/etc/certificates');
    vi.stubEnv('GOPROXY', 'off');
    vi.stubEnv('GOOS', 'plan9');
    await expect(install(await tinyModule(honest))).rejects.toMatchObject({ code: 'build_failed' });
    const seen = (await readFile(join(folder, 'seen'), 'utf8')).split('\n');
    expect(seen).toEqual(
      expect.arrayContaining([
        'HTTPS_PROXY=http://127.0.0.1:1',
        'SSL_CERT_FILE=/etc/certificates',
        'GOPROXY=off',
        'CGO_ENABLED=0',
        `GOOS=${process.platform}`,
      ]),
    );
    expect(seen.join('\n')).not.toContain('canary');
  });

  test('is killed with all that it started when the signal aborts', async () => {
    await writeScript(
      join(folder, 'bin', 'go'),
      `case $1 in version) echo "go version go1.26.8 linux/amd64";; *) /bin/sleep 300 & echo $! > "${folder}/pid"; wait;; esac`,
    );
    vi.stubEnv('PATH', join(folder, 'bin'));
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = install(await tinyModule(honest), { signal: controller.signal });
    const pid = await vi.waitFor(async () => {
      const text = await readFile(join(folder, 'pid'), 'utf8');
      expect(text).toMatch(/^\d+\n$/);
      return Number(text);
    }, 5_000);
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 5_000);
    expect(await filesBelow(cacheDir)).toEqual([]);
  });
});

describe('the go.mod', () => {
  test.each([
    ['vault', '1.21.1'],
    ['consul', '1.22.7'],
  ] as const)('of %s requires version %s, the default one, and comes with a go.sum', async (product, version) => {
    expect((await readdir(moduleFolder(product))).sort()).toEqual(['go.mod', 'go.sum']);
    expect(await readFile(join(moduleFolder(product), 'go.mod'), 'utf8')).toContain(
      `github.com/hashicorp/${product} v${version}\n`,
    );
    expect(await readFile(join(moduleFolder(product), 'go.sum'), 'utf8')).toContain(
      `github.com/hashicorp/${product} v${version} h1:`,
    );
  });
});
