import type { App } from 'cdktf';
import { ConsulJwtStack, type ConsulJwtStackProps } from 'vaultproof/stacks/consul-jwt';

const audience = 'https://consul.acme.example';

/** What a job that deploys the app may do. */
const appDeploy = {
  name: 'app-deploy',
  rules: ['key_prefix "app/" { policy = "write" }', 'service "app" { policy = "write" }'].join('\n'),
};

/** Jobs of GitHub Actions. */
export const github = {
  name: 'github',
  description: 'jobs of GitHub Actions',
  jwksUrl: 'https://token.actions.githubusercontent.com/.well-known/jwks',
  boundIssuer: 'https://token.actions.githubusercontent.com',
  boundAudiences: [audience],
  maxTokenTtl: '15m',
  claimMappings: { repository_id: 'repository_id', environment: 'environment', event_name: 'event' },
  bindingRules: [
    {
      bindType: 'policy',
      bindName: appDeploy.name,
      selector: 'value.repository_id == "74" and value.environment == "production" and value.event == "push"',
    },
  ],
  policies: [appDeploy],
} satisfies ConsulJwtStackProps;

/** Jobs of GitLab CI/CD. */
export const gitlab = {
  name: 'gitlab',
  description: 'jobs of GitLab CI/CD',
  jwksUrl: 'https://gitlab.com/oauth/discovery/keys',
  boundIssuer: 'https://gitlab.com',
  boundAudiences: [audience],
  maxTokenTtl: '15m',
  claimMappings: { project_id: 'project_id', ref: 'ref', ref_type: 'ref_type', ref_protected: 'ref_protected' },
  bindingRules: [
    {
      bindType: 'service',
      bindName: 'app',
      selector:
        'value.project_id == "20" and value.ref == "main" and value.ref_type == "branch" and value.ref_protected == "true"',
    },
  ],
} satisfies ConsulJwtStackProps;

export function declare(app: App): void {
  new ConsulJwtStack(app, 'github', github);
  new ConsulJwtStack(app, 'gitlab', gitlab);
}
