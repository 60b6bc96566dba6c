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

/** Whom a copied test lets in. */
export interface Example {
  /** What the preset's backend takes, or the backend's own props where there is no preset. */
  readonly backend?: Literals;
  /** Besides `roleName` and `tokenPolicies`. */
  readonly role: Literals;
  /** The claims of a token that gets in. */
  readonly token: Literals;
}

const audience = 'https://vault.example.com';

/** The login of one person, without a preset. */
export const plainExample: Example = {
  backend: { boundIssuer: 'https://issuer.example.com', jwtSupportedAlgs: ['RS256'] },
  role: { boundAudiences: [audience], boundSubject: 'vishpat' },
  token: plainToken(audience),
};

/** An example of each of Vault's presets, by its name. */
export const presetExamples: Readonly<Record<string, Example>> = {
  'github-actions': {
    role: { audience, repositoryId: '74', ref: 'refs/heads/main' },
    token: githubToken(audience),
  },
  'gitlab-ci': {
    role: { audience, projectId: '20', ref: 'main' },
    token: gitlabToken(audience),
  },
  'hcp-terraform': {
    role: { audience, ...hcpTerraformRuns },
    token: hcpTerraformToken(audience),
  },
  buildkite: {
    role: { audience, ...buildkiteJobs },
    token: buildkiteToken(audience),
  },
  circleci: {
    backend: circleciIssuer,
    role: { audience, ...circleciJobs },
    token: circleciToken(audience),
  },
  google: {
    role: { audience, ...googleWorkloads },
    token: googleToken(audience),
  },
  entra: {
    backend: entraIssuer,
    role: { audience, ...entraWorkloads },
    token: entraToken(audience),
  },
  'azure-devops': {
    backend: azureDevopsIssuer,
    role: azureDevopsJobs,
    token: azureDevopsToken,
  },
  bitbucket: {
    backend: bitbucketIssuer,
    role: { audience, ...bitbucketSteps },
    token: bitbucketToken(audience),
  },
  aws: {
    backend: awsIssuer,
    role: { audience, ...awsPrincipals },
    token: awsToken(audience),
  },
  kubernetes: {
    role: { audience, namespace: 'prod', serviceAccount: 'app' },
    token: kubernetesToken(audience),
  },
  spiffe: {
    backend: { issuer: 'https://spire.example.org' },
    role: { audience, trustDomain: 'example.org', path: '/ns/prod/sa/app' },
    token: spiffeToken(audience),
  },
};
