import { type Environment, startEnvironment } from 'vaultproof';
import type { TokenBuilder } from 'vaultproof/issuer';
import { github, gitlab, serviceAccount, terraformModuleTest, terraformRun } from 'vaultproof/issuer/presets';
import { githubActions, githubActionsRole, type VendorBackend } from 'vaultproof/stacks/presets/github-actions';
import { gitlabCi, gitlabCiRole } from 'vaultproof/stacks/presets/gitlab-ci';
import { hcpTerraform, hcpTerraformRole } from 'vaultproof/stacks/presets/hcp-terraform';
import { kubernetes, kubernetesRole } from 'vaultproof/stacks/presets/kubernetes';
import { type VaultJwtRole, VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { afterAll, beforeAll, expect, test } from 'vitest';

const audience = 'https://vault.acme.example';
const common = { audience, tokenPolicies: ['deploy'] };
const acme = { repository: 'acme/app', repositoryId: '74', ownerId: '65', audience };
const project = { project: 'acme/app', projectId: '20', namespaceId: '72', audience };
const run = { organization: 'acme', organizationId: 'org-acme', workspace: 'app', workspaceId: 'ws-app' };

const refMain = githubActionsRole({
  ...common,
  roleName: 'github-main',
  repositoryId: '74',
  ownerId: '65',
  ref: 'refs/heads/main',
});
const production = githubActionsRole({
  ...common,
  roleName: 'github-production',
  repositoryId: '74',
  environment: 'production',
});
const shared = githubActionsRole({
  ...common,
  roleName: 'github-shared',
  ownerId: '65',
  jobWorkflowRef: 'acme/shared/.github/workflows/deploy.yml@refs/heads/main',
});
const gitlabMain = gitlabCiRole({ ...common, roleName: 'gitlab-main', projectId: '20', ref: 'main' });
const apply = hcpTerraformRole({
  roleName: 'terraform-apply',
  organizationId: 'org-acme',
  workspaceId: 'ws-app',
  runPhase: 'apply',
  tokenPolicies: ['deploy'],
});
const app = kubernetesRole({ ...common, roleName: 'kubernetes-app', namespace: 'prod', serviceAccount: 'app' });

const backends: readonly (readonly [VendorBackend, readonly [VaultJwtRole, ...VaultJwtRole[]]])[] = [
  [githubActions(), [refMain, production, shared]],
  [gitlabCi(), [gitlabMain]],
  [hcpTerraform(), [apply]],
  [kubernetes(), [app]],
];

let env: Environment;

beforeAll(async () => {
  env = await startEnvironment({ issuer: { algorithms: ['RS256'] } });
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  for (const [backend, roles] of backends) {
    const name = roles[0].roleName.split('-')[0] ?? '';
    const place = { path: name, kv: { path: `kv-${name}` } };
    await env.apply((scope) => new VaultJwtStack(scope, name, { ...backend, ...place, jwksUrl, roles }));
  }
});
afterAll(() => env?.stop());

interface Job {
  readonly who: string;
  readonly role: VaultJwtRole;
  readonly token: TokenBuilder;
  /** The claim that keeps it out; undefined for one that gets in. */
  readonly for?: string;
}

const jobs: readonly Job[] = [
  { who: 'a push to main', role: refMain, token: github(acme) },
  {
    who: 'main of a repository from before immutable subjects',
    role: refMain,
    token: github({ ...acme, repositoryChanged: '2020-01-01' }),
  },
  { who: 'main of a repository with another name', role: refMain, token: github({ ...acme, repository: 'acme/new' }) },
  {
    who: 'main of a repository that was transferred',
    role: refMain,
    token: github({ ...acme, repository: 'mallory/app', ownerId: '66' }),
    for: 'repository_owner_id',
  },
  {
    who: 'main of one that took the repository’s old name',
    role: refMain,
    token: github({ ...acme, repositoryId: '75' }),
    for: 'repository_id',
  },
  { who: 'a branch', role: refMain, token: github({ ...acme, ref: 'refs/heads/feature' }), for: 'ref' },
  { who: 'a tag called main', role: refMain, token: github({ ...acme, ref: 'refs/tags/main' }), for: 'ref' },
  {
    who: 'a fork’s pull request, on the base branch',
    role: refMain,
    token: github({ ...acme, event: 'pull_request_target' }),
    for: 'event_name',
  },
  {
    who: 'a comment on an issue',
    role: refMain,
    token: github({ ...acme, event: 'issue_comment' }),
    for: 'event_name',
  },
  { who: 'a job for the environment', role: production, token: github({ ...acme, environment: 'production' }) },
  {
    who: 'a pull request that names the environment',
    role: production,
    token: github({ ...acme, environment: 'production', event: 'pull_request' }),
    for: 'event_name',
  },
  { who: 'a job for no environment', role: production, token: github(acme), for: 'environment' },
  {
    who: 'any repository of the owner in the reusable workflow',
    role: shared,
    token: github({
      ...acme,
      repository: 'acme/other',
      repositoryId: '76',
      jobWorkflowRef: 'acme/shared/.github/workflows/deploy.yml@refs/heads/main',
    }),
  },
  { who: 'a copy of that workflow', role: shared, token: github(acme), for: 'job_workflow_ref' },
  { who: 'a push to the protected main', role: gitlabMain, token: gitlab(project) },
  {
    who: 'main that is not protected',
    role: gitlabMain,
    token: gitlab({ ...project, refProtected: false }),
    for: 'ref_protected',
  },
  {
    who: 'a fork’s merge request from a branch called main',
    role: gitlabMain,
    token: gitlab({ ...project, mergeRequestFrom: 'mallory/app', refProtected: true }),
    for: 'project_id',
  },
  {
    who: 'a tag called main',
    role: gitlabMain,
    token: gitlab({ ...project, refType: 'tag', refProtected: true }),
    for: 'ref_type',
  },
  { who: 'an apply', role: apply, token: terraformRun(run) },
  { who: 'a plan', role: apply, token: terraformRun({ ...run, runPhase: 'plan' }), for: 'terraform_run_phase' },
  {
    who: 'a workspace of the same name in another organization',
    role: apply,
    token: terraformRun({ organization: 'mallory', workspace: 'app', workspaceId: 'ws-app' }),
    for: 'terraform_organization_id',
  },
  {
    who: 'a module’s test',
    role: apply,
    token: terraformModuleTest({ organization: 'acme', organizationId: 'org-acme', module: 'vpc' }),
    for: 'terraform_workspace_id',
  },
  { who: 'a pod', role: app, token: serviceAccount({ namespace: 'prod', serviceAccount: 'app', audience }) },
  {
    who: 'the same account of another namespace',
    role: app,
    token: serviceAccount({ namespace: 'staging', serviceAccount: 'app', audience }),
    for: 'sub',
  },
];

async function login({ role, token }: Job): Promise<unknown> {
  const [mount = ''] = role.roleName.split('-');
  return env.vault.login({ jwt: await env.issuer.sign(token), mount, role: role.roleName });
}

test.each(jobs.filter((job) => job.for === undefined))('$role.roleName lets in $who', async (job) => {
  expect(await login(job)).toMatchObject({ policies: ['default', 'deploy'] });
});

test.each(jobs.filter((job) => job.for !== undefined))('$role.roleName keeps out $who, by its $for', async (job) => {
  await expect(login(job)).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:claim_mismatch|claim_missing|subject_mismatch)$/),
    serverMessage: expect.stringMatching(new RegExp(`claim "${job.for}"|subject \\(${job.for}\\)`)),
  });
});
