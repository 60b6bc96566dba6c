import {
  directProvisioner,
  type Environment,
  httpClient,
  type ServerRequest,
  startEnvironment,
  startVault,
} from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { describe, onTestFinished, vi } from 'vitest';
import { vaultRequest } from '../../../harness/api/vault-api.js';
import { consulRequest } from '../../../harness/provision/request-wrappers.js';
import { consulCall } from '../../../internal/consul-api.js';

test.override({ fileServices: { vault: true, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

const at = (name: string) => ({ '//': { metadata: { path: `demo/${name}` } } });
const policy = { ...at('policy'), name: 'reader', policy: 'path "x" { capabilities = ["read"] }' };
const reader = { resource: { vault_policy: { reader: policy } } };

/** Requests to a Vault with a token of one's own. */
function asToken(token: string, vault: { readonly address: string } = env.vault): ServerRequest {
  const client = httpClient(vault.address);
  onTestFinished(() => client.close());
  return (method, path, json) => vaultRequest(client, token, method, path, json);
}

/** The same to the Consul. */
function asConsulToken(token: string): ServerRequest {
  const client = httpClient(env.consul.address);
  onTestFinished(() => client.close());
  return consulRequest((method, path, json) =>
    consulCall(client, token, method, path, json === undefined ? {} : { json }),
  );
}

async function tokenThatMay(rules: string): Promise<string> {
  await env.vault.request('PUT', 'sys/policies/acl/weak', { policy: rules });
  const { auth } = await env.vault.request('POST', 'auth/token/create', { policies: ['weak'] });
  return String((auth as { client_token: string }).client_token);
}

describe('a token that is too weak', () => {
  test('is told the path and the capability', async () => {
    const vault = asToken(await tokenThatMay('path "sys/policies/acl/*" { capabilities = ["read"] }'));
    await expect(directProvisioner({ vault }).apply('demo', reader)).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining('the token needs "create or update" on "sys/policies/acl/reader"'),
      details: {
        constructPath: 'demo/policy',
        method: 'PUT',
        path: 'sys/policies/acl/reader',
        capability: 'create or update',
      },
    });
  });

  test('is told what it lacked first, where it may not clear up either', async () => {
    const vault = asToken(
      await tokenThatMay('path "sys/auth/half" { capabilities = ["create", "update", "sudo", "read"] }'),
    );
    const jwt = { ...at('jwt'), path: 'half', jwks_url: env.issuer.jwksUrlFor(env.vault) };
    const json = { resource: { vault_jwt_auth_backend: { jwt } } };
    await expect(directProvisioner({ vault }).apply('demo', json)).rejects.toMatchObject({
      code: 'permission_denied',
      details: { constructPath: 'demo/jwt', path: 'auth/half/config', capability: 'create or update' },
    });
  });

  test('is told what it could not remove', async () => {
    const vault = asToken(await tokenThatMay('path "sys/policies/acl/*" { capabilities = ["create", "update"] }'));
    const provisioner = directProvisioner({ vault });
    await provisioner.apply('demo', reader);
    await expect(provisioner.apply('demo', { resource: {} })).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringMatching(/^"demo\/policy" could not be removed: .* the token needs "delete" on/s),
      details: {
        constructPath: 'demo/policy',
        method: 'DELETE',
        path: 'sys/policies/acl/reader',
        capability: 'delete',
      },
    });
  });

  test("is told Consul's permission", async () => {
    const { SecretID: token } = (await env.consul.request('PUT', 'acl/token', {})) as { SecretID: string };
    const consul = asConsulToken(token);
    const json = { resource: { consul_acl_policy: { reader: { ...at('policy'), name: 'reader', rules: '' } } } };
    await expect(directProvisioner({ consul }).apply('demo', json)).rejects.toMatchObject({
      code: 'permission_denied',
      details: { constructPath: 'demo/policy', method: 'PUT', path: 'acl/policy', capability: 'acl:write' },
    });
  });
});

describe('a token that is no more', () => {
  test('is told apart from one that is too weak', async () => {
    const token = await tokenThatMay('path "sys/policies/acl/*" { capabilities = ["sudo"] }');
    await env.vault.request('POST', 'auth/token/revoke', { token });
    const error = await directProvisioner({ vault: asToken(token) })
      .apply('demo', reader)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'server_token_invalid', details: { path: 'sys/policies/acl/reader' } });
    expect(String(error) + JSON.stringify(error)).not.toContain(token);
  });

  test('is told apart when its time is over, too', async () => {
    await env.vault.request('PUT', 'sys/policies/acl/weak', {
      policy: 'path "sys/policies/acl/*" { capabilities = ["sudo"] }',
    });
    const { auth } = await env.vault.request('POST', 'auth/token/create', { policies: ['weak'], ttl: '1s' });
    const vault = asToken(String((auth as { client_token: string }).client_token));
    await vi.waitFor(() => expect(vault('GET', 'auth/token/lookup-self')).rejects.toThrow(), { timeout: 10_000 });
    await expect(directProvisioner({ vault }).apply('demo', reader)).rejects.toMatchObject({
      code: 'server_token_invalid',
    });
  });

  test('is told so by Consul', async () => {
    const consul = asConsulToken('00000000-0000-0000-0000-00000000cafe');
    const json = { resource: { consul_acl_policy: { reader: { name: 'reader', rules: '' } } } };
    await expect(directProvisioner({ consul }).apply('demo', json)).rejects.toMatchObject({
      code: 'server_token_invalid',
    });
  });
});

test('a sealed vault is named as that', async () => {
  await using own = await startEnvironment();
  await own.vault.request('PUT', 'sys/seal');
  await expect(own.applyJson(reader)).rejects.toMatchObject({
    code: 'vault_sealed',
    details: { constructPath: 'demo/policy' },
  });
});

test('a vault that goes away in the middle of an apply is named as that, and what was made before it is known', async () => {
  await using vault = await startVault();
  const requests: string[] = [];
  const direct = directProvisioner({
    vault: async (method, path, json) => {
      requests.push(path);
      if (path === 'sys/policies/acl/second') await vault.stop();
      return vault.request(method, path, json);
    },
  });
  const second = { ...at('second'), name: 'second', policy: '', depends_on: ['vault_policy.reader'] };
  await expect(direct.apply('demo', { resource: { vault_policy: { reader: policy, second } } })).rejects.toMatchObject({
    code: 'server_stopped',
    details: { constructPath: 'demo/second' },
  });
  expect(requests).toEqual(['sys/policies/acl/reader', 'sys/policies/acl/second']);
});

test('a server that nobody started here and that does not answer is named as that', async () => {
  const vault = asToken('none', { address: 'http://127.0.0.1:9' });
  await expect(directProvisioner({ vault }).apply('demo', reader)).rejects.toMatchObject({
    code: 'request_failed',
    details: { constructPath: 'demo/policy', method: 'PUT' },
  });
});

test('a secrets engine that somebody else has mounted is not taken over', async () => {
  await env.vault.request('POST', 'sys/mounts/taken', { type: 'transit' });
  const kv = { ...at('kv'), path: 'taken', type: 'kv', options: { version: '2' } };
  const direct = directProvisioner({ vault: env.vault.request });
  await expect(direct.apply('demo', { resource: { vault_mount: { kv } } })).rejects.toMatchObject({
    code: 'path_in_use',
    details: { constructPath: 'demo/kv', path: 'taken/' },
  });
  expect((await env.vault.request('GET', 'sys/mounts/taken'))['data']).toMatchObject({ type: 'transit' });
});
