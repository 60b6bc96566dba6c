import { startIssuer } from 'vaultproof/issuer';
import { appMeshDialect } from 'vaultproof/issuer/endpoints';
import { enrolTotp, fixedUsers, hashPassword, totpCode } from 'vaultproof/issuer/users';
import { expect, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';

bePatient();

test('ada gets a token by her password and a one-time code', async () => {
  const { secret } = await enrolTotp('ada');
  const ada = { key: await hashPassword('correct horse'), roles: ['view'], mfa_enabled: true, mfa_key: secret };
  const users = await fixedUsers({ Roles: { view: ['app-view'] }, Users: { ada } });
  await using issuer = await startIssuer({ dialects: [appMeshDialect({ users, audiences: ['api'] })] });

  const authorization = `Basic ${Buffer.from('ada:correct horse').toString('base64')}`;
  const headers = { authorization, 'X-Audience': 'api', 'X-Expire-Seconds': '600' };
  const challenged = await fetch(`${issuer.url}/appmesh/login`, { method: 'POST', headers });
  expect(challenged.status).toBe(428);
  const { totp_challenge } = (await challenged.json()) as { totp_challenge: string };

  const totp_code = await totpCode(secret, issuer.clock.now());
  const body = JSON.stringify({ user_name: 'ada', totp_challenge, totp_code });
  const json = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${issuer.url}/appmesh/totp/validate`, { method: 'POST', headers: json, body });
  const { access_token } = (await answer.json()) as { access_token: string };

  const may = { authorization: `Bearer ${access_token}`, 'X-Audience': 'api', 'X-Permission': 'app-view' };
  expect((await fetch(`${issuer.url}/appmesh/auth`, { method: 'POST', headers: may })).status).toBe(200);
});
