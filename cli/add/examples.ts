import type { ErrorCode } from '../../errors/index.js';
import type { Literal } from './literal.js';

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
  token: { iss: 'https://issuer.example.com', aud: audience, sub: 'vishpat' },
  strangers: [{ who: 'somebody else', claims: { sub: 'mallory' }, code: 'subject_mismatch', claim: 'sub' }, ...others],
};

/** An example of each preset, by its name. */
export const presetExamples: Readonly<Record<string, Example>> = {
  'github-actions': {
    role: { audience, repositoryId: '74', ref: 'refs/heads/main' },
    token: {
      iss: 'https://token.actions.githubusercontent.com',
      aud: audience,
      sub: 'repo:acme/app:ref:refs/heads/main',
      repository_id: '74',
      ref: 'refs/heads/main',
      event_name: 'push',
    },
    strangers: [
      differing('another repository', 'repository_id', '75'),
      differing('another branch', 'ref', 'refs/heads/feature'),
      differing('an event that strangers cause', 'event_name', 'pull_request_target'),
      ...others,
    ],
  },
  'gitlab-ci': {
    role: { audience, projectId: '20', ref: 'main' },
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
  kubernetes: {
    role: { audience, namespace: 'prod', serviceAccount: 'app' },
    token: {
      iss: 'https://kubernetes.default.svc.cluster.local',
      aud: audience,
      sub: 'system:serviceaccount:prod:app',
      'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'app' } },
    },
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
