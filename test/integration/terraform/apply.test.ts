import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Sensitive } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { afterEach, beforeEach, vi } from 'vitest';
import { exampleProps } from '../../../stacks/examples/vault-login.js';
import { jwtConfiguration, requiresProviders } from '../../support/terraform-provider.js';
import { startTrapServer } from '../../support/trap-server.js';

beforeEach(requiresProviders('vault'));
afterEach(() => {
  vi.unstubAllEnvs();
});

test('a stack is applied by terraform, nothing is left to change, and the login works', async ({ env }) => {
  const props = exampleProps({ jwksUrl: env.issuer.jwksUrlFor(env.vault), boundIssuer: env.issuer.url });
  const results = await env.apply((app) => new VaultJwtStack(app, 'demo', props), { provisioner: 'terraform' });
  expect(results['demo']).toMatchObject({
    updated: [],
    removed: [],
    pending: [],
    differences: [],
    outputs: { kv_path: 'kv', login_path: 'auth/jwt/login' },
  });
  expect(results['demo']?.created).toHaveLength(4);
  await env.vault.seed('kv/vishpat/test', { username: 'X' });
  const session = await env.vault.login({ jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }) });
  expect(await session.read('kv/vishpat/test')).toEqual({ username: 'X' });
});

test('a configuration is applied, changed, planned and destroyed', async ({ env }) => {
  const { terraform } = env;
  expect(await terraform.plan('demo', jwtConfiguration(env))).toContainEqual({
    address: 'vault_jwt_auth_backend_role.reader',
    constructPath: 'demo/reader',
    action: 'create',
    attributes: [],
  });
  await terraform.apply('demo', jwtConfiguration(env));
  const changed = jwtConfiguration(env, { role: { token_ttl: 60 } });
  expect(await terraform.plan('demo', changed)).toEqual([
    {
      address: 'vault_jwt_auth_backend_role.reader',
      constructPath: 'demo/reader',
      action: 'update',
      attributes: ['token_ttl'],
    },
  ]);
  expect(await terraform.apply('demo', changed)).toMatchObject({
    created: [],
    updated: ['vault_jwt_auth_backend_role.reader'],
    removed: [],
  });
  expect((await terraform.destroy('demo')).removed).toHaveLength(4);
  await expect(env.vault.request('GET', 'sys/policies/acl/reader')).rejects.toMatchObject({ code: 'request_refused' });
});

test('a sensitive output is there for who asks, and shows nowhere', async ({ env }) => {
  const { outputs } = await env.terraform.apply('demo', jwtConfiguration(env));
  expect(outputs['kv_path']).toBe('kv');
  expect(outputs['hidden']).toBeInstanceOf(Sensitive);
  expect((outputs['hidden'] as Sensitive).reveal()).toBe('canary-output');
  expect(inspect(outputs) + JSON.stringify(outputs) + String(outputs['hidden'])).not.toContain('canary');
});

test("the server's token is in no file of the folder, which nobody else can read", async ({ env }) => {
  await env.terraform.apply('demo', jwtConfiguration(env));
  const folder = await env.terraform.folder('demo');
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  expect(files).toEqual(expect.arrayContaining(['main.tf.json', 'terraform.tfstate', 'vaultproof.tfplan']));
  for (const name of files) expect(await readFile(join(folder, name), 'latin1')).not.toContain(env.vault.token);
});

test('what the configuration says of a backend, an address and a login does not count', async ({ env }) => {
  const configuration = jwtConfiguration(env);
  const elsewhere = {
    ...configuration,
    terraform: { ...configuration.terraform, backend: { local: { path: '/nonexistent/state' } } },
    provider: {
      vault: [
        {
          address: 'https://vault.invalid',
          token: 'not-ours',
          auth_login: { path: 'auth/x/login' },
          ca_cert_file: '/no',
        },
      ],
    },
  };
  expect((await env.terraform.apply('demo', elsewhere)).created).toHaveLength(4);
  expect(await readdir(await env.terraform.folder('demo'))).toContain('terraform.tfstate');
});

test("the provider reaches the environment's vault and nothing else, whatever the variables say", async ({ env }) => {
  // The providers are there already: only what goes to a server is left.
  await env.terraform.plan('demo', jwtConfiguration(env));
  const trap = await startTrapServer();
  for (const name of [
    'VAULT_ADDR',
    'VAULT_AGENT_ADDR',
    'HTTP_PROXY',
    'http_proxy',
    'VAULT_PROXY_ADDR',
    'VAULT_HTTP_PROXY',
  ]) {
    vi.stubEnv(name, trap.url);
  }
  vi.stubEnv('VAULT_TOKEN', 'canary-of-a-token');
  vi.stubEnv('VAULT_NAMESPACE', 'canary-of-a-namespace');
  expect((await env.terraform.apply('demo', jwtConfiguration(env))).created).toHaveLength(4);
  expect(trap.caught).toEqual([]);
});
