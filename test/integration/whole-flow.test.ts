import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach, describe } from 'vitest';
import { engines, requiresEngine, runOn } from '../support/engines.js';

describe.each(engines)('on the engine %s', (engine) => {
  beforeEach(requiresEngine(engine));
  test.override({ services: { vault: runOn(engine, 'vault') } });

  describe.each([1, 2] as const)('with a KV engine of version %s', (version) => {
    test('whoever may log in reads his secret, and nobody else gets in', async ({ env }) => {
      expect(env.vault.engine).toBe(engine);
      const { demo } = await env.apply(
        (app) =>
          new VaultJwtStack(app, 'demo', {
            jwksUrl: env.issuer.jwksUrlFor(env.vault),
            boundIssuer: env.issuer.url,
            roles: [
              {
                roleName: 'reader',
                boundSubject: 'vishpat',
                boundAudiences: ['damage_inc'],
                tokenPolicies: ['reader'],
              },
            ],
            policies: [
              {
                name: 'reader',
                policy:
                  'path "kv/vishpat/*" { capabilities = ["read"] }\npath "kv/data/vishpat/*" { capabilities = ["read"] }',
              },
            ],
            kv: { version },
          }),
      );
      expect(demo?.outputs).toEqual({ login_path: 'auth/jwt/login', kv_path: 'kv' });
      await env.vault.seed('kv/vishpat/test', { username: 'X' });
      await env.vault.seed('kv/mallory/test', { username: 'Y' });

      const session = await env.vault.login({
        jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }),
      });
      expect(session).toMatchObject({ policies: ['default', 'reader'], ttlSeconds: 900, role: 'reader' });
      expect(await session.read('kv/vishpat/test')).toEqual({ username: 'X' });
      await expect(session.read('kv/mallory/test')).rejects.toMatchObject({ code: 'permission_denied' });
      await expect(session.write('kv/vishpat/test', { username: 'Z' })).rejects.toMatchObject({
        code: 'permission_denied',
      });
      await expect(session.read('kv/vishpat/none')).rejects.toMatchObject({ code: 'secret_not_found' });

      const stranger = await env.issuer.sign({ sub: 'mallory', aud: 'damage_inc' });
      await expect(env.vault.login({ jwt: stranger })).rejects.toMatchObject({
        code: 'subject_mismatch',
        expected: 'vishpat',
        found: 'mallory',
      });
    });
  });
});
