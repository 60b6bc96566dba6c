import { startEnvironment } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vitest';
import { failureReport } from '../../harness/failure-report.js';

test('what comes too early or too late says which "await" may be missing', async () => {
  const env = await startEnvironment();
  const role = { roleName: 'app', boundSubject: 'app', boundAudiences: ['vault'], tokenPolicies: ['default'] };
  const jwt = await env.issuer.sign({ sub: 'app', aud: 'vault' });
  const login = () => env.vault.login({ jwt, mount: 'login' });
  const applied = env.apply(
    (app) => new VaultJwtStack(app, 'login', { path: 'login', ...env.issuer.trustedBy(env.vault), roles: [role] }),
  );
  await expect(login()).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:method_not_found|method_not_configured|role_not_found|login_refused)$/),
    message: expect.stringMatching(/; "apply" was still under way: await env\.apply\(\.\.\.\)$/),
  });
  await applied;
  await login();
  await expect(env.vault.login({ jwt, mount: 'other' })).rejects.toMatchObject({
    message: expect.not.stringContaining('await'),
  });
  await expect(env.vault.login(undefined as never)).rejects.toThrow('the options of login are "undefined"');

  await expect(env.vault.request('GET', '/v1/sys/mounts')).rejects.toThrow(
    '307: a redirect, which is not followed: write the path without "/v1/"',
  );
  const noise = 'no `api_addr` value specified';
  if (env.vault.product === 'openbao') expect(await env.vault.logTail(200)).toContain(noise);
  expect(await failureReport(env)).not.toContain(noise);

  await env.stop();
  await expect(login()).rejects.toMatchObject({
    code: 'server_stopped',
    message: expect.stringMatching(/: start another one; is an "await" missing in a test that has ended\?$/),
  });
});

test('an environment without a server and a login has nothing to report', async () => {
  await using env = await startEnvironment({ vault: false });
  expect(await failureReport(env)).toBe('');
});
