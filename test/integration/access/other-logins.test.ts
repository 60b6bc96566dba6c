import { httpClient } from 'vaultproof';
import { readAccess, whoCan } from 'vaultproof/access';
import { expect, test } from 'vaultproof/vitest';

test('a login of AppRole reads what no login by JWT may, and is named as undecided', async ({ env }) => {
  const policy = 'path "sys/mounts" { capabilities = ["read"] }';
  const role = { role_name: 'ci', token_policies: ['app'] };
  const { vault } = env;
  await vault.request('PUT', 'sys/policies/acl/app', { policy });
  await vault.request('POST', 'sys/auth/approle', { type: 'approle' });
  await vault.request('POST', 'auth/approle/role/ci', { token_policies: role.token_policies });
  const { data: id } = await vault.request('GET', 'auth/approle/role/ci/role-id');
  const { data: secret } = await vault.request('POST', 'auth/approle/role/ci/secret-id');
  const http = httpClient(vault.address);
  const { body } = await http.request('POST', '/v1/auth/approle/login', { json: { ...Object(id), ...Object(secret) } });
  const token = String(Object(body).auth.client_token);
  const { status } = await http.request('GET', '/v1/sys/mounts', { headers: { 'x-vault-token': token } });
  expect(status).toBe(200);

  const resource = { vault_policy: { app: { name: 'app', policy } }, vault_approle_auth_backend_role: { ci: role } };
  const access = await readAccess([{ resource }]);
  expect(whoCan(access, { path: 'sys/mounts', capability: 'read' })).toEqual({
    who: [],
    undecided: ['vault_approle_auth_backend_role.ci: "app" may do it, and who gets its tokens is not known here'],
  });
});
