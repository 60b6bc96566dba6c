import type { ErrorCode } from '../../errors/index.js';
import type { Literal } from './render.js';

type Literals = Readonly<Record<string, Literal>>;

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

/** The claims that an issuer signs, for an audience. */
type Signed = (aud: string) => Literals;

const plainToken: Signed = (aud) => ({ iss: 'https://issuer.example.com', aud, sub: 'vishpat' });

const githubToken: Signed = (aud) => ({
  iss: 'https://token.actions.githubusercontent.com',
  aud,
  sub: 'repo:acme/app:ref:refs/heads/main',
  repository_id: '74',
  ref: 'refs/heads/main',
  event_name: 'push',
});

const gitlabToken: Signed = (aud) => ({
  iss: 'https://gitlab.com',
  aud,
  sub: 'project_path:acme/app:ref_type:branch:ref:main',
  project_id: '20',
  ref: 'main',
  ref_type: 'branch',
  ref_protected: 'true',
});

const kubernetesToken: Signed = (aud) => ({
  iss: 'https://kubernetes.default.svc.cluster.local',
  aud,
  sub: 'system:serviceaccount:prod:app',
  'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'app' } },
});

const audience = 'https://vault.example.com';
const forAnother = { who: 'a token for another audience', claims: { aud: 'https://elsewhere.example.com' } };
const fromAnother = { who: 'a token of another issuer', claims: { iss: 'https://elsewhere.example.com' } };

/** What every role keeps out, whatever else it is bound to. */
const others = [
  { ...forAnother, code: 'audience_mismatch', claim: 'aud' },
  { ...fromAnother, code: 'issuer_mismatch', claim: 'iss' },
] as const;

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
    role: { audience, organizationId: 'org-acme', workspaceId: 'ws-app', runPhase: 'apply' },
    token: {
      iss: 'https://app.terraform.io',
      aud: audience,
      sub: 'organization:acme:project:app:workspace:app:run_phase:apply',
      terraform_organization_id: 'org-acme',
      terraform_workspace_id: 'ws-app',
      terraform_run_phase: 'apply',
    },
    strangers: [
      differing('another organization', 'terraform_organization_id', 'org-other'),
      differing('another workspace', 'terraform_workspace_id', 'ws-other'),
      differing('a plan', 'terraform_run_phase', 'plan'),
      ...others,
    ],
  },
  buildkite: {
    role: {
      audience,
      organizationId: '0184990a-477b-4fa8-9968-496074483c77',
      pipelineId: '0184990a-4782-42b5-afc1-16715b10b1b0',
      branch: 'main',
    },
    token: {
      iss: 'https://agent.buildkite.com',
      aud: audience,
      sub: 'organization:acme:pipeline:app:ref:refs/heads/main:commit:9f3182061f1e2cca4702c368cbc039b7dc9d4485:step:deploy',
      organization_id: '0184990a-477b-4fa8-9968-496074483c77',
      pipeline_id: '0184990a-4782-42b5-afc1-16715b10b1b0',
      build_branch: 'main',
    },
    strangers: [
      differing('another organization', 'organization_id', '0184990a-477b-4fa8-9968-496074483c78'),
      differing('another pipeline', 'pipeline_id', '0184990a-4782-42b5-afc1-16715b10b1b1'),
      differing('another branch', 'build_branch', 'feature'),
      ...others,
    ],
  },
  circleci: {
    backend: { organizationId: '8e7ac8b4-d29c-4c3a-8d9f-2b5f2f1a1a11' },
    role: {
      audience,
      projectId: 'c2a3b1de-8f0b-4d0f-9b8d-5f1e2a3b4c5d',
      vcsOrigin: 'github.com/acme/app',
      vcsRef: 'refs/heads/main',
    },
    token: {
      iss: 'https://oidc.circleci.com/org/8e7ac8b4-d29c-4c3a-8d9f-2b5f2f1a1a11',
      aud: audience,
      sub: 'org/8e7ac8b4-d29c-4c3a-8d9f-2b5f2f1a1a11/project/c2a3b1de-8f0b-4d0f-9b8d-5f1e2a3b4c5d/user/u',
      'oidc.circleci.com/project-id': 'c2a3b1de-8f0b-4d0f-9b8d-5f1e2a3b4c5d',
      'oidc.circleci.com/vcs-origin': 'github.com/acme/app',
      'oidc.circleci.com/vcs-ref': 'refs/heads/main',
    },
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
    backend: { workspace: 'acme' },
    role: { audience, repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}', branch: 'main' },
    token: {
      iss: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
      aud: audience,
      sub: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}:{0f5b3c1e-6f0d-4f5e-9a55-6b7c2a9d8e10}',
      repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}',
      branchName: 'main',
    },
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
    token: { iss: 'https://spire.example.org', aud: audience, sub: 'spiffe://example.org/ns/prod/sa/app' },
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

/** Whom a copied test of Consul's login lets in and keeps out. */
export interface ConsulExample {
  /** What the preset takes, or the login's own props where there is no preset. */
  readonly login: Literals;
  /** The role that it gets. */
  readonly role: string;
  /** The claims of a token that gets in. */
  readonly token: Literals;
  /** What others have instead, and the code that they are refused with. */
  readonly strangers: readonly { readonly who: string; readonly claims: Literals; readonly code: string }[];
}

const consulAudience = 'https://consul.example.com';
const deploy = { bindType: 'role', bindName: 'deploy' };

/** What every login keeps out, whatever else it is bound to. */
const otherLogins = others.map(({ who, claims, code }) => ({ who, claims, code }));

const unbound = (who: string, claims: Literals) => ({ who, claims, code: 'no_binding_rule_matched' });

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
  strangers: [unbound('somebody else', { sub: 'mallory' }), ...otherLogins],
};

/** An example of each of Consul's presets, by its name. */
export const consulPresetExamples: Readonly<Record<string, ConsulExample>> = {
  'github-actions': {
    login: { audience: consulAudience, rules: [{ repositoryId: '74', ref: 'refs/heads/main', ...deploy }] },
    role: 'deploy',
    token: githubToken(consulAudience),
    strangers: [
      unbound('another repository', { repository_id: '75' }),
      unbound('another branch', { ref: 'refs/heads/feature' }),
      unbound('an event that strangers cause', { event_name: 'pull_request_target' }),
      ...otherLogins,
    ],
  },
  'gitlab-ci': {
    login: { audience: consulAudience, rules: [{ projectId: '20', ref: 'main', ...deploy }] },
    role: 'deploy',
    token: gitlabToken(consulAudience),
    strangers: [
      unbound('another project', { project_id: '21' }),
      unbound('another branch', { ref: 'feature' }),
      unbound('an unprotected branch', { ref_protected: 'false' }),
      ...otherLogins,
    ],
  },
  kubernetes: {
    login: { audience: consulAudience, rules: [{ namespace: 'prod', serviceAccount: 'app', ...deploy }] },
    role: 'deploy',
    token: kubernetesToken(consulAudience),
    strangers: [
      unbound('another service account', {
        'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'other' } },
      }),
      unbound('another namespace', { 'kubernetes.io': { namespace: 'dev', serviceaccount: { name: 'app' } } }),
      ...otherLogins,
    ],
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
    strangers: [unbound('another namespace', { nomad_namespace: 'dev' }), ...otherLogins],
  },
};
