import { expect, test } from 'vaultproof/vitest';
import { onTestFinished } from 'vitest';
import { vaultLogin } from '../../../harness/login/vault-login.js';
import { httpClient } from '../../../internal/http-client.js';
import { mountJwt } from '../../support/jwt-mount.js';
import { killServer } from '../../support/kill-server.js';

test('a vault that is stopped takes connections and does not answer, which its error says; it goes on', async ({
  fileEnv: env,
}) => {
  const role = await (await mountJwt(env, 'jwt'))({});
  const jwt = await env.issuer.sign({ sub: 'alice', aud: 'damage_inc' });
  const http = httpClient(env.vault.address, { timeoutMs: 1_000 });
  onTestFinished(() => http.close());
  await killServer(env.vault, 'SIGSTOP');
  try {
    await expect(vaultLogin(http, { jwt, role })).rejects.toMatchObject({
      code: 'request_failed',
      message: expect.stringContaining('the server accepts connections and does not answer'),
    });
  } finally {
    await killServer(env.vault, 'SIGCONT');
  }
  await expect(env.vault.login({ jwt, role })).resolves.toMatchObject({ role });
});
