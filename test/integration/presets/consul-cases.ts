import type { TokenBuilder } from 'vaultproof/issuer';
import {
  aws,
  azureServiceConnection,
  bitbucket,
  buildkite,
  circleci,
  entra,
  github,
  gitlab,
  google,
  jwtSvid,
  serviceAccount,
  terraformRun,
} from 'vaultproof/issuer/presets';
import { type ConsulAwsRule, consulAws } from 'vaultproof/stacks/presets/consul-aws';
import { type ConsulAzureDevopsRule, consulAzureDevops } from 'vaultproof/stacks/presets/consul-azure-devops';
import { type ConsulBitbucketRule, consulBitbucket } from 'vaultproof/stacks/presets/consul-bitbucket';
import { type ConsulBuildkiteRule, consulBuildkite } from 'vaultproof/stacks/presets/consul-buildkite';
import { type ConsulCircleciRule, consulCircleci } from 'vaultproof/stacks/presets/consul-circleci';
import { type ConsulEntraRule, consulEntra } from 'vaultproof/stacks/presets/consul-entra';
import { consulGithubActions } from 'vaultproof/stacks/presets/consul-github-actions';
import { consulGitlabCi } from 'vaultproof/stacks/presets/consul-gitlab-ci';
import { type ConsulGoogleRule, consulGoogle } from 'vaultproof/stacks/presets/consul-google';
import { type ConsulHcpTerraformRule, consulHcpTerraform } from 'vaultproof/stacks/presets/consul-hcp-terraform';
import { type ConsulPreset, consulKubernetes } from 'vaultproof/stacks/presets/consul-kubernetes';
import { consulSpiffe } from 'vaultproof/stacks/presets/consul-spiffe';
import type { GitHubActionsJobs } from 'vaultproof/stacks/presets/github-actions';
import type { GitLabCiJobs } from 'vaultproof/stacks/presets/gitlab-ci';

/** A preset for Consul with one rule, a token that it lets in, and a wrong value for each bound. */
export interface ConsulCase {
  readonly name: string;
  readonly preset: ConsulPreset;
  readonly token: TokenBuilder;
  /** What the login gets. */
  readonly gets: Readonly<Record<string, unknown>>;
  /** By the name of the bound: what the token has instead, and is refused for. */
  readonly differing: Readonly<Record<string, unknown>>;
}

const audience = 'https://consul.acme.example';
const deploy = { bindType: 'role', bindName: 'deploy' } as const;
const getsDeploy = { roles: ['deploy'], policies: [], serviceIdentities: [], nodeIdentities: [] };

// `Required` makes a new bound an error here until it is given.
const githubJobs: Required<GitHubActionsJobs> = {
  repository: 'acme/app',
  repositoryId: '74',
  ownerId: '65',
  enterpriseId: '2',
  ref: 'refs/heads/main',
  environment: 'Production:V1',
  jobWorkflowRef: 'acme/shared/.github/workflows/deploy.yml@refs/heads/main',
  event: ['push', 'workflow_dispatch'],
  visibility: 'private',
  runnerEnvironment: 'github-hosted',
  properties: { 'cost-center': 'a,b' },
};

const githubJob = {
  repository: 'acme/app',
  repositoryId: '74',
  ownerId: '65',
  enterprise: 'acme-corp',
  enterpriseId: '2',
  environment: 'Production:V1',
  jobWorkflowRef: 'acme/shared/.github/workflows/deploy.yml@refs/heads/main',
  properties: { 'cost-center': ['a', 'b'] },
  audience,
};

const gitlabJobs: Required<GitLabCiJobs> = {
  projectId: '20',
  namespaceId: '72',
  jobProjectId: '20',
  ref: 'main',
  refType: 'branch',
  refProtected: true,
  environment: 'prod/eu',
  environmentProtected: true,
  deploymentTier: 'production',
  pipelineSource: ['push', 'schedule'],
  ciConfigRefUri: 'gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main',
};

type Bounds<Rule> = Required<Omit<Rule, 'bindType' | 'bindName' | 'bindVars' | 'description'>>;

