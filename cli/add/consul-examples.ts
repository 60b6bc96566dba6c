import type { Literal } from './literal.js';

type Literals = Readonly<Record<string, Literal>>;

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

const audience = 'https://consul.example.com';
const deploy = { bindType: 'role', bindName: 'deploy' };

/** What every login keeps out, whatever else it is bound to. */
const forAnother = {
  who: 'a token for another audience',
  claims: { aud: 'https://elsewhere.example.com' },
  code: 'audience_mismatch',
};
const fromAnother = {
  who: 'a token of another issuer',
  claims: { iss: 'https://elsewhere.example.com' },
  code: 'issuer_mismatch',
};
const others = [forAnother, fromAnother];

const differing = (who: string, claims: Literals) => ({ who, claims, code: 'no_binding_rule_matched' });

/** The login of one person, without a preset. */
export const plainConsulExample: ConsulExample = {
  login: {
    name: 'jwt',
    boundIssuer: 'https://issuer.example.com',
    boundAudiences: [audience],
    claimMappings: { sub: 'user' },
    bindingRules: [{ ...deploy, selector: 'value.user == "vishpat"' }],
  },
  role: 'deploy',
  token: { iss: 'https://issuer.example.com', aud: audience, sub: 'vishpat' },
  strangers: [differing('somebody else', { sub: 'mallory' }), ...others],
};

/** An example of each preset, by its name. */
export const consulPresetExamples: Readonly<Record<string, ConsulExample>> = {
  'github-actions': {
    login: { audience, rules: [{ repositoryId: '74', ref: 'refs/heads/main', ...deploy }] },
    role: 'deploy',
    token: {
      iss: 'https://token.actions.githubusercontent.com',
      aud: audience,
      sub: 'repo:acme/app:ref:refs/heads/main',
      repository_id: '74',
      ref: 'refs/heads/main',
      event_name: 'push',
    },
    strangers: [
      differing('another repository', { repository_id: '75' }),
      differing('another branch', { ref: 'refs/heads/feature' }),
      differing('an event that strangers cause', { event_name: 'pull_request_target' }),
      ...others,
    ],
  },
  'gitlab-ci': {
    login: { audience, rules: [{ projectId: '20', ref: 'main', ...deploy }] },
    role: 'deploy',
    token: {
      iss: 'https://gitlab.com',
      aud: audience,
      sub: 'project_path:acme/app:ref_type:branch:ref:main',
      project_id: '20',
      ref: 'main',
      ref_type: 'branch',
      ref_protected: 'true',
    },
    strangers: [
      differing('another project', { project_id: '21' }),
      differing('another branch', { ref: 'feature' }),
      differing('an unprotected branch', { ref_protected: 'false' }),
      ...others,
    ],
  },
  kubernetes: {
    login: { audience, rules: [{ namespace: 'prod', serviceAccount: 'app', ...deploy }] },
    role: 'deploy',
    token: {
      iss: 'https://kubernetes.default.svc.cluster.local',
      aud: audience,
      sub: 'system:serviceaccount:prod:app',
      'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'app' } },
    },
    strangers: [
      differing('another service account', {
        'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'other' } },
      }),
      differing('another namespace', { 'kubernetes.io': { namespace: 'dev', serviceaccount: { name: 'app' } } }),
      ...others,
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
    strangers: [differing('another namespace', { nomad_namespace: 'dev' }), ...others],
  },
};
