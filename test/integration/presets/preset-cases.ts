import type { TokenBuilder } from 'vaultproof/issuer';
import {
  aws as awsPrincipal,
  azureServiceConnection,
  bitbucket as bitbucketStep,
  buildkite as buildkiteJob,
  circleci as circleciJob,
  entra as entraWorkload,
  github,
  gitlab,
  google as googleAccount,
  jwtSvid,
  serviceAccount,
  terraformRun,
} from 'vaultproof/issuer/presets';
import { type AwsRoleProps, aws, awsRole } from 'vaultproof/stacks/presets/aws';
import { type AzureDevopsRoleProps, azureDevops, azureDevopsRole } from 'vaultproof/stacks/presets/azure-devops';
import { type BitbucketRoleProps, bitbucket, bitbucketRole } from 'vaultproof/stacks/presets/bitbucket';
import { type BuildkiteRoleProps, buildkite, buildkiteRole } from 'vaultproof/stacks/presets/buildkite';
import { type CircleciRoleProps, circleci, circleciRole } from 'vaultproof/stacks/presets/circleci';
import { type EntraRoleProps, entra, entraRole } from 'vaultproof/stacks/presets/entra';
import {
  type GitHubActionsRoleProps,
  githubActions,
  githubActionsRole,
  type VendorBackend,
} from 'vaultproof/stacks/presets/github-actions';
import { type GitLabCiRoleProps, gitlabCi, gitlabCiRole } from 'vaultproof/stacks/presets/gitlab-ci';
import { type GoogleRoleProps, google, googleRole } from 'vaultproof/stacks/presets/google';
import { type HcpTerraformRoleProps, hcpTerraform, hcpTerraformRole } from 'vaultproof/stacks/presets/hcp-terraform';
import { type KubernetesRoleProps, kubernetes, kubernetesRole } from 'vaultproof/stacks/presets/kubernetes';
import { type SpiffeRoleProps, spiffe, spiffeRole } from 'vaultproof/stacks/presets/spiffe';
import type { VaultJwtRole } from 'vaultproof/stacks/vault-jwt';

/** A preset's role with every bound that it can have, a token that it lets in, and a wrong value for each bound. */
export interface PresetCase {
  readonly name: string;
  readonly backend: VendorBackend;
  readonly role: VaultJwtRole;
  readonly token: TokenBuilder;
  /** By the name of the bound: what the token has instead, and is refused for. */
  readonly differing: Readonly<Record<string, unknown>>;
}

const common = { tokenPolicies: ['deploy'], tokenTtl: 300, tokenMaxTtl: 900, audience: 'https://vault.acme.example' };
const { audience } = common;

// `Required` makes a new bound an error here until it is given.
const githubProps: Required<GitHubActionsRoleProps> = {
  ...common,
  roleName: 'github',
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
  properties: { tier: 'gold', pci: 'true' },
  subject: 'repo:acme@65/app@74:environment:Production%3AV1',
};

const githubJob = {
  repository: 'acme/app',
  repositoryId: '74',
  ownerId: '65',
  enterprise: 'acme-corp',
  enterpriseId: '2',
  environment: 'Production:V1',
  jobWorkflowRef: 'acme/shared/.github/workflows/deploy.yml@refs/heads/main',
  properties: { tier: 'gold', pci: true },
  audience,
};

