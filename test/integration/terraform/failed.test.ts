import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEnvironment, terraformProvisioner } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach, describe, onTestFinished, vi } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { jwtConfiguration, requiresProviders } from '../../support/terraform-provider.js';

beforeEach(requiresProviders('vault'));

const UNREACHABLE = 'http://127.0.0.1:9/jwks.json';

describe('an apply whose key set cannot be fetched', () => {
  test('fails by the name of the construct, leaves no mount, and the next apply works', async ({ env }) => {
    const broken = jwtConfiguration(env, { backend: { jwks_url: UNREACHABLE } });
    await expect(env.terraform.apply('demo', broken)).rejects.toMatchObject({
      code: 'apply_failed',
      details: { address: 'vault_jwt_auth_backend.jwt', constructPath: 'demo/jwt', unmounted: ['jwt'] },
    });
    expect(Object.keys((await env.vault.request('GET', 'sys/auth'))['data'] as object)).toEqual(['token/']);

    const result = await env.terraform.apply('demo', jwtConfiguration(env));
    expect(result.created).toContain('vault_jwt_auth_backend.jwt');
    const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
    expect(await env.vault.login({ jwt, role: 'reader' })).toMatchObject({ role: 'reader' });
  });

  test('does not make a mount ours that somebody else put there since', async ({ env }) => {
    const broken = jwtConfiguration(env, { backend: { jwks_url: UNREACHABLE } });
    await expect(env.terraform.apply('demo', broken)).rejects.toMatchObject({ code: 'apply_failed' });
    await env.vault.request('POST', 'sys/auth/jwt', { type: 'jwt', description: 'of somebody else' });
    await expect(env.terraform.apply('demo', broken)).rejects.toMatchObject({ code: 'path_in_use' });
    expect((await env.vault.request('GET', 'sys/auth/jwt'))['data']).toMatchObject({ description: 'of somebody else' });
  });

  test('leaves an auth method alone that was configured before', async ({ env }) => {
    await env.terraform.apply('demo', jwtConfiguration(env));
    const broken = jwtConfiguration(env, { backend: { jwks_url: UNREACHABLE } });
    const failure = await env.terraform.apply('demo', broken).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'apply_failed', details: { constructPath: 'demo/jwt' } });
    expect(failure).not.toMatchObject({ details: { unmounted: expect.anything() } });
    const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
    expect(await env.vault.login({ jwt, role: 'reader' })).toMatchObject({ role: 'reader' });
    expect(await env.terraform.apply('demo', jwtConfiguration(env))).toMatchObject({ pending: [], differences: [] });
  });
});

test("somebody else's mount at the path is left alone, and named", async ({ env }) => {
  await env.vault.request('POST', 'sys/auth/jwt', { type: 'jwt', description: 'of somebody else' });
  await expect(env.terraform.apply('demo', jwtConfiguration(env))).rejects.toMatchObject({
    code: 'path_in_use',
    details: { constructPath: 'demo/jwt', path: 'jwt/' },
  });
  expect((await env.vault.request('GET', 'sys/auth/jwt'))['data']).toMatchObject({ description: 'of somebody else' });
});

test('a secrets engine that somebody else has mounted is left alone, and named', async ({ env }) => {
  await env.vault.request('POST', 'sys/mounts/kv', { type: 'transit' });
  await expect(env.terraform.apply('demo', jwtConfiguration(env))).rejects.toMatchObject({
    code: 'path_in_use',
    details: { constructPath: 'demo/kv', path: 'kv/' },
  });
  expect((await env.vault.request('GET', 'sys/mounts/kv'))['data']).toMatchObject({ type: 'transit' });
});

test('a plan that is never empty is an error that names the construct and the argument', async ({ env }) => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // Vault gives it back without the new line at its end.
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  const backend = { jwks_url: undefined, jwt_validation_pubkeys: [pem] };
  await expect(env.terraform.apply('demo', jwtConfiguration(env, { backend }))).rejects.toMatchObject({
    code: 'plan_not_empty',
    message: expect.stringContaining('so declare that value'),
    details: {
      replace: [],
      changes: [{ constructPath: 'demo/jwt', action: 'update', attributes: ['jwt_validation_pubkeys'] }],
      differences: [],
    },
  });
});

