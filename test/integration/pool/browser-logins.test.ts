import { createPool } from 'vaultproof';
import { expect, test, vi } from 'vitest';

const OKTA = 'https://acme.okta.com';

const declared = {
  resource: {
    vault_policy: { staff: { name: 'staff', policy: 'path "kv/app" { capabilities = ["read"] }' } },
    vault_identity_group: { staff: { name: 'staff', type: 'external', policies: ['staff'] } },
    vault_identity_group_alias: {
      staff: {
        name: 'staff@acme',
        mount_accessor: `\${vault_jwt_auth_backend.okta.accessor}`,
        canonical_id: `\${vault_identity_group.staff.id}`,
      },
    },
    vault_jwt_auth_backend: {
      okta: { path: 'oidc', type: 'oidc', oidc_discovery_url: OKTA, oidc_client_id: 'a', oidc_client_secret: 'b' },
    },
    vault_jwt_auth_backend_role: {
      people: {
        backend: `\${vault_jwt_auth_backend.okta.path}`,
        role_name: 'people',
        user_claim: 'sub',
        groups_claim: 'groups',
        allowed_redirect_uris: ['http://localhost:8250/oidc/callback'],
      },
    },
  },
};

test('people log in by a browser at leased Vaults, and leave nothing there', async () => {
  await using pool = await createPool({ vault: { engine: 'process' }, size: 1, impersonate: [OKTA] });
  const rounds = 5;
  for (let round = 0; round < rounds; round++) {
    await using env = await pool.lease();
    await env.applyJson(declared);
    const loginAs = (groups: readonly string[]) =>
      env.vault.loginWithOidc({ role: 'people', signIn: (url) => env.issuer.signIn(url, { sub: 'ada', groups }) });
    expect((await loginAs(['staff@acme'])).policies).toEqual(['default', 'staff']);
    expect((await loginAs(['guests'])).policies).toEqual(['default']);
  }
  await vi.waitFor(() => expect(pool.counts.vault).toMatchObject({ leased: rounds, recycled: rounds, discarded: [] }));
  expect(pool.counts.vault?.booted).toBe(1);
});
