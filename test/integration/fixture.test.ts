import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { answers } from '../support/what-runs.js';

describe.sequential('the fixture', () => {
  let firstToken = '';

  test('gives a test an issuer and a vault', async ({ env }) => {
    firstToken = env.vault.token;
    expect(await Promise.all([env.issuer.jwksUrl, env.vault.address].map(answers))).toEqual([true, true]);
    expect(() => env.consul).toThrow(TypeError);
    await env.vault.request('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
    await env.vault.seed('secret/mark', { left: 'behind' });
  });

  test('gives the next test others, which know nothing of the first', async ({ env }) => {
    expect(firstToken).toMatch(/^[0-9a-f]{48}$/);
    expect(env.vault.token).not.toBe(firstToken);
    // Nor is there an engine at "secret", which only dev servers have.
    await expect(env.vault.root.read('secret/mark')).rejects.toMatchObject({ code: 'mount_not_found' });
  });

  test('starts nothing for a test that does not ask for it', ({ task }) => {
    expect(task.context).not.toHaveProperty('env');
  });
});

describe('with other services', () => {
  test.override({ services: { vault: false, consul: true } });

  test('the fixture starts those', async ({ env }) => {
    expect(await answers(env.consul.address)).toBe(true);
    expect(() => env.vault).toThrow(TypeError);
  });
});
