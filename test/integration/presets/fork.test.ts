import { github } from 'vaultproof/issuer/presets';
import { githubActions, githubActionsRole } from 'vaultproof/stacks/presets/github-actions';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';

const audience = 'https://vault.acme.example';
const deploy = githubActionsRole({
  roleName: 'deploy',
  repository: 'acme/app',
  repositoryId: '74',
  ref: 'refs/heads/main',
  audience,
  tokenPolicies: ['deploy'],
});

test('main may, a fork may not', async ({ env }) => {
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  await env.apply((app) => new VaultJwtStack(app, 'ci', { kv: {}, ...githubActions(), jwksUrl, roles: [deploy] }));

  const main = await env.issuer.sign(github({ repository: 'acme/app', repositoryId: '74', audience }));
  const fork = await env.issuer.sign(github({ repository: 'mallory/app', audience }));
  expect(await env.vault.login({ jwt: main })).toMatchObject({ policies: ['default', 'deploy'] });
  await expect(env.vault).toRefuse(fork, { code: 'claim_mismatch', claim: ['repository', 'repository_id'] });
});
