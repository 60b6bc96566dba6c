import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { execa } from 'execa';
import { type Environment, startEnvironment, startVault } from 'vaultproof';
import { beforeEach, describe, expect, onTestFinished, type TestContext, test, vi } from 'vitest';
import { engines, requiresEngine, runOn } from '../support/engines.js';
import { mountJwt } from '../support/jwt-mount.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const claims = { sub: 'vishpat', aud: 'damage_inc' };

async function withLogin(env: Environment): Promise<string> {
  await env.vault.request('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } });
  await env.vault.request('PUT', 'sys/policies/acl/reader', {
    policy: 'path "kv/data/app" { capabilities = ["read"] }',
  });
  const writeRole = await mountJwt(env, 'jwt');
  return writeRole({ token_policies: ['reader'] });
}

describe.each(engines)('a vault with raft storage on the engine %s', (engine) => {
  beforeEach(requiresEngine(engine));

  test.each([false, true])('keeps secrets, logins and tokens over a restart, with tls: %s', async (tls) => {
    await using env = await startEnvironment({
      vault: { ...runOn(engine, 'vault'), storage: 'raft', tls, auditLog: true },
    });
    const { vault, issuer } = env;
    const role = await withLogin(env);
    await vault.seed('kv/app', { password: 'correct horse' });
    const session = await vault.login({ jwt: await issuer.sign(claims), role });
    const before = (await vault.auditLog()).length;

    await vault.restart();
    expect(await session.read('kv/app')).toEqual({ password: 'correct horse' });
    const next = await vault.login({ jwt: await issuer.sign(claims), role });
    expect(await next.read('kv/app')).toEqual({ password: 'correct horse' });
    // Docker hands a log on a moment later.
    await expect.poll(async () => (await vault.auditLog()).length).toBeGreaterThan(before);
    await expect(Promise.race([vault.exited, 'it runs'])).resolves.toBe('it runs');
  });

  test('refuses everything while it is sealed, with a code, and goes on once it is unsealed', async () => {
    await using env = await startEnvironment({ vault: { ...runOn(engine, 'vault'), storage: 'raft' } });
    const { vault, issuer } = env;
    const role = await withLogin(env);
    const jwt = await issuer.sign(claims);
    await vault.seal();
    await expect(vault.login({ jwt, role })).rejects.toMatchObject({ code: 'vault_sealed' });
    await expect(vault.seed('kv/app', {})).rejects.toMatchObject({ code: 'vault_sealed' });
    await vault.unseal();
    expect(await vault.login({ jwt, role })).toMatchObject({ policies: ['default', 'reader'] });
  });
});

test('the unseal keys are on the handle, and nothing prints them', async () => {
  await using vault = await startVault({ engine: 'process', storage: 'raft' });
  const [key = ''] = vault.unsealKeys;
  expect(key).toMatch(/^[\w+/]{43}=$/);
  for (const text of [inspect(vault), JSON.stringify(vault), inspect({ ...vault }), await vault.logTail(1_000)]) {
    expect(text).not.toContain(key);
    expect(text).not.toContain(vault.token);
  }
  await vault.request('PUT', 'sys/seal');
  expect(await vault.request('PUT', 'sys/unseal', { key })).toMatchObject({ sealed: false });
});

test('a new one has the mounts of a dev server', async () => {
  await using dev = await startVault({ engine: 'process' });
  await using raft = await startVault({ engine: 'process', storage: 'raft' });
  const mounts = async (vault: typeof dev): Promise<string[]> =>
    Object.keys(Object((await vault.request('GET', 'sys/mounts'))['data']));
  expect(await mounts(raft)).toEqual(await mounts(dev));
});

test('its folder is gone once it is stopped', async () => {
  // Others make theirs in the folder of the system meanwhile.
  const own = await temporaryFolder();
  vi.stubEnv('TMPDIR', own);
  onTestFinished(() => void vi.unstubAllEnvs());
  const vault = await startVault({ engine: 'process', storage: 'raft' });
  const [name] = await readdir(own);
  expect(existsSync(`${own}/${name}/vault.db`)).toBe(true);
  await vault.stop();
  await vault.stop();
  expect(await readdir(own)).toEqual([]);
  await expect(vault.restart()).rejects.toMatchObject({ code: 'server_stopped' });
});

describe('a disk that is full', () => {
  const child = fileURLToPath(new URL('../support/full-disk-child.ts', import.meta.url));

  /** Runs the child with a TMPDIR of a size. */
  async function onDiskOf(size: string, { skip }: TestContext): Promise<unknown> {
    const folder = await temporaryFolder();
    const mount = `mount -t tmpfs -o size=${size} tmpfs '${folder}'`;
    const own = ['--user', '--map-root-user', '--mount', 'sh', '-c'];
    const { failed } = await execa('unshare', [...own, mount], { reject: false });
    if (failed) skip('needs "unshare", and mounts of its own');
    const run = [`${mount} && exec "$@"`, 'sh', process.execPath, '--import', 'tsx', child];
    const { stdout } = await execa('unshare', [...own, ...run], { env: { TMPDIR: folder } });
    return JSON.parse(stdout);
  }

  test('is told where a raft Vault can not start on it', async (context) => {
    expect(await onDiskOf('300k', context)).toMatchObject({
      stage: 'start',
      code: 'temporary_folder_unusable',
      message: expect.stringContaining('(ENOSPC)'),
    });
  });

  test('is told where a write can not be kept', async (context) => {
    // Vault refuses the write where its log has no room, and ends where its data has none.
    const refused = { code: 'request_refused', message: expect.stringContaining('no space left on device') };
    const hint = 'Its disk is full: make room in the folder for temporary files (TMPDIR).';
    const ended = { code: 'server_exited', message: expect.stringContaining(hint) };
    expect([refused, ended].map((end) => ({ stage: 'write', ...end }))).toContainEqual(await onDiskOf('6m', context));
  });
});

describe('what a vault in memory can not do', () => {
  test('is wrong use of a dev server', async () => {
    await using vault = await startVault({ engine: 'process' });
    const refused = new TypeError(`a dev server has no unseal keys: start the Vault with { storage: 'raft' }`);
    expect(vault.unsealKeys).toEqual([]);
    await expect(vault.seal()).rejects.toThrow(refused);
    await expect(vault.unseal()).rejects.toThrow(refused);
    await expect(vault.restart()).rejects.toThrow(refused);
  });

  test('is a restart alone where it has tls', async () => {
    await using vault = await startVault({ engine: 'process', tls: true });
    await vault.seal();
    await vault.unseal();
    await expect(vault.restart()).rejects.toThrow(
      new TypeError(`its data is in memory: start the Vault with { storage: 'raft' }`),
    );
  });

  test('is to keep its data elsewhere', async () => {
    await expect(startVault({ storage: 'consul' as 'raft' })).rejects.toThrow(
      new TypeError('unknown storage "consul": expected "inmem" or "raft"'),
    );
  });
});
