import { expect, test } from 'vaultproof/vitest';
import { mountJwt } from '../support/jwt-mount.js';

const claims = { sub: 'vishpat', aud: 'damage_inc' };

test('a session that logged out may do so again, and its token is dead', async ({ fileEnv: env }) => {
  const writeRole = await mountJwt(env, 'twice');
  const role = await writeRole({ role_type: 'jwt', user_claim: 'sub', bound_audiences: ['damage_inc'] });
  const session = await env.vault.login({ jwt: await env.issuer.sign(claims), role, mount: 'twice' });
  await session.logout();
  await session.logout();
  await expect(env.vault.request('POST', 'auth/token/lookup', { token: session.token })).rejects.toMatchObject({
    code: 'permission_denied',
  });
});

test('a token that may not revoke itself is still alive, and logout says so', async ({ fileEnv: env }) => {
  const writeRole = await mountJwt(env, 'bare');
  const role = await writeRole({
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: ['damage_inc'],
    token_no_default_policy: true,
    token_policies: ['nothing'],
  });
  const session = await env.vault.login({ jwt: await env.issuer.sign(claims), role, mount: 'bare' });
  await expect(session.logout()).rejects.toMatchObject({ code: 'permission_denied' });
});
