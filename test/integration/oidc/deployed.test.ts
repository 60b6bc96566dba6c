import { startEnvironment } from 'vaultproof';
import { beforeEach, describe, expect, test } from 'vitest';
import { engines, requiresEngine, runOn } from '../../support/engines.js';
import { folderWith } from '../../support/temporary-folder.js';
import { deployedAtOkta } from './deployed-at-okta.js';

const OKTA = 'https://acme.okta.com';

describe.each(engines)('on %s', (engine) => {
  beforeEach(requiresEngine(engine));

  test('an admin whom Okta signs in reads the secret, and no one else does', async () => {
    const folder = await folderWith({ 'main.tf': deployedAtOkta });
    await using env = await startEnvironment({ vault: runOn(engine, 'vault'), impersonate: [OKTA] });
    await env.applyTerraform(folder);
    await env.vault.seed('secret/app', { password: 'x' });
    const loginAs = (groups: readonly string[]) =>
      env.vault.loginWithOidc({
        signIn: (authUrl) => env.issuer.signIn(authUrl, { sub: '00u1', email: 'ada@acme.example', groups }),
      });
    const session = await loginAs(['vault-admins']);
    expect(await session.read('secret/app')).toEqual({ password: 'x' });
    await expect(loginAs(['staff'])).rejects.toMatchObject({ code: 'claim_mismatch', claim: 'groups' });
  });

  test("the environment's issuer signs people in, too", async () => {
    await using env = await startEnvironment({ vault: runOn(engine, 'vault') });
    const discovery = { oidc_discovery_url: env.issuer.discoveryUrlFor(env.vault) };
    await env.applyJson({
      resource: {
        vault_jwt_auth_backend: {
          oidc: { path: 'oidc', type: 'oidc', oidc_client_id: 'vault', oidc_client_secret: 'x', ...discovery },
        },
        vault_jwt_auth_backend_role: {
          people: {
            backend: `\${vault_jwt_auth_backend.oidc.path}`,
            role_name: 'people',
            user_claim: 'sub',
            allowed_redirect_uris: ['http://localhost:8250/oidc/callback'],
          },
        },
      },
    });
    const signIn = (authUrl: string) => env.issuer.signIn(authUrl, { sub: 'ada' });
    expect(await env.vault.loginWithOidc({ role: 'people', signIn })).toMatchObject({ role: 'people' });
  });
});
