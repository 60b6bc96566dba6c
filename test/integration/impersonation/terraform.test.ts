import { github } from 'vaultproof/issuer/presets';
import { githubActions, githubActionsRole } from 'vaultproof/stacks/presets/github-actions';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach } from 'vitest';
import { requiresProviders } from '../../support/terraform-provider.js';

const url = 'https://token.actions.githubusercontent.com';
const audience = 'https://vault.acme.example';
const role = githubActionsRole({
  roleName: 'ci',
  repositoryId: '74',
  ref: 'refs/heads/main',
  audience,
  tokenPolicies: ['default'],
});

beforeEach(requiresProviders('vault'));
test.override({ services: { vault: true, impersonate: [] } });

test("Terraform applies a login with the vendor's URL as it is deployed, once the vendor is answered for", async ({
  env,
}) => {
  const apply = () =>
    env.apply((app) => new VaultJwtStack(app, 'ci', { ...githubActions(), roles: [role] }), {
      provisioner: 'terraform',
    });
  await expect(apply()).rejects.toMatchObject({
    code: 'host_not_impersonated',
    details: { host: 'token.actions.githubusercontent.com' },
  });
  await env.impersonate(url);
  await apply();
  await env.vault.login({
    jwt: await env.issuer.sign(github({ repository: 'acme/app', repositoryId: '74', audience })),
  });
});
