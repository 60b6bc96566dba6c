import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { chooseEngine } from '../../../harness/engines/index.js';
import { startReleaseServer } from '../../support/release-server.js';
import { temporaryFolder, writeScript } from '../binaries/files.js';

let folder: string;
let bin: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  bin = join(folder, 'bin');
  vi.stubEnv('PATH', bin);
  vi.stubEnv('DOCKER_HOST', `unix://${folder}/no-docker.sock`);
  vi.stubEnv('VAULTPROOF_CACHE_DIR', join(folder, 'cache'));
  // Nobody listens there, so that every release is unavailable at once.
  vi.stubEnv('VAULTPROOF_RELEASES_URL', 'http://127.0.0.1:2');
  vi.stubEnv('VAULTPROOF_OPENBAO_RELEASES_URL', 'http://127.0.0.1:2');
  for (const name of ['ENGINE', 'VAULT_PRODUCT', 'VAULT_PATH', 'VAULT_IMAGE']) {
    vi.stubEnv(`VAULTPROOF_${name}`, undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const vault = (): Promise<string> => writeScript(join(bin, 'vault'), 'echo "Vault v1.21.3"');
const bao = (version = '2.7.2'): Promise<string> => writeScript(join(bin, 'bao'), `echo "OpenBao v${version} (abc)"`);
/** A Go that is there and builds nothing: a build that is tried fails by its own code. */
const brokenGo = (): Promise<string> =>
  writeScript(join(bin, 'go'), '[ "$1" = version ] && echo "go version go1.26.8 linux/amd64" || exit 1');

describe('a Vault that nobody chose the product of', () => {
  test('is HashiCorp’s where that is at hand', async () => {
    await Promise.all([vault(), bao()]);
    const { engine, reason } = await chooseEngine('vault');
    expect(engine).toMatchObject({ name: 'process', product: 'vault' });
    expect(reason).toMatch(/^process: .*\/bin\/vault \(path\); no Docker engine answers/);
    expect(reason).not.toContain('OpenBao');
  });

  test('is OpenBao where Vault would have to be built, and the reason says how to get Vault', async () => {
    await Promise.all([bao(), brokenGo()]);
    const lines: string[] = [];
    const { engine, reason } = await chooseEngine('vault', { report: (line) => lines.push(line) });
    expect(engine).toMatchObject({ name: 'process', product: 'openbao' });
    expect(reason).toMatch(
      /\/bin\/bao \(path\); .*; OpenBao stands in for Vault, which would have to be built: "npx vaultproof engines install vault" gets Vault itself$/,
    );
    expect(lines).toEqual([expect.stringMatching(/^no vault from release: /)]);
  });

  test('does not ask the network a second time within a day', async () => {
    await using server = await startReleaseServer();
    vi.stubEnv('VAULTPROOF_RELEASES_URL', server.url);
    await bao();
    await chooseEngine('vault');
    expect(server.requests).toHaveLength(1);
    expect((await chooseEngine('vault')).engine.product).toBe('openbao');
    expect(server.requests).toHaveLength(1);
    // What another address has is another question.
    await using other = await startReleaseServer();
    vi.stubEnv('VAULTPROOF_RELEASES_URL', other.url);
    await chooseEngine('vault');
    expect(other.requests).toHaveLength(1);
  });

  test('is built where there is no OpenBao either', async () => {
    await brokenGo();
    await expect(chooseEngine('vault')).rejects.toMatchObject({ code: 'build_failed', details: { product: 'vault' } });
  });

  test('is not an OpenBao that is too old', async () => {
    await Promise.all([bao('2.4.0'), brokenGo()]);
    await expect(chooseEngine('vault')).rejects.toMatchObject({ code: 'build_failed' });
  });

  test('is never OpenBao where a version is asked for', async () => {
    await bao();
    await expect(chooseEngine('vault', { version: '1.21.1' })).rejects.toMatchObject({ code: 'engine_unavailable' });
  });

  test('that can’t be had at all is an error that names what was tried, and of which product', async () => {
    await expect(chooseEngine('vault')).rejects.toMatchObject({
      code: 'engine_unavailable',
      details: {
        attempts: [
          { product: 'vault', source: 'release', status: 'absent' },
          { product: 'openbao', source: 'release', status: 'absent' },
          { product: 'openbao', source: 'wheel', status: 'absent' },
          { product: 'vault', source: 'go-module', status: 'absent' },
        ],
      },
    });
  });
});

describe('a product that was asked for', () => {
  test('as vault never is OpenBao', async () => {
    await bao();
    await expect(chooseEngine('vault', { product: 'vault' })).rejects.toMatchObject({ code: 'engine_unavailable' });
    vi.stubEnv('VAULTPROOF_VAULT_PRODUCT', 'vault');
    await expect(chooseEngine('vault')).rejects.toMatchObject({ code: 'engine_unavailable' });
  });

  test('as openbao never is Vault, and is not explained as a stand-in', async () => {
    await Promise.all([vault(), bao()]);
    const { engine, reason } = await chooseEngine('vault', { product: 'openbao' });
    expect(engine.product).toBe('openbao');
    expect(reason).not.toContain('stands in');
    vi.stubEnv('VAULTPROOF_VAULT_PRODUCT', 'openbao');
    expect((await chooseEngine('vault')).engine.product).toBe('openbao');
  });

  test('by VAULTPROOF_VAULT_PATH is what that is, and for product vault an OpenBao there is an error', async () => {
    vi.stubEnv('VAULTPROOF_VAULT_PATH', await bao());
    expect((await chooseEngine('vault')).engine.product).toBe('openbao');
    await expect(chooseEngine('vault', { product: 'vault' })).rejects.toMatchObject({
      code: 'executable_wrong_product',
      details: { expected: 'vault', found: 'openbao' },
    });
  });

  test('by the option executable is what that is, whatever VAULTPROOF_VAULT_PRODUCT says', async () => {
    vi.stubEnv('VAULTPROOF_VAULT_PRODUCT', 'openbao');
    expect((await chooseEngine('vault', { executable: await vault() })).engine.product).toBe('vault');
  });

  test('that is neither is wrong use', async () => {
    vi.stubEnv('VAULTPROOF_VAULT_PRODUCT', 'nomad');
    await expect(chooseEngine('vault')).rejects.toMatchObject({
      message: 'VAULTPROOF_VAULT_PRODUCT must be "vault" or "openbao", not "nomad"',
    });
  });
});
