import { join } from 'node:path';
import { connectToPool, createPool, type Environment, type Pool } from 'vaultproof';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startChild } from '../../support/child.js';
import { mountJwt } from '../../support/jwt-mount.js';
import { killServer } from '../../support/kill-server.js';
import { prepared } from '../../support/prepared.js';
import { requires } from '../../support/requirement.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { containersOf, stillThere } from '../../support/what-runs.js';

const SOON = { timeout: 15_000, interval: 50 };
const claims = { sub: 'vishpat', aud: 'damage_inc' };

describe('a pool in Docker', () => {
  let pool: Pool;

  function inDocker() {
    const { images } = prepared();
    if ('missing' in images) throw new Error(images.missing);
    const engine = 'docker' as const;
    return { vault: { engine, image: images.vault }, consul: { engine, image: images.consul }, size: 1 };
  }

  beforeEach(requires('docker'));
  beforeAll(async () => {
    if ('missing' in prepared().images) return;
    pool = await createPool(inDocker());
  });
  afterAll(() => pool?.stop());

  /** Declares a login, and logs in. */
  async function logIn(env: Environment): Promise<readonly string[]> {
    const writeRole = await mountJwt(env, 'jwt');
    const role = await writeRole({ token_policies: ['reader'] });
    return (await env.vault.login({ jwt: await env.issuer.sign(claims), role })).policies;
  }

  test('leases the same containers again, as new, with other tokens', async () => {
    const first = await pool.lease();
    expect(await logIn(first)).toContain('reader');
    await first.consul.request('PUT', 'kv/app/left', 'behind');
    const [vault, consul] = [first.vault.address, first.consul.address];
    const { token } = first.vault;
    await first.stop();

    await using again = await pool.lease();
    expect(again.vault).toMatchObject({ engine: 'docker', address: vault });
    expect(again.consul).toMatchObject({ engine: 'docker', address: consul });
    expect(again.vault.token).not.toBe(token);
    expect(await again.vault.request('GET', 'sys/auth')).not.toHaveProperty('data.jwt/');
    expect(await again.consul.request('GET', 'kv/?keys=true')).toEqual([]);
    expect(await logIn(again)).toContain('reader');
  });

  test('declares ahead of time in containers that are as new', async () => {
    await using logins = pool.provisioned(async (env) => {
      await mountJwt(env, 'declared');
    });
    for (let turn = 0; turn < 2; turn++) {
      await using env = await logins.lease();
      expect(await env.vault.request('GET', 'sys/auth')).toHaveProperty('data.declared/');
      await env.vault.request('DELETE', 'sys/auth/declared');
    }
  });

  test('has an audit log that begins with the lease', async () => {
    for (const path of ['sys/mounts/first', 'sys/mounts/second']) {
      await using env = await pool.lease({ auditLog: true });
      await env.vault.request('POST', path, { type: 'kv' });
      await env.vault.auditLog.waitFor({ type: 'response', request: { path } });
      const paths = (await env.vault.auditLog()).map(({ request }) => request.path);
      expect(new Set(paths)).toEqual(new Set([path]));
    }
  });

  test('leases no container that was killed', async () => {
    const before = pool.counts.vault?.booted ?? 0;
    const killed = await pool.lease();
    await killServer(killed.vault);
    await killed.stop();
    await using env = await pool.lease();
    expect(await logIn(env)).toContain('reader');
    expect(pool.counts.vault?.booted).toBe(before + 1);
  });

  test('is gone when its process is killed', async () => {
    const path = join(await temporaryFolder(), 'pool.sock');
    const child = startChild('pool-child.ts', { path, options: inDocker() });
    onTestFinished(() => child.kill('SIGKILL'));
    await child.started;
    const connection = await connectToPool(path);
    const { vault, consul } = await connection.lease();
    const containers = await containersOf([vault.address, consul.address]);
    expect(containers).toHaveLength(2);
    child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await stillThere(containers)).toEqual([]), SOON);
  });
});
