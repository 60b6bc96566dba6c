import { expect, test } from 'vaultproof/vitest';
import { folderWith } from '../../support/temporary-folder.js';
import { deployedAtOkta } from './deployed-at-okta.js';

const okta = 'https://acme.okta.com';
test.override({ services: { vault: true, impersonate: [okta] } });

test('admins read the secret, and no one else', async ({ env }) => {
  const infra = await folderWith({ 'main.tf': deployedAtOkta });
  await env.applyTerraform(infra);
  await env.vault.seed('secret/app', { password: 'x' });

  const loginAs = (groups: string[]) =>
    env.vault.loginWithOidc({
      role: 'admin',
      signIn: (authUrl) => env.issuer.signIn(authUrl, { sub: '00u1', email: 'ada@acme.example', groups }),
    });
  const ada = await loginAs(['vault-admins']);
  expect(await ada.read('secret/app')).toEqual({ password: 'x' });
  await expect(loginAs(['staff'])).rejects.toMatchObject({ code: 'claim_mismatch', claim: 'groups' });
});
