import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectToPool, createPool, type Pool } from 'vaultproof';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChild } from '../../support/child.js';
import { killServer } from '../../support/kill-server.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { answers } from '../../support/what-runs.js';

let pool: Pool;
let path: string;

beforeAll(async () => {
  pool = await createPool({ size: 2 });
  path = await pool.listen();
});
afterAll(() => pool.stop());

describe.sequential('a pool that listens', () => {
  test('leases to a connection, which gives back what it stops', async () => {
    await using connection = await connectToPool(path);
    const env = await connection.lease();
    const { address, token } = env.vault;
    await env.vault.request('POST', 'sys/mounts/kv', { type: 'kv' });
    expect(await env.vault.logTail()).toBeTypeOf('string');
    await env.stop();
    const answer = await fetch(`${address}/v1/auth/token/lookup-self`, { headers: { 'x-vault-token': token } });
    expect(answer.status).toBe(403);
  });

  test('hands the audit log of a lease on', async () => {
    await using connection = await connectToPool(path);
    await using env = await connection.lease({ auditLog: true });
    await env.vault.request('GET', 'sys/mounts');
    expect(await env.vault.auditLog()).toMatchObject([{ type: 'request' }, { type: 'response' }]);
  });

  test('takes back what a connection had that ends', async () => {
    const connection = await connectToPool(path);
    await Promise.all([connection.lease(), connection.lease()]);
    await connection.stop();
    await using one = await pool.lease({ timeoutMs: 10_000 });
    await using other = await pool.lease({ timeoutMs: 10_000 });
    expect(one.vault.address).not.toBe(other.vault.address);
  });

  test('takes back what a process had that was killed in the middle of its requests', async () => {
    const child = startChild('leasing-child.ts', { path });
    const { address, token } = (await child.started) as { address: string; token: string };
    child.kill('SIGKILL');
    await using one = await pool.lease({ timeoutMs: 10_000 });
    await using other = await pool.lease({ timeoutMs: 10_000 });
    for (const { vault } of [one, other]) {
      const { data } = await vault.request('GET', 'sys/mounts');
      expect(Object.keys(data as object).filter((mount) => mount.startsWith('kv'))).toEqual([]);
    }
    const answer = await fetch(`${address}/v1/auth/token/lookup-self`, { headers: { 'x-vault-token': token } });
    expect(answer.status).toBe(403);
  });

  test('tells a connection of a server that has ended', async () => {
    await using connection = await connectToPool(path);
    const env = await connection.lease();
    await killServer(env.vault);
    expect(await env.vault.exited).toMatchObject({ code: 'server_exited' });
    await env.stop();
  });

  test('hands its errors on', async () => {
    await using one = await pool.lease();
    await using other = await pool.lease();
    await using connection = await connectToPool(path);
    await expect(connection.lease({ timeoutMs: 20 })).rejects.toMatchObject({
      code: 'pool_exhausted',
      details: { size: 2, leased: 2 },
    });
    expect(one.vault.address).not.toBe(other.vault.address);
  });

  test('ends its connections when it is stopped', async () => {
    const second = await createPool({ size: 1 });
    const connection = await connectToPool(await second.listen());
    const env = await connection.lease();
    await second.stop();
    expect(await env.vault.exited).toMatchObject({ code: 'server_exited' });
    await expect(connection.lease()).rejects.toMatchObject({ code: 'pool_stopped' });
    await env.stop();
    await connection.stop();
  });
});

describe('a socket', () => {
  test('takes its servers with it when it is killed, and tells who leases', async () => {
    const child = startChild('pool-child.ts', { path: join(await temporaryFolder(), 'pool.sock') });
    const { path: itsPath } = (await child.started) as { path: string };
    await using connection = await connectToPool(itsPath);
    const env = await connection.lease();
    child.kill('SIGKILL');
    await child.ended;
    await env.vault.exited;
    await expect(connection.lease()).rejects.toMatchObject({ code: 'pool_stopped' });
    while (await answers(env.vault.address)) await delay(20);
    await env.stop();
  });

  test('can not have a path that is too long', async () => {
    const long = join(await temporaryFolder(), 'a'.repeat(110));
    await expect(pool.listen(long)).rejects.toMatchObject({ code: 'pool_socket_unusable', details: { path: long } });
  });

  test('can not be where something else is', async () => {
    const taken = join(await temporaryFolder(), 'taken');
    await writeFile(taken, '');
    await expect(pool.listen(taken)).rejects.toMatchObject({ code: 'pool_socket_unusable', details: { path: taken } });
    await expect(connectToPool(taken)).rejects.toMatchObject({ code: 'pool_socket_unusable' });
  });
});
