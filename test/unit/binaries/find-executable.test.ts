import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findExecutable } from '../../../harness/binaries/index.js';
import { platform, temporaryFolder, writeScript } from './files.js';

let folder: string;
let cacheDir: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  cacheDir = join(folder, 'cache');
  vi.stubEnv('PATH', join(folder, 'bin'));
  vi.stubEnv('VAULTPROOF_VAULT_PATH', undefined);
  vi.stubEnv('VAULTPROOF_CACHE_DIR', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('an explicit path', () => {
  test('is used before PATH and the cache', async () => {
    await writeScript(join(folder, 'bin', 'vault'), 'echo "Vault v1.21.3 (abc), built 2025-01-01"');
    const executable = await writeScript(join(folder, 'mine'), 'echo "Vault v1.20.0 (abc), built 2025-01-01"');
    expect(await findExecutable('vault', { executable, cacheDir })).toEqual({
      product: 'vault',
      path: executable,
      version: '1.20.0',
      source: 'explicit',
    });
  });

  test('can be given by VAULTPROOF_VAULT_PATH', async () => {
    const executable = await writeScript(join(folder, 'mine'), 'echo "Vault v1.20.0"');
    vi.stubEnv('VAULTPROOF_VAULT_PATH', executable);
    expect(await findExecutable('vault', { cacheDir })).toMatchObject({
      path: executable,
      source: 'explicit',
    });
  });

  test('a path that does not exist is refused', async () => {
    await expect(findExecutable('vault', { executable: join(folder, 'nope'), cacheDir })).rejects.toMatchObject({
      code: 'executable_not_found',
      message: expect.stringContaining(`"${join(folder, 'nope')}"`),
    });
  });

  test('the path of a file that may not be executed is refused', async () => {
    const executable = await writeScript(join(folder, 'mine'), 'echo "Vault v1.21.1"');
    await chmod(executable, 0o644);
    await expect(findExecutable('vault', { executable, cacheDir })).rejects.toMatchObject({
      code: 'executable_not_runnable',
    });
  });

  test('the path of a folder is refused', async () => {
    await expect(findExecutable('vault', { executable: folder, cacheDir })).rejects.toMatchObject({
      code: 'executable_not_runnable',
    });
  });

  test('a program for another machine is refused', async () => {
    const executable = join(folder, 'mine');
    await writeFile(executable, '\x7fELF and then nonsense', { mode: 0o755 });
    await expect(findExecutable('vault', { executable, cacheDir })).rejects.toMatchObject({
      code: 'executable_not_runnable',
    });
  });

  test('an executable that fails to print its version is refused', async () => {
    const executable = await writeScript(join(folder, 'mine'), 'exit 3');
    await expect(findExecutable('vault', { executable, cacheDir })).rejects.toMatchObject({
      code: 'executable_not_runnable',
      details: { exitCode: 3 },
    });
  });

  test.each(['echo "Consul v1.22.7"', 'echo "OpenBao v2.7.2"', 'echo'])(
    'an executable that prints `%s` as its version is refused',
    async (body) => {
      const executable = await writeScript(join(folder, 'mine'), body);
      await expect(findExecutable('vault', { executable, cacheDir })).rejects.toMatchObject({
        code: 'executable_wrong_product',
      });
    },
  );

  test.each(['1.18.5', '1.19.0-rc1', '0.11.0'])('an executable of version %s is too old', async (version) => {
    const executable = await writeScript(join(folder, 'mine'), `echo "Vault v${version} (abc)"`);
    await expect(findExecutable('vault', { executable, cacheDir })).rejects.toMatchObject({
      code: 'executable_too_old',
      details: { version, floor: '1.19.0' },
    });
  });

  test.each(['1.19.0', '1.21.1+ent', '2.0.0'])('an executable of version %s is new enough', async (version) => {
    const executable = await writeScript(join(folder, 'mine'), `echo "Vault v${version} (abc)"`);
    expect(await findExecutable('vault', { executable, cacheDir })).toMatchObject({ version });
  });
});

describe('an executable that is asked for its version', () => {
  test('sees PATH and a HOME that is not the user’s, and nothing else', async () => {
    vi.stubEnv('VAULT_ADDR', 'https://vault.example.com');
    vi.stubEnv('VAULT_TOKEN', 'canary');
    const executable = await writeScript(join(folder, 'mine'), `/usr/bin/env > "${folder}/seen"; echo "Vault v1.21.1"`);
    await findExecutable('vault', { executable, cacheDir });
    const names = (await readFile(join(folder, 'seen'), 'utf8')).split('\n').map((line) => line.split('=')[0]);
    // The shell adds some of its own.
    expect(names.filter((name) => !['', 'PWD', 'SHLVL', '_', 'OLDPWD'].includes(name ?? '')).sort()).toEqual([
      'HOME',
      'PATH',
    ]);
  });

  test('is not run again while it stays the same', async () => {
    const executable = await writeScript(join(folder, 'mine'), `echo run >> "${folder}/runs"; echo "Vault v1.21.1"`);
    for (let time = 0; time < 3; time += 1) {
      expect(await findExecutable('vault', { executable, cacheDir })).toMatchObject({ version: '1.21.1' });
    }
    expect(await readFile(join(folder, 'runs'), 'utf8')).toBe('run\n');
  });

  test('is run again once it has changed', async () => {
    const executable = await writeScript(join(folder, 'mine'), 'echo "Vault v1.21.1"');
    await findExecutable('vault', { executable, cacheDir });
    await writeScript(executable, 'echo "Vault v1.21.2"');
    expect(await findExecutable('vault', { executable, cacheDir })).toMatchObject({ version: '1.21.2' });
  });

  test('is remembered under its real path, so that a link to another version is noticed', async () => {
    const old = await writeScript(join(folder, 'old'), 'echo "Vault v1.20.0"');
    const link = join(folder, 'link');
    await symlink(old, link);
    expect(await findExecutable('vault', { executable: link, cacheDir })).toMatchObject({
      version: '1.20.0',
      path: link,
    });
  });

  test('is found all the same when the cache cannot be written', async () => {
    const executable = await writeScript(join(folder, 'mine'), 'echo "Vault v1.21.1"');
    await writeFile(join(folder, 'file'), '');
    expect(await findExecutable('vault', { executable, cacheDir: join(folder, 'file') })).toMatchObject({
      version: '1.21.1',
    });
  });

  test.each(['', '{', '{"key":"x"}', '[]', 'null'])('is run again when what was remembered is `%s`', async (memo) => {
    const executable = await writeScript(join(folder, 'mine'), 'echo "Vault v1.21.1"');
    await findExecutable('vault', { executable, cacheDir });
    for (const name of await readdir(join(cacheDir, 'checks'))) {
      await writeFile(join(cacheDir, 'checks', name), memo);
    }
    expect(await findExecutable('vault', { executable, cacheDir })).toMatchObject({ version: '1.21.1' });
  });
});

describe('on PATH', () => {
  test('the first fitting executable is used, and unfit ones are passed over', async () => {
    await writeScript(join(folder, 'a', 'vault'), 'echo "Vault v1.10.0"');
    await writeScript(join(folder, 'b', 'vault'), 'echo "Consul v1.22.7"');
    await writeScript(join(folder, 'c', 'vault'), 'echo "Vault v1.21.1"');
    await chmod(join(folder, 'c', 'vault'), 0o644);
    const fitting = await writeScript(join(folder, 'd', 'vault'), 'echo "Vault v1.21.3"');
    await writeScript(join(folder, 'e', 'vault'), 'echo "Vault v1.21.4"');
    vi.stubEnv('PATH', ['a', 'b', 'c', 'd', 'e'].map((name) => join(folder, name)).join(':'));
    expect(await findExecutable('vault', { cacheDir })).toEqual({
      product: 'vault',
      path: fitting,
      version: '1.21.3',
      source: 'path',
    });
  });

  test('another version than the one asked for is passed over', async () => {
    await writeScript(join(folder, 'bin', 'vault'), 'echo "Vault v1.21.3"');
    expect(await findExecutable('vault', { cacheDir, version: '1.20.1' })).toBeUndefined();
    expect(await findExecutable('vault', { cacheDir, version: '1.21.3' })).toMatchObject({ source: 'path' });
  });

  test('relative folders are not searched', async () => {
    vi.stubEnv('PATH', '.:');
    expect(await findExecutable('vault', { cacheDir })).toBeUndefined();
  });
});

describe('in the cache', () => {
  const script = '#!/bin/sh\necho "Vault v1.21.1"\n';
  const record = {
    product: 'vault',
    version: '1.21.1',
    size: script.length,
    sha256: 'abc',
    source: 'release',
  };

  async function fill(content: string, sidecar: unknown, mode = 0o755): Promise<string> {
    const entry = join(cacheDir, 'vault', '1.21.1', platform);
    await mkdir(entry, { recursive: true });
    await writeFile(join(entry, 'vault'), content, { mode });
    if (sidecar !== undefined) await writeFile(join(entry, 'executable.json'), JSON.stringify(sidecar));
    return join(entry, 'vault');
  }

  test('an executable that fits its record is used without being run', async () => {
    const path = await fill(script, record);
    expect(await findExecutable('vault', { cacheDir })).toEqual({
      product: 'vault',
      path,
      version: '1.21.1',
      source: 'cache',
    });
  });

  test('VAULTPROOF_CACHE_DIR says where the cache is', async () => {
    await fill(script, record);
    vi.stubEnv('VAULTPROOF_CACHE_DIR', cacheDir);
    expect(await findExecutable('vault')).toMatchObject({ source: 'cache' });
  });

  test('another version is not used', async () => {
    await fill(script, record);
    expect(await findExecutable('vault', { cacheDir, version: '1.21.0' })).toBeUndefined();
  });

  test('an executable without a record is not trusted', async () => {
    await fill(script, undefined);
    expect(await findExecutable('vault', { cacheDir })).toBeUndefined();
  });

  test('an executable of another length than recorded is not trusted', async () => {
    await fill(script.slice(0, -1), record);
    expect(await findExecutable('vault', { cacheDir })).toBeUndefined();
  });

  test('an empty executable is not trusted', async () => {
    await fill('', { ...record, size: 0 });
    expect(await findExecutable('vault', { cacheDir })).toBeUndefined();
  });

  test('an executable that may not be executed is not trusted', async () => {
    await fill(script, record, 0o644);
    expect(await findExecutable('vault', { cacheDir })).toBeUndefined();
  });

  test.each([{ ...record, version: '1.21.0' }, { ...record, product: 'consul' }, { ...record, size: '28' }, [], null])(
    'the record %j is not trusted',
    async (sidecar) => {
      await fill(script, sidecar);
      expect(await findExecutable('vault', { cacheDir })).toBeUndefined();
    },
  );
});

describe('wrong use', () => {
  test.each(['../../etc', '1.21', 'v1.21.1', 'latest', '', '1.21.1/..', '1.18.0'])(
    'version "%s" is a TypeError',
    async (version) => {
      await expect(findExecutable('vault', { cacheDir, version })).rejects.toBeInstanceOf(TypeError);
    },
  );

  test.each(['ftp://example.com', 'nonsense', 'file:///tmp', 'https://me:secret@example.com', 'https://me:secret@:::'])(
    'the releases URL "%s" is a TypeError that does not repeat a password',
    async (releasesUrl) => {
      const error: unknown = await findExecutable('vault', { cacheDir, releasesUrl }).catch(
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).not.toContain('secret');
    },
  );

  test('an empty path is a TypeError', async () => {
    await expect(findExecutable('vault', { cacheDir, executable: '' })).rejects.toBeInstanceOf(TypeError);
    await expect(findExecutable('vault', { cacheDir: '' })).rejects.toBeInstanceOf(TypeError);
  });

  test('an unknown product is a TypeError', async () => {
    // @ts-expect-error: not a Product
    await expect(findExecutable('nomad', { cacheDir })).rejects.toBeInstanceOf(TypeError);
  });
});

test('an aborted signal ends the search with its reason', async () => {
  const reason = new Error('enough');
  await expect(findExecutable('vault', { cacheDir, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
