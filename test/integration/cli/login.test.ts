import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEnvironment } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { exampleProps } from '../../../stacks/examples/vault-login.js';
import { cli } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { ofProduct } from '../../support/vault-of-tests.js';

test('login says who got in, explains who did not, and prints no token', async ({ env }) => {
  const { issuer, vault } = env;
  const props = exampleProps({ jwksUrl: issuer.jwksUrlFor(vault), boundIssuer: issuer.url });
  await env.apply((app) => new VaultJwtStack(app, 'demo', props));
  const tokenFile = join(await temporaryFolder(), 'token');
  await writeFile(tokenFile, `${vault.token}\n`);

  const good = await issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  const welcome = await cli(['login', '--jwt', '-', '--json'], {
    env: { VAULT_ADDR: vault.address },
    input: good,
  });
  expect(JSON.parse(welcome.stdout)).toEqual({
    found: 'ok',
    role: 'jwt_vishpat',
    policies: ['default', 'vishpat_keys_policy'],
    ttlSeconds: 900,
  });
  expect(welcome.exitCode).toBe(0);
  const jwtFile = join(await temporaryFolder(), 'jwt');
  await writeFile(jwtFile, `${good}\n`);
  const byFile = await cliInProcess(['login', '--jwt', `@${jwtFile}`], { env: { VAULT_ADDR: vault.address } });
  expect(byFile).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^in, as "jwt_vishpat"/) });

  const bad = await issuer.sign({ sub: 'vishpat', aud: 'elsewhere' });
  const options = ['--address', vault.address, '--token-file', tokenFile];
  const refused = await cliInProcess(['login', '--jwt', bad, '--json', ...options]);
  expect(JSON.parse(refused.stdout)).toMatchObject({
    found: 'audience_mismatch',
    details: {
      claim: 'aud',
      expected: ['damage_inc'],
      found: 'elsewhere',
      claims: [{ name: 'aud', expected: ['damage_inc'], found: 'elsewhere' }],
    },
    status: 400,
  });
  expect(refused.exitCode).toBe(1);

  const blind = await cliInProcess(['login', '--jwt', bad, '--address', vault.address]);
  expect(blind.stderr).toContain('login refused: audience_mismatch (found "elsewhere"); the server said: ');
  expect(blind.stderr).toContain('give --token-file with a token that may read the auth method and its role');
  expect([welcome, refused, blind].map(({ stdout, stderr }) => stdout + stderr).join('')).not.toMatch(
    /eyJ|hvs\.|\bs\.[A-Za-z0-9]{20}/,
  );
});

test('login without an address is wrong use', async () => {
  const { stderr, exitCode } = await cliInProcess(['login', '--jwt', 'x'], { env: { VAULT_ADDR: undefined } });
  expect(stderr).toContain('no address: give --address, or set VAULT_ADDR');
  expect(exitCode).toBe(2);
});

test.each([
  ['empty', '', 'token_missing'],
  ['junk', 'x.y.z', 'token_malformed'],
  ['huge', 'a'.repeat(2_000_000), { vault: 'token_too_large', openbao: 'token_malformed' }],
])('login explains an %s token', async (_what, jwt, code) => {
  await using env = await startEnvironment();
  const props = exampleProps({ jwksUrl: env.issuer.jwksUrlFor(env.vault), boundIssuer: env.issuer.url });
  await env.apply((app) => new VaultJwtStack(app, 'demo', props));
  const { stdout, exitCode } = await cliInProcess(
    ['login', '--jwt', '-', '--json', '--address', `${env.vault.address}/`],
    {
      input: jwt,
    },
  );
  expect(JSON.parse(stdout)).toMatchObject({ found: typeof code === 'string' ? code : ofProduct(code) });
  expect(exitCode).toBe(1);
});

test.each(['localhost:8200', 'ftp://127.0.0.1', 'http://127.0.0.1:8200/prefix', 'http://user:pass@127.0.0.1'])(
  'login to "%s" is wrong use, and sends nothing',
  async (address) => {
    const { stderr, exitCode } = await cliInProcess(['login', '--jwt', 'x', '--address', address]);
    expect(stderr).toContain(`"${address.replace('user:pass', '***')}" is not a server's address`);
    expect(exitCode).toBe(2);
  },
);

test('an empty VAULT_ADDR is named', async () => {
  const { stderr, exitCode } = await cliInProcess(['login', '--jwt', 'x'], { env: { VAULT_ADDR: '' } });
  expect(stderr).toContain('VAULT_ADDR is empty');
  expect(exitCode).toBe(2);
});

test('a vault that does not answer, or is sealed, is no refusal of the token', async ({ env }) => {
  const away = await cliInProcess(['login', '--jwt', 'x', '--json', '--address', 'http://127.0.0.1:1']);
  expect(JSON.parse(away.stdout)).toMatchObject({ error: { code: 'request_failed' } });
  expect(away.exitCode).toBe(3);

  await env.vault.request('PUT', 'sys/seal');
  const sealed = await cliInProcess(['login', '--jwt', 'x', '--json', '--address', env.vault.address]);
  expect(JSON.parse(sealed.stdout)).toMatchObject({ error: { code: 'vault_sealed' } });
  expect(sealed.exitCode).toBe(3);
});

test('a token file that is not there is wrong use', async () => {
  const args = ['login', '--jwt', 'x', '--address', 'http://127.0.0.1:1', '--token-file', '/nonexistent/token'];
  const { stderr, exitCode } = await cliInProcess(args);
  expect(stderr).toContain('"/nonexistent/token" does not exist');
  expect(exitCode).toBe(2);
});