test('a token that may not do it is told the path and the capability', async ({ env }) => {
  const policy = `
    path "auth/token/create" { capabilities = ["update"] }
    path "sys/policies/acl/*" { capabilities = ["read"] }
    path "sys/auth" { capabilities = ["read"] }`;
  await expect(withToken(env.vault, policy, policyOnly())).rejects.toMatchObject({
    code: 'permission_denied',
    details: {
      constructPath: 'demo/policy',
      path: 'sys/policies/acl/reader',
      method: 'PUT',
      capability: 'create or update',
    },
  });
});

test('a token that may not make the child token that the provider wants is told so', async ({ env }) => {
  await expect(withToken(env.vault, 'path "sys/*" { capabilities = ["read"] }', policyOnly())).rejects.toMatchObject({
    code: 'permission_denied',
    message: expect.stringContaining('skip_child_token'),
    details: { path: 'auth/token/create' },
  });
});

test('a token whose time is over is told apart from one that is too weak', async ({ env }) => {
  const { auth } = await env.vault.request('POST', 'auth/token/create', { policies: ['default'], ttl: '1s' });
  const { client_token: token } = auth as { client_token: string };
  await vi.waitFor(() => expect(env.vault.request('POST', 'auth/token/lookup', { token })).rejects.toThrow(), {
    timeout: 10_000,
  });
  await using terraform = terraformProvisioner({ vault: { address: env.vault.address, token } });
  const failure = await terraform.apply('demo', policyOnly()).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'server_token_invalid' });
  expect(String(failure) + JSON.stringify(failure)).not.toContain(token);
});

test('a token that was revoked is told apart from one that is too weak', async ({ env }) => {
  const terraform = terraformProvisioner({ vault: { address: env.vault.address, token: 'revoked-canary-token' } });
  onTestFinished(() => terraform.stop());
  const failure = await terraform.apply('demo', policyOnly()).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'server_token_invalid' });
  expect(String(failure) + JSON.stringify(failure)).not.toContain('revoked-canary-token');
});

test('a sealed vault is named as that', async ({ env }) => {
  await env.vault.request('PUT', 'sys/seal');
  await expect(env.terraform.apply('demo', policyOnly())).rejects.toMatchObject({ code: 'vault_sealed' });
});

test('a vault that goes away in the middle of an apply is named as that', async () => {
  await using env = await startEnvironment();
  const flag = join(await temporaryFolder(), 'go-on');
  const { resource, ...rest } = policyOnly();
  const command = `until [ -e '${flag}' ]; do sleep 0.05; done`;
  const pause = { gate: { provisioner: [{ 'local-exec': { command } }] } };
  const policy = { ...resource.vault_policy.reader, depends_on: ['terraform_data.gate'] };
  let stopped: Promise<void> | undefined;
  const terraform = terraformProvisioner({
    vault: env.vault,
    allowProvisioners: ['local-exec'],
    report: (line) => {
      if (line.includes('terraform_data.gate: Creating')) stopped ??= env.vault.stop().then(() => writeFile(flag, ''));
    },
  });
  onTestFinished(() => terraform.stop());
  const configuration = { ...rest, resource: { vault_policy: { reader: policy }, terraform_data: pause } };
  await expect(terraform.apply('demo', configuration)).rejects.toMatchObject({
    code: 'request_failed',
    details: { constructPath: 'demo/policy' },
  });
  await stopped;
});

function policyOnly() {
  const policy = {
    '//': { metadata: { path: 'demo/policy' } },
    name: 'reader',
    policy: 'path "x" { capabilities = ["read"] }',
  };
  return {
    terraform: { required_providers: { vault: { source: 'hashicorp/vault' } } },
    provider: { vault: [{}] },
    resource: { vault_policy: { reader: policy } },
  };
}

async function withToken(
  vault: Awaited<ReturnType<typeof startEnvironment>>['vault'],
  policy: string,
  configuration: unknown,
): Promise<unknown> {
  await vault.request('PUT', 'sys/policies/acl/weak', { policy });
  const { auth } = await vault.request('POST', 'auth/token/create', { policies: ['weak'] });
  const token = String((auth as { client_token: string }).client_token);
  await using terraform = terraformProvisioner({ vault: { address: vault.address, token } });
  return await terraform.apply('demo', configuration);
}