const gitlabProps: Required<GitLabCiRoleProps> = {
  ...common,
  roleName: 'gitlab',
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

const terraformProps: Required<HcpTerraformRoleProps> = {
  ...common,
  audience: 'vault.workload.identity',
  roleName: 'terraform',
  organizationId: 'org-GRNbCjYNpBB6NEH9',
  projectId: 'prj-vegSA59s1XPwMr2t',
  workspaceId: 'ws-mbsd5E3Ktt5Rg2Xm',
  runPhase: 'apply',
};

const kubernetesProps: Required<KubernetesRoleProps> = {
  ...common,
  roleName: 'kubernetes',
  namespace: 'prod',
  serviceAccount: 'app',
  serviceAccountUid: 'a709ef71-30e2-489a-bd19-ade97031b9db',
};

const spiffeProps: Required<SpiffeRoleProps> = {
  ...common,
  roleName: 'spiffe',
  trustDomain: 'example.org',
  path: '/ns/prod/sa/app',
};

const buildkiteProps: Required<BuildkiteRoleProps> = {
  ...common,
  roleName: 'buildkite',
  organizationId: '0184990a-477b-4fa8-9968-496074483c77',
  pipelineId: '0184990a-4782-42b5-afc1-16715b10b1b0',
  branch: 'main',
  tag: 'v1',
  stepKey: 'deploy',
};

const circleciOrg = '8e7ac8b4-d29c-4c3a-8d9f-2b5f2f1a1a11';
const circleciProps: Required<CircleciRoleProps> = {
  ...common,
  roleName: 'circleci',
  projectId: 'c2a3b1de-8f0b-4d0f-9b8d-5f1e2a3b4c5d',
  vcsOrigin: 'github.com/acme/app',
  vcsRef: 'refs/heads/main',
  contextId: 'a74579f1-2e7d-451e-b009-5c082ad2729e',
};

const googleProps: Required<GoogleRoleProps> = {
  ...common,
  roleName: 'google',
  serviceAccountId: '112010400000000710080',
  email: 'deploy@acme-prod.iam.gserviceaccount.com',
  projectId: 'acme-prod',
  zone: 'us-central1-a',
  instanceId: '152986662232938449',
  instanceName: 'builder',
};

const tenantId = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
const entraProps: Required<EntraRoleProps> = {
  ...common,
  roleName: 'entra',
  objectId: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
  groupId: 'bbbbbbbb-1111-2222-3333-cccccccccccc',
  clientId: '00001111-aaaa-2222-bbbb-3333cccc4444',
  tenantId,
  version: '2.0',
};

const entraJob = {
  tenantId,
  objectId: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
  clientId: '00001111-aaaa-2222-bbbb-3333cccc4444',
  groupIds: ['cccccccc-2222-3333-4444-dddddddddddd', 'bbbbbbbb-1111-2222-3333-cccccccccccc'],
  audience,
};

const azureDevopsProps: Required<AzureDevopsRoleProps> = {
  ...common,
  roleName: 'azure-devops',
  audience: 'api://AzureADTokenExchange',
  organization: 'acme',
  project: 'The Shop',
  serviceConnection: 'vault',
};

const bitbucketProps: Required<BitbucketRoleProps> = {
  ...common,
  roleName: 'bitbucket',
  repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}',
  branch: 'main',
  deploymentEnvironmentUuid: '{b2b5a4d6-1f0e-4b9a-8c37-3f5e9a7d6c21}',
  workspaceUuid: '{7baee083-4f25-4a97-8a9a-0fde1b623b45}',
};

const bitbucketJob = {
  workspace: 'acme',
  workspaceUuid: '{7baee083-4f25-4a97-8a9a-0fde1b623b45}',
  repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}',
  audiences: [audience],
};

const awsIssuer = 'https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws';
const awsProps: Required<AwsRoleProps> = {
  ...common,
  roleName: 'aws',
  principalArn: 'arn:aws:iam::123456789012:role/deploy',
  organizationId: 'o-abc1234567',
  sourceRegion: 'eu-central-1',
  principalTags: { 'acme/team~1': 'platform' },
  lambdaFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:deploy',
  instanceArn: 'arn:aws:ec2:eu-central-1:123456789012:instance/i-0abc123def4567890',
  vpcId: 'vpc-0abc123def4567890',
};

const svid = { trustDomain: 'example.org', audience, issuer: 'https://spire.example.org' };

