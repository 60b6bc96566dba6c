import { isKnown } from '../document/unknown.js';
import type { Bound } from './jwt-role.js';

/** An issuer that signs tokens for many tenants, and the claims that tell them apart. */
export interface SharedIssuer {
  readonly name: string;
  /** Its `iss`. */
  readonly url: string;
  /** What to bind, for the reader. */
  readonly bind: string;
  /** Claims whose value is a tenant's own as a whole: no wildcard may be in it. */
  readonly whole: readonly string[];
  /** Claims that begin with the tenant's name: what must stand before a wildcard. */
  readonly prefixed: Readonly<Record<string, RegExp>>;
}

const PATH_IN_TENANT = /^[^*/]+\//;

/** The issuers, each from its vendor's own documentation. CircleCI is not here: it has an issuer for each tenant. */
const sharedIssuers: readonly SharedIssuer[] = [
  {
    name: 'GitHub Actions',
    url: 'https://token.actions.githubusercontent.com',
    bind: 'repository_owner_id or repository_id, or a sub that begins with "repo:OWNER/"',
    whole: ['repository_owner_id', 'repository_owner', 'repository_id', 'enterprise_id', 'enterprise'],
    prefixed: {
      repository: PATH_IN_TENANT,
      job_workflow_ref: PATH_IN_TENANT,
      workflow_ref: PATH_IN_TENANT,
      // A subject may be customised: any of these claims may come first.
      sub: /^(?:(?:repo|repository|job_workflow_ref|workflow_ref):[^*:/]+\/|(?:repository_owner|repository_owner_id|repository_id|enterprise|enterprise_id):[^*:]+(?::|$))/,
    },
  },
  {
    name: 'GitLab.com',
    url: 'https://gitlab.com',
    bind: 'project_id or namespace_id',
    whole: ['project_id', 'namespace_id', 'user_id'],
    prefixed: {
      project_path: PATH_IN_TENANT,
      namespace_path: /^[^*/]+(?:\/|$)/,
      sub: /^project_path:[^*:/]+\//,
    },
  },
  {
    name: 'HCP Terraform',
    url: 'https://app.terraform.io',
    bind: 'terraform_organization_id, or a sub that begins with "organization:NAME:"',
    whole: [
      ...['terraform_organization_id', 'terraform_organization_name', 'terraform_project_id'],
      ...['terraform_workspace_id'],
    ],
    prefixed: { terraform_full_workspace: /^organization:[^*:]+:/, sub: /^organization:[^*:]+:/ },
  },
  {
    name: 'Buildkite',
    url: 'https://agent.buildkite.com',
    bind: 'organization_slug or organization_id',
    whole: ['organization_id', 'organization_slug', 'pipeline_id'],
    prefixed: { sub: /^organization:[^*:]+:/ },
  },
];

/** Whether a bound leaves in tokens of named tenants alone; true where that is not known. */
export function bindsTenant(issuer: SharedIssuer, { claim, values }: Pick<Bound, 'claim' | 'values'>): boolean {
  const prefix = Object.hasOwn(issuer.prefixed, claim) ? issuer.prefixed[claim] : undefined;
  if (!prefix && !issuer.whole.includes(claim)) return false;
  return values.every((value) => !isKnown(value) || (prefix ? prefix.test(value) : /^[^*]+$/.test(value)));
}

/**
 * The shared issuer that an auth method trusts.
 * @param issuers each `iss` that it takes, or its discovery URL
 * @param keySets the URLs of its key sets, which count where it takes any `iss`
 * @param globs whether `*` in an `iss` is a wildcard; default false
 */
export function sharedIssuerOf(
  issuers: readonly string[],
  keySets: readonly string[],
  globs = false,
): SharedIssuer | undefined {
  const takes = (issuer: string, url: string): boolean =>
    issuer.replace(/\/$/, '') === url || (globs && issuer.endsWith('*') && url.startsWith(issuer.slice(0, -1)));
  return sharedIssuers.find(
    ({ url }) =>
      issuers.some((issuer) => takes(issuer, url)) ||
      (issuers.length === 0 && keySets.some((keySet) => keySet.startsWith(`${url}/`))),
  );
}
