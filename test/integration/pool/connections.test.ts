import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { connectToPool, createPool, type LeasingPool, type Pool } from 'vaultproof';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

let pool: Pool;
let connection: LeasingPool;

beforeAll(async () => {
  pool = await createPool({ size: 1 });
  connection = await connectToPool(await pool.listen());
});
afterAll(async () => {
  await connection.stop();
  await pool.stop();
});

/** Counts the connections that this process opens until the test ends. */
function countConnections(): () => number {
  let count = 0;
  const listener = (): void => {
    count += 1;
  };
  channel('net.client.socket').subscribe(listener);
  onTestFinished(() => void channel('net.client.socket').unsubscribe(listener));
  return () => count;
}

describe.sequential.each([
  ['of this process', () => pool],
  ['over a connection', () => connection],
])('a lease %s', (_name, leasing) => {
  const readTwice = async (): Promise<string> => {
    await using env = await leasing().lease();
    const read = (): Promise<unknown> => env.vault.request('GET', 'sys/mounts');
    await Promise.all([read(), read()]);
    return env.vault.token;
  };

  test('uses the connections that the lease before it has left open, with a token of its own', async () => {
    const before = await readTwice();
    const opened = countConnections();
    expect(await readTwice()).not.toBe(before);
    expect(opened()).toBe(0);
  });

  test('ends the requests that are under way when it ends, and none of the next lease', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    const asked = once(silent, 'connection');
    onTestFinished(() => void silent.close());
    const first = await leasing().lease();
    await first.vault.request('POST', 'sys/auth/jwt', { type: 'jwt' });
    const { port } = silent.address() as AddressInfo;
    const configured = first.vault.request('POST', 'auth/jwt/config', { jwks_url: `http://127.0.0.1:${port}/keys` });
    await asked;
    const stopped = first.stop();
    await expect(configured).rejects.toMatchObject({ code: 'server_stopped' });
    await stopped;
    await expect(first.vault.request('GET', 'sys/auth')).rejects.toMatchObject({ code: 'server_stopped' });
    await using next = await leasing().lease();
    expect(Object.keys((await next.vault.request('GET', 'sys/auth'))['data'] as object)).toEqual(['token/']);
  });
});
