import { github } from 'vaultproof/issuer/presets';
import { githubActions, githubActionsRole } from 'vaultproof/stacks/presets/github-actions';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';

const audience = 'https://vault.acme.example';
const role = githubActionsRole({
  roleName: 'payments-ci',
  repository: 'acme/payments',
  repositoryId: '74',
  ref: 'refs/heads/main',
  audience,
  tokenPolicies: ['payments-read'],
});
const payments = { repository: 'acme/payments', repositoryId: '74', audience };

test('only the main branch of acme/payments reads its secret', async ({ env }) => {
  await env.apply(
    (app) =>
      new VaultJwtStack(app, 'github', {
        ...githubActions(),
        jwksUrl: env.issuer.jwksUrlFor(env.vault), // the test's keys in place of GitHub's
        roles: [role],
        policies: [{ name: 'payments-read', rules: [{ secrets: 'payments/*', access: ['read'] }] }],
        kv: {},
      }),
  );
  await env.vault.seed('kv/payments/db', { password: 'correct horse' });

  const job = await env.issuer.sign(github(payments));
  const session = await env.vault.login({ jwt: job, role: 'payments-ci' });
  expect(await session.read('kv/payments/db')).toEqual({ password: 'correct horse' });

  const fork = await env.issuer.sign(github({ repository: 'mallory/payments', audience }));
  await expect(env.vault).toRefuse(fork, { code: 'claim_mismatch', claim: ['repository', 'repository_id'] });

  const branch = await env.issuer.sign(github({ ...payments, ref: 'refs/heads/feature' }));
  await expect(env.vault).toRefuse(branch, { code: 'claim_mismatch', claim: 'ref' });

  const hourAgo = Math.floor(Date.now() / 1000) - 3600;
  const expired = await env.issuer.sign(github({ ...payments, claims: { iat: hourAgo, exp: hourAgo + 300 } }));
  await expect(env.vault).toRefuse(expired, { code: 'token_expired' });
});
