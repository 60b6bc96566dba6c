import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { exampleProps } from '../../../stacks/example.js';
import { cli } from '../../support/cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

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

  const bad = await issuer.sign({ sub: 'vishpat', aud: 'elsewhere' });
  const options = ['--address', vault.address, '--token-file', tokenFile];
  const refused = await cli(['login', '--jwt', bad, '--json', ...options]);
  expect(JSON.parse(refused.stdout)).toMatchObject({
    found: 'audience_mismatch',
    details: { expected: ['damage_inc'], found: 'elsewhere' },
    status: 400,
  });
  expect(refused.exitCode).toBe(1);

  const blind = await cli(['login', '--jwt', bad, '--address', vault.address]);
  expect(blind.stderr).toContain('login refused: audience_mismatch (found "elsewhere"); the server said: ');
  expect([welcome, refused, blind].map(({ stdout, stderr }) => stdout + stderr).join('')).not.toMatch(/eyJ|hvs\./);
});

test('login without an address is wrong use', async () => {
  const { stderr, exitCode } = await cli(['login', '--jwt', 'x'], { env: { VAULT_ADDR: undefined } });
  expect(stderr).toContain('no address: give --address, or set VAULT_ADDR');
  expect(exitCode).toBe(2);
});
