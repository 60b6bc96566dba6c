import type { Environment } from 'vaultproof';
import { test as base, expect } from 'vaultproof/vitest';

const test = base.extend({ services: { vault: { auditLog: true } } });

const backend = { path: 'jwt', jwt_validation_pubkeys: ['{{key}}'] };
const role = {
  backend: `\${vault_jwt_auth_backend.it.path}`,
  role_name: 'reader',
  user_claim: 'sub',
  role_type: 'jwt',
};
const policy = `\${data.vault_policy_document.it.hcl}`;

function declared(bound_audiences: readonly string[], capability = 'read'): Readonly<Record<string, unknown>> {
  return {
    data: { vault_policy_document: { it: { rule: [{ path: 'kv/data/*', capabilities: [capability] }] } } },
    resource: {
      vault_jwt_auth_backend: { it: { ...backend, jwt_validation_pubkeys: undefined, jwks_url: '{{jwks}}' } },
      vault_jwt_auth_backend_role: { reader: { ...role, bound_audiences } },
      vault_policy: { reader: { name: 'reader', policy } },
      vault_mount: { kv: { path: 'kv', type: 'kv', options: { version: '2' } } },
      vault_kv_secret_v2: { one: { mount: `\${vault_mount.kv.path}`, name: 'one', data_json: '{"a":"b"}' } },
    },
  };
}

/** Applies, and says what Vault was asked for meanwhile. */
async function asked(env: Environment, json: unknown): Promise<string[]> {
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  const before = (await env.vault.auditLog()).length;
  await env.applyJson(JSON.parse(JSON.stringify(json).replaceAll('{{jwks}}', jwksUrl)));
  return (await env.vault.auditLog()).slice(before).flatMap((entry) => {
    const { operation, path } = entry['request'] as { operation: string; path: string };
    return entry['type'] === 'request' ? [`${operation} ${path}`] : [];
  });
}

test('a second apply of the same asks vault for nothing', async ({ env }) => {
  expect(await asked(env, declared(['one']))).toContain('update auth/jwt/config');
  expect(await asked(env, declared(['one']))).toEqual([]);
});

test('a change asks vault for what changed alone', async ({ env }) => {
  await asked(env, declared(['one']));
  expect(await asked(env, declared(['one', 'two']))).toEqual(['update auth/jwt/role/reader']);
  expect(await asked(env, declared(['two', 'one'], 'list'))).toEqual(['update sys/policies/acl/reader']);
});

test('what is no longer declared is removed, each before what it needed', async ({ env }) => {
  await asked(env, declared(['one']));
  const gone = await asked(env, { terraform: {} });
  expect(gone.toSorted()).toEqual([
    'delete auth/jwt/role/reader',
    'delete kv/data/one',
    'delete sys/auth/jwt',
    'delete sys/mounts/kv',
    'delete sys/policies/acl/reader',
  ]);
  expect(gone.indexOf('delete auth/jwt/role/reader')).toBeLessThan(gone.indexOf('delete sys/auth/jwt'));
  expect(gone.indexOf('delete kv/data/one')).toBeLessThan(gone.indexOf('delete sys/mounts/kv'));
});
