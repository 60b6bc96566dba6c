import { type Environment, startEnvironment } from 'vaultproof';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startChild } from '../support/child.js';
import { mountJwt } from '../support/jwt-mount.js';

const vishpat = { sub: 'vishpat', aud: 'damage_inc' };

describe('environments in one process', () => {
  async function three(): Promise<Environment[]> {
    const all = await Promise.all([1, 2, 3].map(() => startEnvironment({ vault: true, consul: true })));
    onTestFinished(async () => {
      await Promise.all(all.map((env) => env.stop()));
    });
    return all;
  }

  test('have addresses and root tokens of their own', async () => {
    const all = await three();
    const addresses = all.flatMap(({ issuer, vault, consul }) => [issuer.url, vault.address, consul.address]);
    expect(new Set(addresses).size).toBe(9);
    expect(new Set(all.flatMap(({ vault, consul }) => [vault.token, consul.token])).size).toBe(6);
  });

  test('know nothing of each other', async () => {
    const [first, second, third] = await three();
    if (!first || !second || !third) throw new Error('three were started');
    const role = await mountJwt(first, 'jwt').then((writeRole) => writeRole({}));
    await mountJwt(second, 'jwt').then((writeRole) => writeRole({}));

    const jwt = await first.issuer.sign(vishpat);
    expect(await first.vault.login({ jwt, role })).toMatchObject({ role });
    await expect(second.vault.login({ jwt, role })).rejects.toMatchObject({ code: 'unknown_key' });
    await expect(third.vault.login({ jwt, role })).rejects.toMatchObject({ code: 'method_not_found' });
    await first.stop();
    expect(await second.vault.login({ jwt: await second.issuer.sign(vishpat), role })).toMatchObject({
      role,
    });
  });
});

test('environments of several processes at once do not get in each other’s way', async () => {
  const children = [1, 2, 3].map(() => startChild('login-child.ts', { count: 2 }));
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  const seen = (await Promise.all(children.map(({ started }) => started))) as {
    role: string;
    addresses: string[];
  }[][];
  expect(seen.flat().map(({ role }) => role)).toEqual(Array.from({ length: 6 }, () => 'role-1'));
  expect(new Set(seen.flat().flatMap(({ addresses }) => addresses)).size).toBe(18);
  for (const child of children) child.goOn();
  for (const { ended } of children) expect(await ended).toMatchObject({ exitCode: 0, stderr: '' });
});