const runs: Bounds<ConsulHcpTerraformRule> = {
  organizationId: 'org-1',
  projectId: 'prj-1',
  workspaceId: 'ws-1',
  runPhase: ['plan', 'apply'],
};

const buildkiteJobs: Bounds<ConsulBuildkiteRule> = {
  organizationId: '0184990a-477b-4fa8-9968-496074483cee',
  pipelineId: '0184990a-4782-42b5-afc1-16715b10b8ff',
  branch: 'main',
  tag: 'v1.2.0',
  stepKey: 'deploy',
};

const circleciOrganization = 'c6e40f70-2a4f-4d2e-bd07-2b8bbf1a8d7e';
const circleciJobs: Bounds<ConsulCircleciRule> = {
  projectId: '7f3b5d1c-9f0a-4a55-8d39-5cb02b1a4f10',
  vcsOrigin: 'github.com/acme/app',
  vcsRef: 'refs/heads/main',
};

const steps: Bounds<ConsulBitbucketRule> = {
  repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}',
  branch: 'main',
  deploymentEnvironmentUuid: '{b2b5a4d6-1f0e-4b9a-8c37-3f5e9a7d6c21}',
  workspaceUuid: '{7baee083-4f25-4a97-8a9a-0fde1b623b45}',
};

const googleAccount: Bounds<ConsulGoogleRule> = {
  serviceAccountId: '112010400000000710080',
  email: 'deploy@acme-prod.iam.gserviceaccount.com',
  projectId: 'acme-prod',
  zone: 'us-central1-a',
  instanceId: '152986662232938449',
  instanceName: 'builder',
};

const awsAccount = 'https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws';
const awsPrincipal: Bounds<ConsulAwsRule> = {
  principalArn: 'arn:aws:iam::123456789012:role/deploy',
  organizationId: 'o-abc1234567',
  sourceRegion: 'eu-central-1',
  principalTags: { 'team/name': 'payments' },
  lambdaFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:deploy',
  instanceArn: 'arn:aws:ec2:eu-central-1:123456789012:instance/i-0abcd1234efgh5678',
  vpcId: 'vpc-0abcd1234efgh5678',
};
const CLAIMS_OF_AWS = '/https:~1~1sts.amazonaws.com~1';

const entraWorkload: Bounds<ConsulEntraRule> = {
  objectId: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
  clientId: '00001111-aaaa-2222-bbbb-3333cccc4444',
  tenantId: 'aaaabbbb-0000-cccc-1111-dddd2222eeee',
};

const connection: Bounds<ConsulAzureDevopsRule> = {
  organization: 'acme',
  project: 'my shop',
  serviceConnection: 'consul',
};
const azureOrganization = '6804a3a0-e94c-41ae-9343-c5676fd58375';

const svid = { trustDomain: 'example.org', issuer: 'https://spire.example.org', audience };

const pod = { namespace: 'prod', serviceAccount: 'app', audience };

