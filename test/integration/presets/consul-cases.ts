import type { TokenBuilder } from 'vaultproof/issuer';
import { github, gitlab, serviceAccount } from 'vaultproof/issuer/presets';
import { consulGithubActions } from 'vaultproof/stacks/presets/consul-github-actions';
import { consulGitlabCi } from 'vaultproof/stacks/presets/consul-gitlab-ci';
import { type ConsulPreset, consulKubernetes } from 'vaultproof/stacks/presets/consul-kubernetes';
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
];
