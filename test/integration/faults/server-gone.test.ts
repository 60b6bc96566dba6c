import { startEnvironment } from 'vaultproof';
import { beforeEach, describe, expect, test } from 'vitest';
import { engines, requiresEngine, runOn } from '../../support/engines.js';
import { killServer } from '../../support/kill-server.js';
import { ofProduct } from '../../support/vault-of-tests.js';

const vishpat = { sub: 'vishpat', aud: 'damage_inc' };

describe.each(engines)('on the engine %s', (engine) => {
  beforeEach(requiresEngine(engine));

  test('a login at a vault that was killed says how it ended, with the end of its log', async () => {
    await using env = await startEnvironment({ vault: runOn(engine, 'vault') });
    const jwt = await env.issuer.sign(vishpat);
    await killServer(env.vault);
    const error = await env.vault.login({ jwt, role: 'reader' }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'server_exited',
      message: expect.stringContaining(engine === 'docker' ? 'exit code 137' : 'signal SIGKILL'),
      details: { product: ofProduct({ vault: 'vault', openbao: 'openbao' }), path: '/v1/auth/jwt/login' },
    });
    expect((error as Error).message).toContain('WARN');
    expect((error as Error).message).not.toContain(jwt);
    expect((error as Error).message).not.toContain(env.vault.token);
    await expect(env.vault.seed('secret/test', {})).rejects.toMatchObject({ code: 'server_exited' });
    await expect(env.vault.request('GET', 'sys/mounts')).rejects.toMatchObject({ code: 'server_exited' });
  });

  test('whatever is asked of a vault that was stopped is refused, and it may be stopped again', async () => {
    const env = await startEnvironment({ vault: runOn(engine, 'vault') });
    const jwt = await env.issuer.sign(vishpat);
    await env.stop();
    await expect(env.vault.login({ jwt, role: 'reader' })).rejects.toMatchObject({ code: 'server_stopped' });
    await expect(env.vault.seed('secret/test', {})).rejects.toMatchObject({ code: 'server_stopped' });
    await expect(env.vault.request('GET', 'sys/mounts')).rejects.toMatchObject({ code: 'server_stopped' });
    await Promise.all([env.stop(), env.vault.stop(), env.issuer.stop()]);
    expect(await env.vault.logTail()).toBe('(it wrote nothing)');
  });
});

test('a server that the environment does not have is wrong use', async () => {
  await using env = await startEnvironment({ vault: false });
  expect(() => env.vault).toThrow(new TypeError('this environment has no vault: start it with { vault: true }'));
  expect(() => env.consul).toThrow(new TypeError('this environment has no consul: start it with { consul: true }'));
  const reader = { name: 'reader', policy: '' };
  await expect(env.applyJson({ resource: { vault_policy: { reader } } })).rejects.toThrow(TypeError);
});
