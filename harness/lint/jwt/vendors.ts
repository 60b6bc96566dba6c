import { claimsOf, type JwtRole } from './jwt-role.js';
import { type Trust, trustOf } from './trust.js';

/** Who signs, and what is peculiar about the tokens, which all have an `aud`. */
export interface Vendor {
  readonly name: string;
  /** What its issuers or its key sets look like. */
  readonly url: RegExp;
  /** Whether `ref` is `refs/heads/main` or `main`. */
  readonly ref?: 'full' | 'short';
  /** Claims that are numbers. */
  readonly numbers?: readonly string[];
  /** Claims whose values are ids of digits, letters and hyphens alone. */
  readonly ids?: readonly string[];
  /** The `aud` of all tokens, where no one may choose it. */
  readonly audience?: string;
}

const vendors: readonly Vendor[] = [
  {
    name: 'GitHub Actions',
    url: /^https:\/\/token\.actions\.(?:githubusercontent\.com|[\w-]+\.ghe\.com)(?:\/|$)|^https:\/\/[^/]+\/_services\/token(?:\/|$)/,
    ref: 'full',
    ids: ['actor_id', 'enterprise_id', 'repository_id', 'repository_owner_id', 'run_id'],
  },
  {
    name: 'GitLab',
    url: /^https:\/\/gitlab\.[\w.-]+(?::\d+)?(?:\/|$)|\/(?:oauth\/discovery\/keys|-\/jwks)$/,
    ref: 'short',
    numbers: ['runner_id'],
    ids: ['job_id', 'job_namespace_id', 'job_project_id', 'namespace_id', 'pipeline_id', 'project_id', 'user_id'],
  },
  {
    name: 'HCP Terraform',
    url: /^https:\/\/app\.(?:eu\.)?terraform\.io(?:\/|$)/,
    ids: ['terraform_organization_id', 'terraform_project_id', 'terraform_run_id', 'terraform_workspace_id'],
  },
  {
    name: 'Buildkite',
    url: /^https:\/\/agent\.buildkite\.com(?:\/|$)/,
    numbers: ['build_number'],
    ids: ['agent_id', 'job_id', 'organization_id', 'pipeline_id'],
  },
  { name: 'CircleCI', url: /^https:\/\/oidc\.circleci\.com\/org\//, ids: ['oidc.circleci.com/project-id'] },
  {
    name: 'Google',
    url: /^https:\/\/(?:accounts\.google\.com(?:\/|$)|www\.googleapis\.com\/oauth2\/)/,
    numbers: ['/google/compute_engine/instance_creation_timestamp', '/google/compute_engine/project_number'],
    ids: ['sub', '/google/compute_engine/instance_id'],
  },
  {
    name: 'Microsoft Entra',
    url: /^https:\/\/(?:login\.microsoftonline\.com|sts\.windows\.net)\//,
    ids: ['appid', 'azp', 'oid', 'tid'],
  },
  { name: 'AWS', url: /^https:\/\/[\w-]+\.tokens\.sts\.global\.api\.aws(?:\/|$)/ },
  {
    name: 'Bitbucket Pipelines',
    url: /^https:\/\/api\.bitbucket\.org\/2\.0\/workspaces\/[^/]+\/pipelines-config\/identity\/oidc(?:\/|$)/,
  },
  {
    name: 'Azure DevOps',
    url: /^https:\/\/vstoken\.dev\.azure\.com\//,
    audience: 'api://AzureADTokenExchange',
  },
  { name: 'Vercel', url: /^https:\/\/oidc\.vercel\.com(?:\/|$)/ },
  {
    name: 'Kubernetes',
    url: /^https:\/\/(?:kubernetes\.default\.svc|oidc\.eks\.[\w-]+\.amazonaws\.com\/id\/|container\.googleapis\.com\/v1\/projects\/|[\w.-]+\.oic\.prod-aks\.azure\.com\/)|\/openid\/v1\/jwks$/,
    numbers: ['/kubernetes.io/warnafter'],
    ids: ['/kubernetes.io/pod/uid', '/kubernetes.io/serviceaccount/uid'],
  },
];

/**
 * The vendor whose tokens a login takes; undefined where it is somebody else, or where that is not known.
 * @param claims the claims that the login speaks of: those of a pod tell that Kubernetes signs, wherever its cluster is
 */
export function vendorOf({ issuers, keySets }: Trust, claims: readonly string[]): Vendor | undefined {
  const urls = [...issuers, ...keySets].map((url) => (url.includes('://') ? url : `https://${url}`));
  const isKubernetes = claims.some((claim) => claim.startsWith('/kubernetes.io/'));
  return vendors.find(({ name, url }) => (isKubernetes && name === 'Kubernetes') || urls.some((one) => url.test(one)));
}

/** The vendor whose tokens a role takes. */
export function vendorOfRole(role: JwtRole): Vendor | undefined {
  return vendorOf(trustOf(role.backend, role), claimsOf(role));
}
