import { github } from 'vaultproof/issuer/presets';
import { expect, test } from 'vaultproof/vitest';

const vendor = 'https://token.actions.githubusercontent.com';
test.override({ services: { vault: true, impersonate: [vendor] } });

// What is deployed, unchanged: it names GitHub's own URL.
const deployed = {
  resource: {
    vault_jwt_auth_backend: {
      github: { path: 'github', oidc_discovery_url: vendor, bound_issuer: vendor },
    },
    vault_jwt_auth_backend_role: {
      ci: {
        backend: `\${vault_jwt_auth_backend.github.path}`,
        role_name: 'payments-ci',
        role_type: 'jwt',
        user_claim: 'repository_id',
        bound_audiences: ['https://vault.acme.example'],
        bound_claims: { repository_id: '74', ref: 'refs/heads/main' },
      },
    },
  },
};

test('the deployed login lets its repository in, and no fork', async ({ env }) => {
  await env.applyJson(deployed);
  const login = { mount: 'github', role: 'payments-ci' };
  const job = { repository: 'acme/payments', repositoryId: '74', audience: 'https://vault.acme.example' };

  await expect(env.vault).toLetIn(await env.issuer.sign(github(job)), login);

  const fork = await env.issuer.sign(github({ ...job, repository: 'mallory/payments', repositoryId: '99' }));
  await expect(env.vault).toRefuse(fork, { ...login, code: 'claim_mismatch', claim: 'repository_id' });
});
