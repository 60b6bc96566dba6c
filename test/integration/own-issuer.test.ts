import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';

test('vishpat reads his secret, and a token for somebody else is refused', async ({ env }) => {
  await env.apply(
    (app) =>
      new VaultJwtStack(app, 'demo', {
        kv: {},
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
        policies: [{ name: 'reader', policy: 'path "kv/data/vishpat/*" { capabilities = ["read"] }' }],
      }),
  );
  await env.vault.seed('kv/vishpat/test', { username: 'X' });

  const session = await env.vault.login({
    jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }),
  });
  expect(await session.read('kv/vishpat/test')).toEqual({ username: 'X' });

  const stranger = await env.issuer.sign({ sub: 'mallory', aud: 'damage_inc' });
  await expect(env.vault.login({ jwt: stranger })).rejects.toMatchObject({
    code: 'subject_mismatch',
    expected: 'vishpat',
    found: 'mallory',
  });
});
