import { readFile } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { execa } from 'execa';
import { startEnvironment } from 'vaultproof';
import { VaultConsulStack } from 'vaultproof/stacks/vault-consul';
import { beforeEach, expect, test } from 'vitest';
import { requiresOfVault } from '../../support/vault-of-tests.js';

beforeEach(requiresOfVault('secret/consul', 'command/vault'));

test('the commands of the guide give the engine its token, and it makes tokens', async () => {
  // The commands are the servers' own executables, which a container keeps to itself.
  const engine = 'process';
  await using env = await startEnvironment({ vault: { engine }, consul: { engine } });
  await env.apply(
    (app) =>
      new VaultConsulStack(app, 'tokens', {
        policies: [{ name: 'app-reader', rules: 'key_prefix "app/" { policy = "read" }' }],
        roles: [{ name: 'app', consulPolicies: ['app-reader'] }],
      }),
  );
  const guide = await readFile('docs/deploy.md', 'utf8');
  const [, commands = ''] = /^## Consul tokens from Vault\n.*?```console\n(.*?)```/ms.exec(guide) ?? [];
  const { stdout } = await execa('sh', ['-e', '-c', commands], {
    env: {
      PATH: [env.vault.binFolder, env.consul.binFolder, process.env['PATH']].join(delimiter),
      VAULT_ADDR: env.vault.address,
      VAULT_TOKEN: env.vault.token,
      CONSUL_HTTP_ADDR: env.consul.address,
      CONSUL_HTTP_TOKEN: env.consul.token,
      CONSUL_ADDRESS: new URL(env.consul.address).host,
      CONSUL_SCHEME: 'http',
    },
  });
  const [, token = ''] = /^token +(\S+)$/m.exec(stdout) ?? [];
  expect(await env.consul.session(token)).toMatchObject({ policies: ['app-reader'] });
});
