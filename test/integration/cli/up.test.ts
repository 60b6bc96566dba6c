import { expect, test } from 'vitest';
import { cli, firstLine } from '../../support/cli.js';
import { answers } from '../../support/what-runs.js';

interface UpReport {
  readonly issuer: { readonly url: string; readonly jwksUrl: string };
  readonly vault: { readonly address: string; readonly token: string };
  readonly consul: { readonly address: string; readonly token: string };
  readonly login: { readonly role: string; readonly jwt: string; readonly path: string } | null;
}

test('up serves a login that works by plain http until Ctrl-C, and then nothing is left', async () => {
  const running = cli(['up', '--json']);
  const { issuer, vault, consul, login } = JSON.parse(await firstLine(running)) as UpReport;

  const loggedIn = await fetch(`${vault.address}/v1/auth/jwt/login`, {
    method: 'POST',
    body: JSON.stringify({ role: login?.role, jwt: login?.jwt }),
  });
  const { auth } = (await loggedIn.json()) as { auth: { client_token: string } };
  const secret = await fetch(`${vault.address}/v1/${login?.path}`, {
    headers: { 'x-vault-token': auth.client_token },
  });
  expect(await secret.json()).toMatchObject({ data: { username: 'X', password: 'Y' } });
  expect((await fetch(issuer.jwksUrl)).status).toBe(200);
  const self = await fetch(`${consul.address}/v1/acl/token/self`, {
    headers: { 'x-consul-token': consul.token },
  });
  expect(self.status).toBe(200);

  running.kill('SIGINT');
  expect((await running).exitCode).toBe(0);
  expect(await Promise.all([issuer.url, vault.address, consul.address].map(answers))).toEqual([false, false, false]);
});

test('up --empty applies nothing', async () => {
  const running = cli(['up', '--json', '--empty']);
  const { vault, login } = JSON.parse(await firstLine(running)) as UpReport;
  const mounts = await fetch(`${vault.address}/v1/sys/auth`, { headers: { 'x-vault-token': vault.token } });
  expect(Object.keys(((await mounts.json()) as { data: object }).data)).toEqual(['token/']);
  expect(login).toBeNull();
  running.kill('SIGTERM');
  expect((await running).exitCode).toBe(0);
});

test('up prints export lines that a shell takes', async () => {
  const running = cli(['up', '--empty']);
  expect(await firstLine(running)).toMatch(/^export VAULT_ADDR='http:\/\/127\.0\.0\.1:\d+'$/);
  running.kill('SIGINT');
  await running;
});

test('up runs a command inside the environment, and ends with its exit code', async () => {
  const script = 'curl -s -H "X-Vault-Token: $VAULT_TOKEN" "$VAULT_ADDR/v1/$VAULTPROOF_SECRET_PATH"; exit 7';
  const { stdout, exitCode } = await cli(['up', '--', 'sh', '-c', script]);
  expect(JSON.parse(stdout)).toMatchObject({ data: { username: 'X' } });
  expect(exitCode).toBe(7);
});

test('up ends with 127 and says why when the command does not exist', async () => {
  const { stderr, exitCode } = await cli(['up', '--empty', '--', '/nonexistent/command']);
  expect(stderr).toContain('"/nonexistent/command" could not be run');
  expect(exitCode).toBe(127);
});

test('under GitHub Actions every secret that up prints is masked on standard error first', async () => {
  const running = cli(['up', '--json'], { env: { GITHUB_ACTIONS: 'true' } });
  const { vault, consul, login } = JSON.parse(await firstLine(running)) as UpReport;
  running.kill('SIGINT');
  const { stderr } = await running;
  const masks = String(stderr)
    .split('\n')
    .filter((line) => line.startsWith('::add-mask::'));
  expect(masks).toEqual([vault.token, consul.token, login?.jwt].map((secret) => `::add-mask::${secret}`));
});
