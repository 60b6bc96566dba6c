import { createPool, type Environment, type Pool } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { killServer } from '../../support/kill-server.js';

let pool: Pool;

beforeAll(async () => {
  pool = await createPool({ size: 3 });
});
afterAll(() => pool.stop());

const ROLE = { roleName: 'app', boundSubject: 'app', boundAudiences: ['vault'], tokenPolicies: ['default'] };

async function declare(env: Environment): Promise<void> {
  await env.apply((app) => new VaultJwtStack(app, 'login', { ...env.issuer.trustedBy(env.vault), roles: [ROLE] }));
  await env.vault.request('POST', 'sys/mounts/secret', { type: 'kv' });
  await env.vault.seed('secret/app', { password: 'correct horse' });
}

describe.sequential('provisioned environments', () => {
  test('each have what was declared, and nothing that another one wrote', async () => {
    await using logins = pool.provisioned(declare);
    for (const word of ['one', 'two', 'three']) {
      await using env = await logins.lease();
      const session = await env.vault.login({ jwt: await env.issuer.sign({ sub: 'app', aud: 'vault' }) });
      expect(session.role).toBe('app');
      expect(await env.vault.root.read('secret/app')).toEqual({ password: 'correct horse' });
      await env.vault.seed('secret/app', { password: word });
    }
  });

  test('are made ready while the one before is used', async () => {
    let declared = 0;
    let tellSecond = (): void => {};
    const second = new Promise<void>((resolve) => {
      tellSecond = resolve;
    });
    await using logins = pool.provisioned(() => {
      declared += 1;
      if (declared === 2) tellSecond();
    });
    await using first = await logins.lease();
    await second;
    await using next = await logins.lease();
    expect(next.vault.address).not.toBe(first.vault.address);
  });

  test('fail as their declaration does, and give back the servers', async () => {
    await using logins = pool.provisioned(() => {
      throw new RangeError('not declared');
    });
    await expect(logins.lease()).rejects.toThrow(RangeError);
    await expect(logins.lease()).rejects.toThrow(RangeError);
    await using env = await pool.lease({ timeoutMs: 10_000 });
    await env.vault.request('GET', 'sys/mounts');
  });

  test('never have a server that has died', async () => {
    const made: Environment[] = [];
    let tellBoth = (): void => {};
    const both = new Promise<void>((resolve) => {
      tellBoth = resolve;
    });
    await using logins = pool.provisioned((env) => {
      if (made.push(env) === 2) tellBoth();
    });
    await using first = await logins.lease();
    await both;
    const waiting = made.find((env) => env !== first);
    if (waiting === undefined) throw new Error('none was made ready');
    await killServer(waiting.vault);
    await waiting.vault.exited;
    await using next = await logins.lease();
    await next.vault.request('GET', 'sys/mounts');
  });
});
