import {
  awsIssuer,
  awsPrincipals,
  awsToken,
  azureDevopsIssuer,
  azureDevopsJobs,
  azureDevopsToken,
  bitbucketIssuer,
  bitbucketSteps,
  bitbucketToken,
  buildkiteJobs,
  buildkiteToken,
  circleciIssuer,
  circleciJobs,
  circleciToken,
  entraIssuer,
  entraToken,
  entraWorkloads,
  githubToken,
  gitlabToken,
  googleToken,
  googleWorkloads,
  hcpTerraformRuns,
  hcpTerraformToken,
  kubernetesToken,
  type Literals,
  plainToken,
  spiffeToken,
} from './example-tokens.js';

/** Whom a copied test of Consul's login lets in. */
export interface ConsulExample {
  /** What the preset takes, or the login's own props where there is no preset. */
  readonly login: Literals;
  /** The role that it gets. */
  readonly role: string;
  /** The claims of a token that gets in. */
  readonly token: Literals;
}

const consulAudience = 'https://consul.example.com';
const deploy = { bindType: 'role', bindName: 'deploy' };

/** The login of one person, without a preset. */
export const plainConsulExample: ConsulExample = {
  login: {
    name: 'jwt',
    boundIssuer: 'https://issuer.example.com',
    boundAudiences: [consulAudience],
    claimMappings: { sub: 'user' },
    bindingRules: [{ ...deploy, selector: 'value.user == "vishpat"' }],
  },
  role: 'deploy',
  token: plainToken(consulAudience),
};

/** An example of each of Consul's presets, by its name. */
export const consulPresetExamples: Readonly<Record<string, ConsulExample>> = {
  'github-actions': {
    login: { audience: consulAudience, rules: [{ repositoryId: '74', ref: 'refs/heads/main', ...deploy }] },
    role: 'deploy',
    token: githubToken(consulAudience),
  },
  'gitlab-ci': {
    login: { audience: consulAudience, rules: [{ projectId: '20', ref: 'main', ...deploy }] },
    role: 'deploy',
    token: gitlabToken(consulAudience),
  },
  'hcp-terraform': {
    login: {
      audience: consulAudience,
      rules: [{ ...hcpTerraformRuns, ...deploy }],
    },
    role: 'deploy',
    token: hcpTerraformToken(consulAudience),
  },
  buildkite: {
    login: { audience: consulAudience, rules: [{ ...buildkiteJobs, ...deploy }] },
    role: 'deploy',
    token: buildkiteToken(consulAudience),
  },
  circleci: {
    login: { ...circleciIssuer, audience: consulAudience, rules: [{ ...circleciJobs, ...deploy }] },
    role: 'deploy',
    token: circleciToken(consulAudience),
  },
  bitbucket: {
    login: { ...bitbucketIssuer, audience: consulAudience, rules: [{ ...bitbucketSteps, ...deploy }] },
    role: 'deploy',
    token: bitbucketToken(consulAudience),
  },
  google: {
    login: { audience: consulAudience, rules: [{ ...googleWorkloads, ...deploy }] },
    role: 'deploy',
    token: googleToken(consulAudience),
  },
  aws: {
    login: { ...awsIssuer, audience: consulAudience, rules: [{ ...awsPrincipals, ...deploy }] },
    role: 'deploy',
    token: awsToken(consulAudience),
  },
  entra: {
    login: { ...entraIssuer, audience: consulAudience, rules: [{ ...entraWorkloads, ...deploy }] },
    role: 'deploy',
    token: entraToken(consulAudience),
  },
  'azure-devops': {
    login: { ...azureDevopsIssuer, rules: [{ ...azureDevopsJobs, ...deploy }] },
    role: 'deploy',
    token: azureDevopsToken,
  },
  kubernetes: {
    login: { audience: consulAudience, rules: [{ namespace: 'prod', serviceAccount: 'app', ...deploy }] },
    role: 'deploy',
    token: kubernetesToken(consulAudience),
  },
  nomad: {
    login: { namespaces: ['prod'], issuer: 'https://nomad.example.com' },
    role: 'nomad-tasks-prod',
    token: {
      iss: 'https://nomad.example.com',
      aud: 'consul.io',
      sub: 'global:prod:api:api:server:consul_default',
      nomad_namespace: 'prod',
      nomad_job_id: 'api',
      nomad_task: 'server',
    },
  },
  spiffe: {
    login: {
      issuer: 'https://spire.example.org',
      audience: consulAudience,
      rules: [{ trustDomain: 'example.org', path: '/ns/prod/sa/app', ...deploy }],
    },
    role: 'deploy',
    token: spiffeToken(consulAudience),
  },
};
