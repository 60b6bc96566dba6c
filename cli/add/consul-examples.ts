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
  others,
  plainToken,
  spiffeToken,
} from './example-tokens.js';

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
  'hcp-terraform': {
    login: {
      audience: consulAudience,
      rules: [{ ...hcpTerraformRuns, ...deploy }],
    },
    role: 'deploy',
    token: hcpTerraformToken(consulAudience),
    strangers: [
      unbound('another organization', { terraform_organization_id: 'org-other' }),
      unbound('another workspace', { terraform_workspace_id: 'ws-other' }),
      unbound('a plan', { terraform_run_phase: 'plan' }),
      ...otherLogins,
    ],
  },
  buildkite: {
    login: { audience: consulAudience, rules: [{ ...buildkiteJobs, ...deploy }] },
    role: 'deploy',
    token: buildkiteToken(consulAudience),
    strangers: [
      unbound('another organization', { organization_id: '0184990a-477b-4fa8-9968-496074483c78' }),
      unbound('another pipeline', { pipeline_id: '0184990a-4782-42b5-afc1-16715b10b1b1' }),
      unbound('another branch', { build_branch: 'feature' }),
      ...otherLogins,
    ],
  },
  circleci: {
    login: { ...circleciIssuer, audience: consulAudience, rules: [{ ...circleciJobs, ...deploy }] },
    role: 'deploy',
    token: circleciToken(consulAudience),
    strangers: [
      unbound('another project', { 'oidc.circleci.com/project-id': 'c2a3b1de-8f0b-4d0f-9b8d-5f1e2a3b4c5e' }),
      unbound('a fork', { 'oidc.circleci.com/vcs-origin': 'github.com/mallory/app' }),
      unbound('another branch', { 'oidc.circleci.com/vcs-ref': 'refs/heads/feature' }),
      ...otherLogins,
    ],
  },
  bitbucket: {
    login: { ...bitbucketIssuer, audience: consulAudience, rules: [{ ...bitbucketSteps, ...deploy }] },
    role: 'deploy',
    token: bitbucketToken(consulAudience),
    strangers: [
      unbound('another repository', { repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebe}' }),
      unbound('another branch', { branchName: 'feature' }),
      ...otherLogins,
    ],
  },
  google: {
    login: { audience: consulAudience, rules: [{ ...googleWorkloads, ...deploy }] },
    role: 'deploy',
    token: googleToken(consulAudience),
    strangers: [unbound('another service account', { sub: '112010400000000710081' }), ...otherLogins],
  },
  aws: {
    login: { ...awsIssuer, audience: consulAudience, rules: [{ ...awsPrincipals, ...deploy }] },
    role: 'deploy',
    token: awsToken(consulAudience),
    strangers: [
      unbound('another role', { sub: 'arn:aws:iam::123456789012:role/other' }),
      unbound('another account', { sub: 'arn:aws:iam::210987654321:role/deploy' }),
      ...otherLogins,
    ],
  },
  entra: {
    login: { ...entraIssuer, audience: consulAudience, rules: [{ ...entraWorkloads, ...deploy }] },
    role: 'deploy',
    token: entraToken(consulAudience),
    strangers: [unbound('another workload', { oid: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbc' }), ...otherLogins],
  },
  'azure-devops': {
    login: { ...azureDevopsIssuer, rules: [{ ...azureDevopsJobs, ...deploy }] },
    role: 'deploy',
    token: azureDevopsToken,
    strangers: [
      unbound('another service connection', { sub: 'sc://acme/shop/other' }),
      unbound('another project', { sub: 'sc://acme/site/vault' }),
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
  spiffe: {
    login: {
      issuer: 'https://spire.example.org',
      audience: consulAudience,
      rules: [{ trustDomain: 'example.org', path: '/ns/prod/sa/app', ...deploy }],
    },
    role: 'deploy',
    token: spiffeToken(consulAudience),
    strangers: [
      unbound('another workload', { sub: 'spiffe://example.org/ns/prod/sa/other' }),
      unbound('another trust domain', { sub: 'spiffe://example.com/ns/prod/sa/app' }),
      ...otherLogins,
    ],
  },
};
