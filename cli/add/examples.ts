import {
  bitbucketIssuer,
  bitbucketSteps,
  bitbucketToken,
  buildkiteJobs,
  buildkiteToken,
  circleciIssuer,
  circleciJobs,
  circleciToken,
  githubToken,
  gitlabToken,
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
    role: { audience, serviceAccountId: '112010400000000710080' },
    token: { iss: 'https://accounts.google.com', aud: audience, sub: '112010400000000710080' },
  },
  entra: {
    backend: { tenantId: 'aaaabbbb-0000-cccc-1111-dddd2222eeee' },
    role: { audience, objectId: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb' },
    token: {
      iss: 'https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0',
      aud: audience,
      sub: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
      oid: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
      tid: 'aaaabbbb-0000-cccc-1111-dddd2222eeee',
    },
  },
  'azure-devops': {
    backend: { organizationId: '6804a3a0-e94c-41ae-9343-c5676fd58375' },
    role: { organization: 'acme', project: 'shop', serviceConnection: 'vault' },
    token: {
      iss: 'https://vstoken.dev.azure.com/6804a3a0-e94c-41ae-9343-c5676fd58375',
      aud: 'api://AzureADTokenExchange',
      sub: 'sc://acme/shop/vault',
    },
  },
  bitbucket: {
    backend: bitbucketIssuer,
    role: { audience, ...bitbucketSteps },
    token: bitbucketToken(audience),
  },
  aws: {
    backend: { issuer: 'https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws' },
    role: { audience, principalArn: 'arn:aws:iam::123456789012:role/deploy' },
    token: {
      iss: 'https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws',
      aud: audience,
      sub: 'arn:aws:iam::123456789012:role/deploy',
    },
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
