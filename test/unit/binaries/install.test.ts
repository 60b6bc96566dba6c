import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { installIntoCache, type Producer, withInstallLock } from '../../../harness/binaries/install.js';
import { settingsFor } from '../../../harness/binaries/settings.js';
import { bePatient } from '../../support/patience.js';
import { startReleaseServer } from '../../support/release-server.js';
import { filesBelow, platform, temporaryFolder, writeScript } from './files.js';
import { runChild } from './run-child.js';
import { zipOf } from './zip.js';

bePatient();

const script = 'echo "Vault v1.21.1"';
const finished = [`vault/1.21.1/${platform}/executable.json`, `vault/1.21.1/${platform}/vault`];

let folder: string;
let cacheDir: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  cacheDir = join(folder, 'cache');
  vi.stubEnv('VAULTPROOF_VAULT_PATH', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const produce: Producer = async ({ target }) => {
  await writeScript(target, script);
  return { source: 'release' };
};

describe('an installation', () => {
  test('is done once by two processes that ask at the same time', async () => {
    await using server = await startReleaseServer();
    const archive = zipOf([{ name: 'vault', content: `#!/bin/sh\n${script}\n` }]);
    const paths = await server.publish({ product: 'vault', version: '1.21.1', archive });
    server.faults.set(paths.archive, { kind: 'delay', ms: 1_500 });

    const input = { cacheDir, releasesUrl: server.url, trustedKey: server.publicKey };
    const results = await Promise.all([runChild('install-child.ts', input), runChild('install-child.ts', input)]);
    const answers = results.map(({ stdout }) => JSON.parse(String(stdout)));

    expect(answers.map(({ executable }) => executable.source).sort()).toEqual(['cache', 'release']);
    expect(new Set(answers.map(({ executable }) => executable.path)).size).toBe(1);
    expect(answers.find(({ executable }) => executable.source === 'cache').lines).toEqual([
      expect.stringMatching(
        /^waiting for another process \(pid \d+, since \d\d:\d\d\) that is installing vault 1\.21\.1$/,
      ),
    ]);
    expect(server.requests).toEqual(expect.arrayContaining([paths.sums, paths.signature, paths.archive]));
    expect(server.requests.filter((path) => path === paths.archive)).toHaveLength(1);
    expect(await filesBelow(cacheDir)).toEqual(finished);
  });

  test('is taken over when its process was killed, which leaves nothing behind', async () => {
    await using server = await startReleaseServer();
    const archive = zipOf([{ name: 'vault', content: `#!/bin/sh\n${script}\n` }]);
    const paths = await server.publish({ product: 'vault', version: '1.21.1', archive });
    server.faults.set(paths.archive, { kind: 'stall' });
    const input = { cacheDir, releasesUrl: server.url, trustedKey: server.publicKey };
    const first = runChild('install-child.ts', input);
    await vi.waitFor(() => expect(server.requests).toContain(paths.archive), 10_000);
    await vi.waitFor(async () => expect(await filesBelow(cacheDir)).toHaveLength(2), 10_000);
    first.kill('SIGKILL');
    await first;
    await vi.waitFor(async () => expect(await filesBelow(cacheDir)).toEqual([]), 10_000);

    // As if more than ten seconds had passed.
    await utimes(join(cacheDir, 'vault', '1.21.1', `${platform}.lock`), 1_000_000_000, 1_000_000_000);
    server.faults.clear();
    const second = await runChild('install-child.ts', input);
    expect(JSON.parse(String(second.stdout)).executable).toMatchObject({ source: 'release' });
    expect(await filesBelow(cacheDir)).toEqual(finished);
  }, 40_000);

  test('removes what an interrupted one left behind', async () => {
    const leftover = join(cacheDir, 'vault', '1.21.1', `.${platform}.0b5c`, 'finished');
    await mkdir(leftover, { recursive: true });
    await writeFile(join(leftover, 'vault'), 'half');
    await installIntoCache(settingsFor('vault', { cacheDir }), produce);
    expect(await filesBelow(cacheDir)).toEqual(finished);
  });

  test('replaces a half-written executable', async () => {
    const entry = join(cacheDir, 'vault', '1.21.1', platform);
    await mkdir(entry, { recursive: true });
    await writeFile(join(entry, 'vault'), '#!/bin/', { mode: 0o755 });
    const executable = await installIntoCache(settingsFor('vault', { cacheDir }), produce);
    expect(executable).toMatchObject({ source: 'release', path: join(entry, 'vault') });
    expect(await readFile(join(entry, 'vault'), 'utf8')).toBe('#!/bin/sh\necho "Vault v1.21.1"\n');
    expect(await filesBelow(cacheDir)).toEqual(finished);
  });

  test('a failed installation leaves nothing behind, and the next one starts from nothing', async () => {
    const reason = new Error('no such luck');
    const failing: Producer = async ({ target, scratch }) => {
      await writeFile(target, 'half');
      await writeFile(join(scratch, 'rest'), 'half');
      throw reason;
    };
    const settings = settingsFor('vault', { cacheDir });
    await expect(installIntoCache(settings, failing)).rejects.toBe(reason);
    expect(await filesBelow(cacheDir)).toEqual([]);
    expect(await installIntoCache(settings, produce)).toMatchObject({ source: 'release' });
  });

  test('starts again when its lock is lost, and aborts what it was doing', async () => {
    const lines: string[] = [];
    const settings = settingsFor('vault', { cacheDir, report: (line) => lines.push(line) });
    let runs = 0;
    const interrupted: Producer = async (workplace) => {
      runs += 1;
      if (runs > 1) return produce(workplace);
      await rm(join(cacheDir, 'vault', '1.21.1', `${platform}.lock`), { recursive: true });
      return new Promise((_resolve, reject) => {
        workplace.signal.addEventListener('abort', () => reject(workplace.signal.reason));
      });
    };
    expect(await installIntoCache(settings, interrupted)).toMatchObject({ source: 'release' });
    expect(lines).toEqual(['the lock for installing vault 1.21.1 was lost; starting again']);
    expect(await filesBelow(cacheDir)).toEqual(finished);
  }, 20_000);

  test('one that waits says for which process and for how long, again and again', async () => {
    const lock = join(cacheDir, 'go-build');
    await mkdir(cacheDir);
    const lines: string[] = [];
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const other = { signal: undefined, report: () => {} };
    let begun: () => void = () => {};
    const holds = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const first = withInstallLock(lock, { ...other, what: 'building consul 1.22.7 from Go modules' }, () => {
      begun();
      return held;
    });
    await holds;
    const now = vi.spyOn(performance, 'now');
    onTestFinished(() => now.mockRestore());
    const report = (line: string): void => {
      lines.push(line);
      if (lines.length === 3) release();
      else now.mockReturnValue(lines.length * 30_000 + 100_000);
    };
    now.mockReturnValue(100_000);
    await withInstallLock(lock, { signal: undefined, report, what: 'building vault 1.21.1' }, async () => {});
    await first;
    const since = `waiting for another process (pid ${process.pid}, since ${new Date().toTimeString().slice(0, 5)})`;
    expect(lines).toEqual([
      `${since} that is building consul 1.22.7 from Go modules`,
      `${since} that is building consul 1.22.7 from Go modules, 30 s so far`,
      `${since} that is building consul 1.22.7 from Go modules, 60 s so far`,
    ]);
    expect(await filesBelow(cacheDir)).toEqual([]);
  });

  test('an installation that no one is told of says by a warning for which other one it waits', async () => {
    const path = join(cacheDir, 'vault', '1.21.1', platform);
    await mkdir(join(path, '..'), { recursive: true });
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const lock = { what: 'installing vault 1.21.1', report: () => {}, signal: undefined };
    let waiting: Promise<unknown> | undefined;
    await withInstallLock(path, lock, async () => {
      waiting = installIntoCache(settingsFor('vault', { cacheDir }), produce);
      expect(await warned).toMatchObject({
        name: 'VaultproofWarning',
        message: expect.stringContaining(`waiting for another process (pid ${process.pid}, since `),
      });
    });
    expect(await waiting).toMatchObject({ product: 'vault', source: 'release' });
  });

  test('an installation that waits for another one ends when its signal aborts', async () => {
    const { lock } = await import('proper-lockfile');
    await mkdir(join(cacheDir, 'vault', '1.21.1'), { recursive: true });
    const release = await lock(join(cacheDir, 'vault', '1.21.1', platform), { realpath: false });
    onTestFinished(() => release());
    const controller = new AbortController();
    const reason = new Error('enough');
    const settings = settingsFor('vault', {
      cacheDir,
      signal: controller.signal,
      report: () => controller.abort(reason),
    });
    await expect(installIntoCache(settings, produce)).rejects.toBe(reason);
  });
});

describe('a cache that cannot be written', () => {
  test('because a file is in its place is an error', async () => {
    await writeFile(join(folder, 'file'), '');
    const settings = settingsFor('vault', { cacheDir: join(folder, 'file') });
    await expect(installIntoCache(settings, produce)).rejects.toMatchObject({ code: 'cache_unwritable' });
  });

  test('because its file system is read-only is an error', async ({ skip }) => {
    const mounted = mountTmpfs(folder, 'ro');
    if (mounted !== undefined) skip(mounted);
    const settings = settingsFor('vault', { cacheDir: join(folder, 'mount', 'cache') });
    await expect(installIntoCache(settings, produce)).rejects.toMatchObject({ code: 'cache_unwritable' });
  });

  test('because its disk is full is an error, and nothing is left behind', async ({ skip }) => {
    const mounted = mountTmpfs(folder, 'size=64k');
    if (mounted !== undefined) skip(mounted);
    const settings = settingsFor('vault', { cacheDir: join(folder, 'mount') });
    const large: Producer = async ({ target }) => {
      await writeFile(target, Buffer.alloc(1_000_000));
      return { source: 'release' };
    };
    await expect(installIntoCache(settings, large)).rejects.toMatchObject({ code: 'cache_full' });
    expect(await filesBelow(join(folder, 'mount'))).toEqual([]);
  });
});

/** Mounts a small file system at `<folder>/mount` for the running test, or says why that is not possible here. */
function mountTmpfs(parent: string, options: string): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting a tmpfs takes root on Linux';
  const mount = join(parent, 'mount');
  try {
    execFileSync('mkdir', [mount]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', mount], { stdio: 'ignore' });
  } catch {
    return 'a tmpfs cannot be mounted here';
  }
  onTestFinished(() => void execFileSync('umount', ['-l', mount]));
  return undefined;
}

test.runIf(process.platform === 'linux')('a cache where no folder can be made is refused at once', async () => {
  const settings = settingsFor('vault', { cacheDir: '/proc/vaultproof-cache' });
  await expect(installIntoCache(settings, async () => ({ source: 'release' }))).rejects.toMatchObject({
    code: 'cache_unwritable',
    details: { code: 'ENOENT' },
  });
});
