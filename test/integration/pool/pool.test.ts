import { createPool, type Environment, type Pool } from 'vaultproof';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { killServer } from '../../support/kill-server.js';

let pool: Pool;

beforeAll(async () => {
  pool = await createPool({ size: 2 });
});
afterAll(() => pool.stop());

/** Leases until one server has been leased twice. */
async function leaseAgain(): Promise<Environment> {
  const env = await pool.lease();
  const { address } = env.vault;
  await env.stop();
  for (;;) {
    const next = await pool.lease();
    if (next.vault.address === address) return next;
    await next.stop();
  }
}

describe.sequential('a pool', () => {
  test('leases a server again, without what the lease before made', async () => {
    await using first = await pool.lease();
    const { address } = first.vault;
    await first.vault.request('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
    await first.vault.request('POST', 'sys/auth/userpass', { type: 'userpass' });
    await first.vault.request('PUT', 'sys/policies/acl/reader', {
      policy: 'path "secret/*" { capabilities = ["read"] }',
    });
    await first.vault.request('POST', 'identity/entity', { name: 'vishpat' });
    await first.vault.seed('secret/mark', { left: 'behind' });
    await first.stop();

    let next = await pool.lease();
    while (next.vault.address !== address) {
      await next.stop();
      next = await pool.lease();
    }
    await using env = next;
    const shown = async (path: string): Promise<string[]> => {
      const { data } = await env.vault.request('GET', path);
      return Object.keys(data as object);
    };
    expect(await shown('sys/auth')).toEqual(['token/']);
    expect(await shown('sys/mounts')).not.toContain('secret/');
    await expect(env.vault.request('GET', 'sys/policies/acl/reader')).rejects.toMatchObject({
      details: { status: 404 },
    });
    await expect(env.vault.request('GET', 'identity/entity/name/vishpat')).rejects.toMatchObject({
      details: { status: 404 },
    });
  });

  test.each([
    ['sys/config/cors', { allowed_origins: 'https://a.example' }, 'sys/config/cors'],
    ['sys/loggers', { level: 'error' }, 'sys/loggers/core'],
    ['sys/config/ui/headers/X-Mark', { values: ['left'] }, 'sys/config/ui/headers?list=true'],
    ['sys/policies/acl/default', { policy: 'path "a" { capabilities = ["read"] }' }, 'sys/policies/acl/default'],
    ['sys/quotas/rate-limit/mark', { rate: 10_000 }, 'sys/quotas/rate-limit?list=true'],
    ['identity/group', { name: 'mark' }, 'identity/group/name?list=true'],
    ['identity/oidc/key/default', { rotation_period: '48h' }, 'identity/oidc/key/default'],
    ['auth/token/roles/mark', { orphan: true }, 'auth/token/roles?list=true'],
  ])('leases a server without a write to %s', async (path, json, shownAt) => {
    const shown = async ({ vault }: Environment): Promise<unknown> =>
      vault.request('GET', shownAt).then(
        // OpenBao says when a policy was written.
        ({ data }) => ({ ...(data as object), modified: undefined }),
        (error: { details: unknown }) => error.details,
      );
    const first = await pool.lease();
    const before = await shown(first);
    await first.vault.request('POST', path, json);
    expect(await shown(first)).not.toEqual(before);
    await first.stop();
    // The pool has two servers, of which one was changed.
    await using one = await pool.lease();
    await using other = await pool.lease();
    expect([await shown(one), await shown(other)]).toEqual([before, before]);
  });

  test('gives each lease a root token of its own, and the one before is dead', async () => {
    const before = await pool.lease();
    const { token, address } = before.vault;
    await before.stop();
    const answer = await fetch(`${address}/v1/auth/token/lookup-self`, { headers: { 'x-vault-token': token } });
    expect(answer.status).toBe(403);
    await expect(before.vault.request('GET', 'sys/mounts')).rejects.toMatchObject({ code: 'server_stopped' });
    await using env = await leaseAgain();
    expect(env.vault.token).toMatch(/^[0-9a-f]{48}$/);
    expect(env.vault.token).not.toBe(token);
  });

  test('gives no server to two leases', async () => {
    await using one = await pool.lease();
    await using other = await pool.lease();
    expect(one.vault.address).not.toBe(other.vault.address);
    await expect(pool.lease({ timeoutMs: 50 })).rejects.toMatchObject({
      code: 'pool_exhausted',
      details: { server: 'vault', size: 2, leased: 2, timeoutMs: 50 },
    });
    const waiting = pool.lease();
    await other.stop();
    await using third = await waiting;
    expect(third.vault.address).not.toBe(one.vault.address);
  });

  test('throws away a server that is sealed', async () => {
    const env = await pool.lease();
    await env.vault.request('PUT', 'sys/seal');
    await env.stop();
    await using one = await pool.lease();
    await using other = await pool.lease();
    await Promise.all([one, other].map(({ vault }) => vault.request('GET', 'sys/mounts')));
    expect(pool.counts.vault?.discarded.at(-1)).toContain('is sealed');
  });

  test('hands out no server that has died', async () => {
    const dead = await pool.lease();
    await killServer(dead.vault);
    await dead.vault.exited;
    await dead.stop();
    await using one = await pool.lease();
    await using other = await pool.lease();
    await Promise.all([one, other].map(({ vault }) => vault.request('GET', 'sys/mounts')));
    expect(pool.counts.vault?.discarded.at(-1)).toBe('it ended by itself');
  });

  test('starts a server for a lease that wants a fresh one', async () => {
    const env = await pool.lease({ fresh: true });
    const { address } = env.vault;
    await env.stop();
    await expect(fetch(address)).rejects.toThrow(TypeError);
  });

  test('turns the audit log on for a lease that wants it, which begins with the lease', async () => {
    const alone = await createPool({ size: 1 });
    onTestFinished(() => alone.stop());
    const paths = async ({ vault }: Environment): Promise<unknown[]> => {
      const entries = await vault.auditLog();
      return entries.map(({ request }) => (request as { path: string }).path);
    };
    for (const path of ['sys/mounts/first', 'sys/mounts/second']) {
      const env = await alone.lease({ auditLog: true });
      await env.vault.request('POST', path, { type: 'kv' });
      expect(new Set(await paths(env))).toEqual(new Set([path]));
      await env.stop();
    }
    await using without = await alone.lease();
    await expect(without.vault.auditLog()).rejects.toThrow(TypeError);
    expect(await without.vault.request('GET', 'sys/audit')).toMatchObject({ data: {} });
    expect(alone.counts.vault).toMatchObject({ booted: 1, recycled: 2, discarded: [] });
  });

  test('leases none once it is stopped', async () => {
    const other = await createPool({ size: 1 });
    const env = await other.lease();
    await other.stop();
    await expect(other.lease()).rejects.toMatchObject({ code: 'pool_stopped' });
    await expect(fetch(env.vault.address)).rejects.toThrow(TypeError);
    await env.stop();
  });
});

test('a pool of no servers is wrong use', async () => {
  await expect(createPool({ size: 0 })).rejects.toThrow(TypeError);
});
