import type { ErrorCode } from '../../errors/index.js';
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
  others,
  plainToken,
  spiffeToken,
} from './example-tokens.js';
import type { Literal } from './render.js';

/** Whom a copied test lets in and keeps out. */
export interface Example {
  /** What the preset's backend takes, or the backend's own props where there is no preset. */
  readonly backend?: Literals;
  /** Besides `roleName` and `tokenPolicies`. */
  readonly role: Literals;
  /** The claims of a token that gets in. */
  readonly token: Literals;
  readonly strangers: readonly Stranger[];
}

/** Who must stay out: what the token has instead, and the check that refuses it, by the claim or all of them. */
export type Stranger = {
  readonly who: string;
  readonly claims: Literals;
  readonly code: ErrorCode;
  readonly claim: string | readonly string[];
};

const audience = 'https://vault.example.com';

const differing = (who: string, claim: string, found: Literal): Stranger => ({
  who,
  claims: { [claim]: found },
  code: 'claim_mismatch',
  claim,
});

/** The login of one person, without a preset. */
export const plainExample: Example = {
  backend: { boundIssuer: 'https://issuer.example.com', jwtSupportedAlgs: ['RS256'] },
  role: { boundAudiences: [audience], boundSubject: 'vishpat' },
  token: plainToken(audience),
  strangers: [{ who: 'somebody else', claims: { sub: 'mallory' }, code: 'subject_mismatch', claim: 'sub' }, ...others],
};

/** An example of each of Vault's presets, by its name. */
export const presetExamples: Readonly<Record<string, Example>> = {
  'github-actions': {
    role: { audience, repositoryId: '74', ref: 'refs/heads/main' },
    token: githubToken(audience),
    strangers: [
      differing('another repository', 'repository_id', '75'),
      differing('another branch', 'ref', 'refs/heads/feature'),
      differing('an event that strangers cause', 'event_name', 'pull_request_target'),
      ...others,
    ],
  },
  'gitlab-ci': {
    role: { audience, projectId: '20', ref: 'main' },
    token: gitlabToken(audience),
    strangers: [
      differing('another project', 'project_id', '21'),
      differing('another branch', 'ref', 'feature'),
      differing('a tag of the same name', 'ref_type', 'tag'),
      differing('an unprotected branch', 'ref_protected', 'false'),
      ...others,
    ],
  },
  'hcp-terraform': {
    role: { audience, ...hcpTerraformRuns },
    token: hcpTerraformToken(audience),
    strangers: [
      differing('another organization', 'terraform_organization_id', 'org-other'),
      differing('another workspace', 'terraform_workspace_id', 'ws-other'),
      differing('a plan', 'terraform_run_phase', 'plan'),
      ...others,
    ],
  },
  buildkite: {
    role: { audience, ...buildkiteJobs },
    token: buildkiteToken(audience),
    strangers: [
      differing('another organization', 'organization_id', '0184990a-477b-4fa8-9968-496074483c78'),
      differing('another pipeline', 'pipeline_id', '0184990a-4782-42b5-afc1-16715b10b1b1'),
      differing('another branch', 'build_branch', 'feature'),
      ...others,
    ],
  },
  circleci: {
    backend: circleciIssuer,
    role: { audience, ...circleciJobs },
    token: circleciToken(audience),
    strangers: [
      differing('another project', 'oidc.circleci.com/project-id', 'c2a3b1de-8f0b-4d0f-9b8d-5f1e2a3b4c5e'),
      differing('a fork', 'oidc.circleci.com/vcs-origin', 'github.com/mallory/app'),
      differing('another branch', 'oidc.circleci.com/vcs-ref', 'refs/heads/feature'),
      ...others,
    ],
  },
  google: {
    role: { audience, serviceAccountId: '112010400000000710080' },
    token: { iss: 'https://accounts.google.com', aud: audience, sub: '112010400000000710080' },
    strangers: [
      {
        who: 'another service account',
        claims: { sub: '112010400000000710081' },
        code: 'subject_mismatch',
        claim: 'sub',
      },
      ...others,
    ],
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
    strangers: [differing('another workload', 'oid', 'aaaaaaaa-0000-1111-2222-cccccccccccc'), ...others],
  },
  'azure-devops': {
    backend: { organizationId: '6804a3a0-e94c-41ae-9343-c5676fd58375' },
    role: { organization: 'acme', project: 'shop', serviceConnection: 'vault' },
    token: {
      iss: 'https://vstoken.dev.azure.com/6804a3a0-e94c-41ae-9343-c5676fd58375',
      aud: 'api://AzureADTokenExchange',
      sub: 'sc://acme/shop/vault',
    },
    strangers: [
      {
        who: 'another service connection',
        claims: { sub: 'sc://acme/shop/other' },
        code: 'subject_mismatch',
        claim: 'sub',
      },
      ...others,
    ],
  },
  bitbucket: {
    backend: bitbucketIssuer,
    role: { audience, ...bitbucketSteps },
    token: bitbucketToken(audience),
    strangers: [
      differing('another repository', 'repositoryUuid', '{2e9e429c-7b8b-404f-8648-8c40c27c9ebe}'),
      differing('another branch', 'branchName', 'feature'),
      ...others,
    ],
  },
  aws: {
    backend: { issuer: 'https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws' },
    role: { audience, principalArn: 'arn:aws:iam::123456789012:role/deploy' },
    token: {
      iss: 'https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws',
      aud: audience,
      sub: 'arn:aws:iam::123456789012:role/deploy',
    },
    strangers: [
      {
        who: 'another role',
        claims: { sub: 'arn:aws:iam::123456789012:role/other' },
        code: 'subject_mismatch',
        claim: 'sub',
      },
      ...others,
    ],
  },
  kubernetes: {
    role: { audience, namespace: 'prod', serviceAccount: 'app' },
    token: kubernetesToken(audience),
    strangers: [
      {
        who: 'another service account',
        claims: {
          sub: 'system:serviceaccount:prod:other',
          'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'other' } },
        },
        code: 'subject_mismatch',
        claim: ['sub', '/kubernetes.io/serviceaccount/name'],
      },
      ...others,
    ],
  },
  spiffe: {
    backend: { issuer: 'https://spire.example.org' },
    role: { audience, trustDomain: 'example.org', path: '/ns/prod/sa/app' },
    token: spiffeToken(audience),
    strangers: [
      {
        who: 'another workload',
        claims: { sub: 'spiffe://example.org/ns/prod/sa/other' },
        code: 'subject_mismatch',
        claim: 'sub',
      },
      {
        who: 'another trust domain',
        claims: { sub: 'spiffe://example.com/ns/prod/sa/app' },
        code: 'subject_mismatch',
        claim: 'sub',
      },
      ...others,
    ],
  },
};