export const presetCases: readonly PresetCase[] = [
  {
    name: 'github',
    backend: githubActions({ enterprise: 'acme-corp' }),
    role: githubActionsRole(githubProps),
    token: github({ ...githubJob, issuer: 'https://token.actions.githubusercontent.com/acme-corp' }),
    differing: {
      boundIssuer: 'https://token.actions.githubusercontent.com',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: 'https://github.com/acme',
      boundSubject: 'repo:acme/app:environment:Production%3AV1',
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
      repo_property_tier: 'gold,silver',
      repo_property_pci: 'false',
    },
  },
  {
    name: 'github, of an owner and with beginnings',
    backend: githubActions({ host: 'github.acme.example' }),
    role: githubActionsRole({
      ...common,
      roleName: 'github-owner',
      ownerId: '65',
      ref: { below: 'refs/heads/release/' },
      environment: { below: 'prod/' },
      jobWorkflowRef: { below: 'acme/shared/.github/workflows/deploy.yml@refs/tags/' },
    }),
    token: github({
      ...githubJob,
      repository: 'acme/other',
      repositoryId: '1',
      ref: 'refs/heads/release/1',
      environment: 'prod/eu',
      jobWorkflowRef: 'acme/shared/.github/workflows/deploy.yml@refs/tags/v1',
      issuer: 'https://github.acme.example/_services/token',
    }),
    differing: {
      boundIssuer: 'https://token.actions.githubusercontent.com',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: 'https://github.acme.example/acme',
      repository_owner_id: '650',
      ref: 'refs/heads/release-of-mallory',
      environment: 'prod-of-mallory',
      job_workflow_ref: 'acme/shared/.github/workflows/deploy.yml@refs/heads/v1',
      event_name: 'pushed',
    },
  },
  {
    name: 'gitlab',
    backend: gitlabCi(),
    role: gitlabCiRole(gitlabProps),
    token: gitlab({
      project: 'acme/app',
      projectId: '20',
      namespaceId: '72',
      environment: 'prod/eu',
      environmentProtected: true,
      audience,
    }),
    differing: {
      boundIssuer: 'https://gitlab.example.com',
      jwtSupportedAlgs: 'EdDSA',
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
    backend: hcpTerraform(),
    role: hcpTerraformRole(terraformProps),
    token: terraformRun({
      organization: 'acme',
      organizationId: 'org-GRNbCjYNpBB6NEH9',
      projectId: 'prj-vegSA59s1XPwMr2t',
      workspace: 'app',
      workspaceId: 'ws-mbsd5E3Ktt5Rg2Xm',
    }),
    differing: {
      boundIssuer: 'https://app.terraform.io/',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: 'aws.workload.identity',
      terraform_organization_id: 'org-GRNbCjYNpBB6NEH8',
      terraform_project_id: 'prj-vegSA59s1XPwMr2u',
      terraform_workspace_id: 'ws-mbsd5E3Ktt5Rg2XM',
      terraform_run_phase: 'plan',
    },
  },
  {
    name: 'buildkite',
    backend: buildkite(),
    role: buildkiteRole(buildkiteProps),
    token: buildkiteJob({
      organization: 'acme',
      organizationId: '0184990a-477b-4fa8-9968-496074483c77',
      pipeline: 'app',
      pipelineId: '0184990a-4782-42b5-afc1-16715b10b1b0',
      tag: 'v1',
      stepKey: 'deploy',
      audience,
    }),
    differing: {
      boundIssuer: 'https://agent.buildkite.com/',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: 'https://buildkite.com/acme',
      organization_id: '0184990a-477b-4fa8-9968-496074483c78',
      pipeline_id: '0184990a-4782-42b5-afc1-16715b10b1b1',
      build_branch: 'main2',
      build_tag: 'v2',
      step_key: 'test',
    },
  },
  {
    name: 'buildkite, with a beginning',
    backend: buildkite(),
    role: buildkiteRole({
      ...common,
      roleName: 'buildkite-below',
      organizationId: '0184990a-477b-4fa8-9968-496074483c77',
      pipelineId: '0184990a-4782-42b5-afc1-16715b10b1b0',
      branch: { below: 'release/' },
    }),
    token: buildkiteJob({
      organization: 'acme',
      organizationId: '0184990a-477b-4fa8-9968-496074483c77',
      pipeline: 'app',
      pipelineId: '0184990a-4782-42b5-afc1-16715b10b1b0',
      branch: 'release/1',
      audience,
    }),
    differing: {
      boundIssuer: 'https://agent.buildkite.com/',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: 'https://buildkite.com/acme',
      organization_id: '0184990a-477b-4fa8-9968-496074483c78',
      pipeline_id: '0184990a-4782-42b5-afc1-16715b10b1b1',
      build_branch: 'release-of-mallory',
    },
  },
  {
    name: 'circleci',
    backend: circleci({ organizationId: circleciOrg }),
    role: circleciRole(circleciProps),
    token: circleciJob({
      organizationId: circleciOrg,
      projectId: 'c2a3b1de-8f0b-4d0f-9b8d-5f1e2a3b4c5d',
      vcsOrigin: 'github.com/acme/app',
      contextIds: ['cb32986e-2f6f-4f43-b2bd-d3c2fd98e903', 'a74579f1-2e7d-451e-b009-5c082ad2729e'],
      audience,
    }),
    differing: {
      boundIssuer: 'https://oidc.circleci.com/org/8e7ac8b4-d29c-4c3a-8d9f-2b5f2f1a1a12',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: circleciOrg,
      'oidc.circleci.com/project-id': 'c2a3b1de-8f0b-4d0f-9b8d-5f1e2a3b4c5e',
      'oidc.circleci.com/vcs-origin': 'github.com/mallory/app',
      'oidc.circleci.com/vcs-ref': 'refs/heads/feature',
      'oidc.circleci.com/context-ids': ['cb32986e-2f6f-4f43-b2bd-d3c2fd98e903'],
    },
  },
  {
    name: 'google',
    backend: google(),
    role: googleRole(googleProps),
    token: googleAccount({
      email: 'deploy@acme-prod.iam.gserviceaccount.com',
      serviceAccountId: '112010400000000710080',
      instanceName: 'builder',
      instanceId: '152986662232938449',
      audience,
    }),
    differing: {
      boundIssuer: 'accounts.google.com',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: 'https://elsewhere.acme.example',
      boundSubject: '112010400000000710081',
      email: 'deploy@acme-test.iam.gserviceaccount.com',
      '/google/compute_engine/project_id': 'acme-test',
      '/google/compute_engine/zone': 'us-central1-b',
      '/google/compute_engine/instance_id': '152986662232938450',
      '/google/compute_engine/instance_name': 'builder-2',
    },
  },
  {
    name: 'entra',
    backend: entra({ tenantId }),
    role: entraRole(entraProps),
    token: entraWorkload(entraJob),
    differing: {
      boundIssuer: 'https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeef/v2.0',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: '11112222-bbbb-3333-cccc-4444dddd5555',
      oid: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbc',
      groups: ['cccccccc-2222-3333-4444-dddddddddddd'],
      azp: '00001111-aaaa-2222-bbbb-3333cccc4445',
      tid: 'aaaabbbb-0000-cccc-1111-dddd2222eeef',
    },
  },
  {
    name: 'entra, of version 1.0',
    backend: entra({ tenantId, version: '1.0' }),
    role: entraRole({ ...entraProps, roleName: 'entra-v1', version: '1.0' }),
    token: entraWorkload({ ...entraJob, version: '1.0' }),
    differing: {
      boundIssuer: 'https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: 'https://graph.microsoft.com',
      oid: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbc',
      groups: ['cccccccc-2222-3333-4444-dddddddddddd'],
      appid: '00001111-aaaa-2222-bbbb-3333cccc4445',
      tid: 'aaaabbbb-0000-cccc-1111-dddd2222eeef',
    },
  },
  {
    name: 'azure devops',
    backend: azureDevops({ organizationId: '6804a3a0-e94c-41ae-9343-c5676fd58375' }),
    role: azureDevopsRole(azureDevopsProps),
    token: azureServiceConnection({
      organizationId: '6804a3a0-e94c-41ae-9343-c5676fd58375',
      organization: 'acme',
      project: 'The Shop',
      serviceConnection: 'vault',
    }),
    differing: {
      boundIssuer: 'https://vstoken.dev.azure.com/6804a3a0-e94c-41ae-9343-c5676fd58376',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: audience,
      boundSubject: 'sc://acme/The Shop/vault-2',
    },
  },
  {
    name: 'bitbucket',
    backend: bitbucket({ workspace: 'acme' }),
    role: bitbucketRole(bitbucketProps),
    token: bitbucketStep({
      ...bitbucketJob,
      deploymentEnvironmentUuid: '{b2b5a4d6-1f0e-4b9a-8c37-3f5e9a7d6c21}',
    }),
    differing: {
      boundIssuer: 'https://api.bitbucket.org/2.0/workspaces/mallory/pipelines-config/identity/oidc',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: 'ari:cloud:bitbucket::workspace/7baee083-4f25-4a97-8a9a-0fde1b623b45',
      repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebe}',
      branchName: 'main2',
      deploymentEnvironmentUuid: '{b2b5a4d6-1f0e-4b9a-8c37-3f5e9a7d6c22}',
      workspaceUuid: '{7baee083-4f25-4a97-8a9a-0fde1b623b46}',
    },
  },
  {
    name: 'bitbucket, with a beginning',
    backend: bitbucket({ workspace: 'acme' }),
    role: bitbucketRole({
      ...common,
      roleName: 'bitbucket-below',
      repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}',
      branch: { below: 'release/' },
    }),
    token: bitbucketStep({ ...bitbucketJob, branch: 'release/1' }),
    differing: {
      boundIssuer: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc/',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: 'ari:cloud:bitbucket::workspace/7baee083-4f25-4a97-8a9a-0fde1b623b45',
      repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebe}',
      branchName: 'release-of-mallory',
    },
  },
  {
    name: 'aws',
    backend: aws({ issuer: awsIssuer }),
    role: awsRole(awsProps),
    token: awsPrincipal({
      issuer: awsIssuer,
      principalArn: 'arn:aws:iam::123456789012:role/deploy',
      organizationId: 'o-abc1234567',
      sourceRegion: 'eu-central-1',
      principalTags: { 'acme/team~1': 'platform' },
      requestTags: { 'acme/team~1': 'mallory' },
      lambdaFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:deploy',
      instanceArn: 'arn:aws:ec2:eu-central-1:123456789012:instance/i-0abc123def4567890',
      vpcId: 'vpc-0abc123def4567890',
      audience: ['https://elsewhere.acme.example', audience],
    }),
    differing: {
      boundIssuer: 'https://abc123-def456-ghi789-jkl013.tokens.sts.global.api.aws',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: ['https://elsewhere.acme.example'],
      boundSubject: 'arn:aws:iam::123456789013:role/deploy',
      '/https:~1~1sts.amazonaws.com~1/org_id': 'o-abc1234568',
      '/https:~1~1sts.amazonaws.com~1/source_region': 'us-east-1',
      '/https:~1~1sts.amazonaws.com~1/principal_tags/acme~1team~01': 'mallory',
      '/https:~1~1sts.amazonaws.com~1/lambda_source_function_arn':
        'arn:aws:lambda:eu-central-1:123456789012:function:deploy-2',
      '/https:~1~1sts.amazonaws.com~1/ec2_source_instance_arn':
        'arn:aws:ec2:eu-central-1:123456789012:instance/i-0abc123def4567891',
      '/https:~1~1sts.amazonaws.com~1/ec2_instance_source_vpc': 'vpc-0abc123def4567891',
    },
  },
  {
    name: 'aws, with ES384',
    backend: aws({ issuer: awsIssuer }),
    role: awsRole({ ...common, roleName: 'aws-es384', principalArn: 'arn:aws:iam::123456789012:user/ci/deploy' }),
    token: awsPrincipal({
      issuer: awsIssuer,
      principalArn: 'arn:aws:iam::123456789012:user/ci/deploy',
      audience,
      alg: 'ES384',
    }),
    differing: {
      boundIssuer: `${awsIssuer}/`,
      jwtSupportedAlgs: 'ES256',
      boundAudiences: 'https://elsewhere.acme.example',
      boundSubject: 'arn:aws:iam::123456789012:user/deploy',
    },
  },
  {
    name: 'kubernetes',
    backend: kubernetes(),
    role: kubernetesRole(kubernetesProps),
    token: serviceAccount({
      namespace: 'prod',
      serviceAccount: 'app',
      serviceAccountUid: 'a709ef71-30e2-489a-bd19-ade97031b9db',
      audience,
    }),
    differing: {
      boundIssuer: 'https://kubernetes.default.svc',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: ['https://kubernetes.default.svc.cluster.local'],
      boundSubject: 'system:serviceaccount:staging:app',
      '/kubernetes.io/namespace': 'staging',
      '/kubernetes.io/serviceaccount/name': 'default',
      '/kubernetes.io/serviceaccount/uid': 'e6a8680e-d103-4cce-80ea-03acbbeacf7d',
    },
  },
  {
    name: 'spiffe',
    backend: spiffe({ issuer: 'https://spire.example.org' }),
    role: spiffeRole(spiffeProps),
    token: jwtSvid({ ...svid, path: '/ns/prod/sa/app' }),
    differing: {
      boundIssuer: 'https://spire.example.com',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: ['vault'],
      boundSubject: 'spiffe://example.org/ns/prod/sa/app2',
    },
  },
  {
    name: 'spiffe, with a beginning',
    backend: spiffe({ issuer: 'https://spire.example.org' }),
    role: spiffeRole({ ...spiffeProps, roleName: 'spiffe-below', path: { below: '/ns/prod/' } }),
    token: jwtSvid({ ...svid, path: '/ns/prod/sa/other' }),
    differing: {
      boundIssuer: 'https://spire.example.com',
      jwtSupportedAlgs: 'EdDSA',
      boundAudiences: ['vault'],
      sub: 'spiffe://example.org/ns/prod-of-mallory/sa/app',
    },
  },
];