export const consulCases: readonly ConsulCase[] = [
  {
    name: 'github',
    preset: consulGithubActions({ audience, enterprise: 'acme-corp', rules: [{ ...githubJobs, ...deploy }] }),
    token: github({ ...githubJob, issuer: 'https://token.actions.githubusercontent.com/acme-corp' }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://token.actions.githubusercontent.com',
      boundAudiences: 'https://github.com/acme',
      repository: 'acme/App',
      repository_id: '75',
      repository_owner_id: '66',
      enterprise_id: '3',
      ref: 'refs/tags/main',
      environment: 'Production',
      job_workflow_ref: 'acme/shared/.github/workflows/deploy.yml@refs/heads/feature',
      event_name: 'pull_request_target',
      repository_visibility: 'public',
      runner_environment: 'self-hosted',
      'repo_property_cost-center': 'a',
    },
  },
  {
    name: 'github, of an owner and with beginnings',
    preset: consulGithubActions({
      audience,
      host: 'github.acme.example',
      rules: [
        {
          ownerId: '65',
          ref: { below: 'refs/heads/release/1.0+[x]/' },
          environment: { below: 'prod/' },
          jobWorkflowRef: { below: 'acme/shared/.github/workflows/deploy.yml@refs/tags/' },
          ...deploy,
        },
      ],
    }),
    token: github({
      ...githubJob,
      repository: 'acme/other',
      repositoryId: '1',
      ref: 'refs/heads/release/1.0+[x]/rc',
      environment: 'prod/eu',
      jobWorkflowRef: 'acme/shared/.github/workflows/deploy.yml@refs/tags/v1',
      issuer: 'https://github.acme.example/_services/token',
    }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://token.actions.githubusercontent.com',
      boundAudiences: 'https://github.acme.example/acme',
      repository_owner_id: '650',
      ref: 'refs/heads/release/1x0+[x]/rc',
      environment: 'not/prod/eu',
      job_workflow_ref: 'acme/shared/.github/workflows/deploy.yml@refs/heads/v1',
      event_name: 'pushed',
    },
  },
  {
    name: 'gitlab',
    preset: consulGitlabCi({ audience, rules: [{ ...gitlabJobs, ...deploy }] }),
    token: gitlab({
      project: 'acme/app',
      projectId: '20',
      namespaceId: '72',
      environment: 'prod/eu',
      environmentProtected: true,
      audience,
    }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://gitlab.example.com',
      boundAudiences: 'https://gitlab.com',
      project_id: '21',
      namespace_id: '73',
      job_project_id: '21',
      ref: 'main2',
      ref_type: 'tag',
      ref_protected: 'false',
      environment: 'prod',
      environment_protected: 'false',
      deployment_tier: 'staging',
      pipeline_source: 'merge_request_event',
      ci_config_ref_uri: 'gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/feature',
    },
  },
  {
    name: 'hcp terraform',
    preset: consulHcpTerraform({ audience, rules: [{ ...runs, ...deploy }] }),
    token: terraformRun({ organization: 'acme', workspace: 'app', ...runs, runPhase: 'apply', audience }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://app.eu.terraform.io',
      boundAudiences: 'vault.workload.identity',
      terraform_organization_id: 'org-2',
      terraform_project_id: 'prj-2',
      terraform_workspace_id: 'ws-2',
      terraform_run_phase: 'test',
    },
  },
  {
    name: 'buildkite',
    preset: consulBuildkite({ audience, rules: [{ ...buildkiteJobs, ...deploy }] }),
    token: buildkite({
      organization: 'acme',
      pipeline: 'app',
      organizationId: buildkiteJobs.organizationId,
      pipelineId: buildkiteJobs.pipelineId,
      branch: 'main',
      tag: 'v1.2.0',
      stepKey: 'deploy',
      optionalClaims: ['organization_id', 'pipeline_id'],
      audience,
    }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://agent.buildkite.example',
      boundAudiences: 'https://buildkite.com/acme',
      organization_id: '0184990a-477b-4fa8-9968-496074483cef',
      pipeline_id: '0184990a-4782-42b5-afc1-16715b10b8fe',
      build_branch: 'feature',
      build_tag: 'v1.2.1',
      step_key: 'test',
    },
  },
  {
    name: 'circleci',
    preset: consulCircleci({
      organizationId: circleciOrganization,
      audience,
      rules: [{ ...circleciJobs, ...deploy }],
    }),
    token: circleci({ organizationId: circleciOrganization, ...circleciJobs, vcsRef: 'refs/heads/main', audience }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://oidc.circleci.com/org/c6e40f70-2a4f-4d2e-bd07-2b8bbf1a8d7f',
      boundAudiences: circleciOrganization,
      'oidc.circleci.com/project-id': '7f3b5d1c-9f0a-4a55-8d39-5cb02b1a4f11',
      'oidc.circleci.com/vcs-origin': 'github.com/mallory/app',
      'oidc.circleci.com/vcs-ref': 'refs/heads/feature',
    },
  },
  {
    name: 'bitbucket',
    preset: consulBitbucket({ workspace: 'acme', audience, rules: [{ ...steps, ...deploy }] }),
    token: bitbucket({
      workspace: 'acme',
      workspaceUuid: steps.workspaceUuid,
      repositoryUuid: steps.repositoryUuid,
      branch: 'main',
      deploymentEnvironmentUuid: steps.deploymentEnvironmentUuid,
      audiences: [audience],
    }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://api.bitbucket.org/2.0/workspaces/mallory/pipelines-config/identity/oidc',
      boundAudiences: 'ari:cloud:bitbucket::workspace/7baee083-4f25-4a97-8a9a-0fde1b623b45',
      repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebe}',
      branchName: 'feature',
      deploymentEnvironmentUuid: '{b2b5a4d6-1f0e-4b9a-8c37-3f5e9a7d6c22}',
      workspaceUuid: '{7baee083-4f25-4a97-8a9a-0fde1b623b46}',
    },
  },
  {
    name: 'bitbucket, with a beginning',
    preset: consulBitbucket({
      workspace: 'acme',
      audience,
      rules: [{ repositoryUuid: steps.repositoryUuid, branch: { below: 'release/' }, ...deploy }],
    }),
    token: bitbucket({
      workspace: 'acme',
      repositoryUuid: steps.repositoryUuid,
      branch: 'release/1',
      audiences: [audience],
    }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc/',
      boundAudiences: 'https://elsewhere.acme.example',
      repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebe}',
      branchName: 'prerelease/1',
    },
  },
  {
    name: 'google',
    preset: consulGoogle({ audience, rules: [{ ...googleAccount, ...deploy }] }),
    token: google({ ...googleAccount, audience }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://accounts.google.example',
      boundAudiences: 'https://elsewhere.acme.example',
      sub: '112010400000000710081',
      email: 'other@acme-prod.iam.gserviceaccount.com',
      '/google/compute_engine/project_id': 'acme-test',
      '/google/compute_engine/zone': 'us-central1-b',
      '/google/compute_engine/instance_id': '152986662232938440',
      '/google/compute_engine/instance_name': 'builder-2',
    },
  },
  {
    name: 'aws',
    preset: consulAws({ issuer: awsAccount, audience, rules: [{ ...awsPrincipal, ...deploy }] }),
    token: aws({ issuer: awsAccount, ...awsPrincipal, audience }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://abc123-def456-ghi789-jkl013.tokens.sts.global.api.aws',
      boundAudiences: 'https://elsewhere.acme.example',
      sub: 'arn:aws:iam::123456789013:role/deploy',
      [`${CLAIMS_OF_AWS}/org_id`]: 'o-abc1234568',
      [`${CLAIMS_OF_AWS}/source_region`]: 'eu-central-2',
      [`${CLAIMS_OF_AWS}/lambda_source_function_arn`]: 'arn:aws:lambda:eu-central-1:123456789012:function:other',
      [`${CLAIMS_OF_AWS}/ec2_source_instance_arn`]: 'arn:aws:ec2:eu-central-1:123456789012:instance/i-0',
      [`${CLAIMS_OF_AWS}/ec2_instance_source_vpc`]: 'vpc-1',
      [`${CLAIMS_OF_AWS}/principal_tags/team~1name`]: 'shipping',
    },
  },
  {
    name: 'entra',
    preset: consulEntra({ tenantId: entraWorkload.tenantId, audience, rules: [{ ...entraWorkload, ...deploy }] }),
    token: entra({ ...entraWorkload, audience }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeef/v2.0',
      boundAudiences: '00001111-aaaa-2222-bbbb-3333cccc4445',
      oid: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbc',
      azp: '00001111-aaaa-2222-bbbb-3333cccc4446',
      tid: 'aaaabbbb-0000-cccc-1111-dddd2222eeef',
    },
  },
  {
    name: 'entra, in version 1.0',
    preset: consulEntra({
      tenantId: entraWorkload.tenantId,
      version: '1.0',
      audience: 'api://consul',
      rules: [{ objectId: entraWorkload.objectId, clientId: entraWorkload.clientId, ...deploy }],
    }),
    token: entra({ ...entraWorkload, version: '1.0', audience: 'api://consul' }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://sts.windows.net/aaaabbbb-0000-cccc-1111-dddd2222eeef/',
      boundAudiences: 'api://vault',
      oid: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbc',
      appid: '00001111-aaaa-2222-bbbb-3333cccc4446',
    },
  },
  {
    name: 'azure devops',
    preset: consulAzureDevops({ organizationId: azureOrganization, rules: [{ ...connection, ...deploy }] }),
    token: azureServiceConnection({ organizationId: azureOrganization, ...connection }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://vstoken.dev.azure.com/6804a3a0-e94c-41ae-9343-c5676fd58376',
      boundAudiences: 'https://consul.acme.example',
      sub: 'sc://acme/my shop/other',
    },
  },
  {
    name: 'kubernetes',
    preset: consulKubernetes({
      audience,
      rules: [
        {
          namespace: 'prod',
          serviceAccount: 'app',
          serviceAccountUid: 'a709ef71-30e2-489a-bd19-ade97031b9db',
          ...deploy,
        },
      ],
    }),
    token: serviceAccount({ ...pod, serviceAccountUid: 'a709ef71-30e2-489a-bd19-ade97031b9db' }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://kubernetes.default.svc',
      boundAudiences: ['https://kubernetes.default.svc.cluster.local'],
      '/kubernetes.io/namespace': 'staging',
      '/kubernetes.io/serviceaccount/name': 'default',
      '/kubernetes.io/serviceaccount/uid': 'e6a8680e-d103-4cce-80ea-03acbbeacf7d',
    },
  },
  {
    name: 'kubernetes, a service named after each account',
    preset: consulKubernetes({
      audience,
      rules: [{ namespace: 'prod', bindType: 'service', bindName: `\${value.service_account}` }],
    }),
    token: serviceAccount(pod),
    gets: { roles: [], policies: [], serviceIdentities: [{ serviceName: 'app' }], nodeIdentities: [] },
    differing: {
      boundIssuer: 'https://kubernetes.default.svc',
      boundAudiences: ['vault'],
      '/kubernetes.io/namespace': 'prod-2',
      '/kubernetes.io/serviceaccount/name': 'default',
    },
  },
  {
    name: 'kubernetes, the node of a pod',
    preset: consulKubernetes({
      audience,
      rules: [{ namespace: 'consul', serviceAccount: 'client', bindType: 'node', bindName: `\${value.node}` }],
    }),
    token: serviceAccount({ namespace: 'consul', serviceAccount: 'client', node: 'worker-7', audience }),
    gets: { roles: [], policies: [], serviceIdentities: [], nodeIdentities: [{ nodeName: 'worker-7' }] },
    differing: {
      boundIssuer: 'https://kubernetes.default.svc',
      boundAudiences: ['vault'],
      '/kubernetes.io/namespace': 'prod',
      '/kubernetes.io/serviceaccount/name': 'app',
      '/kubernetes.io/node/name': undefined,
    },
  },
  {
    name: 'spiffe',
    preset: consulSpiffe({
      issuer: 'https://spire.example.org',
      audience,
      rules: [{ trustDomain: 'example.org', path: '/ns/prod/sa/app', ...deploy }],
    }),
    token: jwtSvid({ ...svid, path: '/ns/prod/sa/app' }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://spire.example.com',
      boundAudiences: ['vault'],
      sub: 'spiffe://example.org/ns/prod/sa/app2',
    },
  },
  {
    name: 'spiffe, with a beginning',
    preset: consulSpiffe({
      issuer: 'https://spire.example.org',
      audience,
      rules: [{ trustDomain: 'example.org', path: { below: '/ns/prod/' }, ...deploy }],
    }),
    token: jwtSvid({ ...svid, path: '/ns/prod/sa/other' }),
    gets: getsDeploy,
    differing: {
      boundIssuer: 'https://spire.example.com',
      boundAudiences: ['vault'],
      sub: 'spiffe://example-org/ns/prod/sa/app',
    },
  },
];
