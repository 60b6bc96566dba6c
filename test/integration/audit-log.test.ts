import { startEnvironment } from 'vaultproof';
import { beforeEach, describe, expect, test } from 'vitest';
import { engines, requiresEngine, runOn } from '../support/engines.js';
import { mountJwt } from '../support/jwt-mount.js';

describe.each(engines)('the audit log on the engine %s', (engine) => {
  beforeEach(requiresEngine(engine));

  test('tells logins apart by their correlation ids, and has no token in it', async () => {
    await using env = await startEnvironment({ vault: { ...runOn(engine, 'vault'), auditLog: true } });
    const role = await mountJwt(env, 'jwt').then((writeRole) => writeRole({}));
    const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
    const stranger = await env.issuer.sign({ sub: 'mallory', aud: 'elsewhere' });
    const session = await env.vault.login({ jwt, role, correlationId: 'let-in-1' });
    await expect(env.vault.login({ jwt: stranger, role, correlationId: 'refused-2' })).rejects.toMatchObject({
      code: 'audience_mismatch',
    });

    const entries = await env.vault.auditLog();
    const logins = entries.filter(({ request }) => (request as { path?: string }).path === 'auth/jwt/login');
    expect(logins).toMatchObject([
      { type: 'request', request: { headers: { 'x-correlation-id': ['let-in-1'] } } },
      {
        type: 'response',
        auth: { policies: ['default'], metadata: { role }, display_name: 'jwt-vishpat' },
        request: { headers: { 'x-correlation-id': ['let-in-1'] } },
      },
      { type: 'request', request: { headers: { 'x-correlation-id': ['refused-2'] } } },
      {
        type: 'response',
        response: { data: { error: expect.stringMatching(/^hmac-sha256:/) } },
        request: { headers: { 'x-correlation-id': ['refused-2'] } },
      },
    ]);
    const text = JSON.stringify(entries);
    for (const secret of [jwt, stranger, session.token, env.vault.token]) expect(text).not.toContain(secret);
    expect(text).not.toContain('eyJ');
  });

  test('is asked for when the vault is started, or is wrong use', async () => {
    await using env = await startEnvironment({ vault: runOn(engine, 'vault') });
    await expect(env.vault.auditLog()).rejects.toThrow(
      new TypeError('the audit log is off: start the Vault with { auditLog: true }'),
    );
  });
});
