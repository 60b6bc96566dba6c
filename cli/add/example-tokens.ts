import type { Literal } from './render.js';

/** Values by name, as they are written into a test. */
export type Literals = Readonly<Record<string, Literal>>;

/** The claims that an issuer signs, for an audience. */
type Signed = (aud: string) => Literals;

export const plainToken: Signed = (aud) => ({ iss: 'https://issuer.example.com', aud, sub: 'vishpat' });

export const githubToken: Signed = (aud) => ({
  iss: 'https://token.actions.githubusercontent.com',
  aud,
  sub: 'repo:acme/app:ref:refs/heads/main',
  repository_id: '74',
  ref: 'refs/heads/main',
  event_name: 'push',
});

export const gitlabToken: Signed = (aud) => ({
  iss: 'https://gitlab.com',
  aud,
  sub: 'project_path:acme/app:ref_type:branch:ref:main',
  project_id: '20',
  ref: 'main',
  ref_type: 'branch',
  ref_protected: 'true',
});

export const kubernetesToken: Signed = (aud) => ({
  iss: 'https://kubernetes.default.svc.cluster.local',
  aud,
  sub: 'system:serviceaccount:prod:app',
  'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'app' } },
});

export const hcpTerraformToken: Signed = (aud) => ({
  iss: 'https://app.terraform.io',
  aud,
  sub: 'organization:acme:project:app:workspace:app:run_phase:apply',
  terraform_organization_id: 'org-acme',
  terraform_workspace_id: 'ws-app',
  terraform_run_phase: 'apply',
});

export const hcpTerraformRuns = { organizationId: 'org-acme', workspaceId: 'ws-app', runPhase: 'apply' };

export const buildkiteToken: Signed = (aud) => ({
  iss: 'https://agent.buildkite.com',
  aud,
  sub: 'organization:acme:pipeline:app:ref:refs/heads/main:commit:9f3182061f1e2cca4702c368cbc039b7dc9d4485:step:deploy',
  organization_id: '0184990a-477b-4fa8-9968-496074483c77',
  pipeline_id: '0184990a-4782-42b5-afc1-16715b10b1b0',
  build_branch: 'main',
});

export const buildkiteJobs = {
  organizationId: '0184990a-477b-4fa8-9968-496074483c77',
  pipelineId: '0184990a-4782-42b5-afc1-16715b10b1b0',
  branch: 'main',
};

export const circleciToken: Signed = (aud) => ({
  iss: 'https://oidc.circleci.com/org/8e7ac8b4-d29c-4c3a-8d9f-2b5f2f1a1a11',
  aud,
  sub: 'org/8e7ac8b4-d29c-4c3a-8d9f-2b5f2f1a1a11/project/c2a3b1de-8f0b-4d0f-9b8d-5f1e2a3b4c5d/user/u',
  'oidc.circleci.com/project-id': 'c2a3b1de-8f0b-4d0f-9b8d-5f1e2a3b4c5d',
  'oidc.circleci.com/vcs-origin': 'github.com/acme/app',
  'oidc.circleci.com/vcs-ref': 'refs/heads/main',
});

export const circleciJobs = {
  projectId: 'c2a3b1de-8f0b-4d0f-9b8d-5f1e2a3b4c5d',
  vcsOrigin: 'github.com/acme/app',
  vcsRef: 'refs/heads/main',
};

export const circleciIssuer = { organizationId: '8e7ac8b4-d29c-4c3a-8d9f-2b5f2f1a1a11' };

export const bitbucketToken: Signed = (aud) => ({
  iss: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
  aud,
  sub: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}:{0f5b3c1e-6f0d-4f5e-9a55-6b7c2a9d8e10}',
  repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}',
  branchName: 'main',
});

export const bitbucketSteps = { repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}', branch: 'main' };

export const bitbucketIssuer = { workspace: 'acme' };

export const spiffeToken: Signed = (aud) => ({
  iss: 'https://spire.example.org',
  aud,
  sub: 'spiffe://example.org/ns/prod/sa/app',
});

export const googleToken: Signed = (aud) => ({ iss: 'https://accounts.google.com', aud, sub: '112010400000000710080' });

export const googleWorkloads = { serviceAccountId: '112010400000000710080' };

export const entraToken: Signed = (aud) => ({
  iss: 'https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0',
  aud,
  sub: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
  oid: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
  tid: 'aaaabbbb-0000-cccc-1111-dddd2222eeee',
});

export const entraWorkloads = { objectId: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb' };

export const entraIssuer = { tenantId: 'aaaabbbb-0000-cccc-1111-dddd2222eeee' };

export const azureDevopsToken = {
  iss: 'https://vstoken.dev.azure.com/6804a3a0-e94c-41ae-9343-c5676fd58375',
  aud: 'api://AzureADTokenExchange',
  sub: 'sc://acme/shop/vault',
};

export const azureDevopsJobs = { organization: 'acme', project: 'shop', serviceConnection: 'vault' };

export const azureDevopsIssuer = { organizationId: '6804a3a0-e94c-41ae-9343-c5676fd58375' };

export const awsToken: Signed = (aud) => ({
  iss: 'https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws',
  aud,
  sub: 'arn:aws:iam::123456789012:role/deploy',
});

export const awsPrincipals = { principalArn: 'arn:aws:iam::123456789012:role/deploy' };

export const awsIssuer = { issuer: 'https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws' };
