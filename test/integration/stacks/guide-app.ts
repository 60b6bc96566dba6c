import type { App } from 'cdktf';
import { githubActions, githubActionsRole } from 'vaultproof/stacks/presets/github-actions';
import { VaultDeployerStack } from 'vaultproof/stacks/vault-deployer';
import { VaultJwtStack, type VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';

const audience = 'https://vault.acme.example';

/** Who may log in, and what they may then do. */
const login: VaultJwtStackProps = {
  ...githubActions(),
  path: 'github',
  description: 'jobs of GitHub Actions',
  roles: [
    githubActionsRole({
      roleName: 'app-deploy',
      repository: 'acme/app',
      repositoryId: '74',
      environment: 'production',
      audience,
      tokenPolicies: ['app-deploy'],
    }),
  ],
  policies: [{ name: 'app-deploy', rules: [{ secrets: 'app/*', access: ['read'] }] }],
  // An engine of the login's own; { path: 'kv', existing: true } is one that is there already.
  kv: { path: 'kv' },
};

export function declare(app: App): void {
  // Deployed once, by an administrator.
  new VaultDeployerStack(app, 'deployer', {
    ...githubActions(),
    description: 'the pipeline that deploys the login',
    deploys: login,
    role: githubActionsRole({
      roleName: 'deployer',
      repository: 'acme/infra',
      repositoryId: '75',
      environment: 'vault',
      audience,
      tokenPolicies: [],
    }),
  });
  // Deployed by the pipeline from then on.
  new VaultJwtStack(app, 'login', login);
}
