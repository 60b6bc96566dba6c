import { isKnown } from '../document/document.js';
import type { Bound } from './jwt-role.js';
import type { Trust } from './trust.js';

/** An issuer that signs tokens for many tenants, and the claims that tell them apart. */
export interface SharedIssuer {
  /** Whom it signs for, as the beginning of a sentence. */
  readonly signs: string;
  /** Its `iss`, without the scheme; a role that takes a beginning of it takes it, too. */
  readonly issuer: string;
  /** Others that mean the same, without the scheme. */
  readonly others?: RegExp;
  /** Where its keys are, if not below its issuer. */
  readonly keySet?: RegExp;
  /** What to bind, for the reader. */
  readonly bind: string;
  /** Claims whose value is a tenant's own as a whole: no wildcard may be in it. */
  readonly whole: readonly string[];
  /** Claims that begin with the tenant's name: what must stand before a wildcard. */
  readonly prefixed: Readonly<Record<string, RegExp>>;
}

const PATH_IN_TENANT = /^[^*/]+\//;
const PATH_OF_TENANT = /^[^*/]+(?:\/|$)/;

/** The issuers, each from its vendor's own documentation. CircleCI is not here: it has an issuer for each tenant. */
const sharedIssuers: readonly SharedIssuer[] = [
  {
    signs: everybody('GitHub Actions', 'token.actions.githubusercontent.com'),
    issuer: 'token.actions.githubusercontent.com',
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
    signs: everybody('GitLab.com', 'gitlab.com'),
    issuer: 'gitlab.com',
    bind: 'project_id or namespace_id',
    whole: ['project_id', 'namespace_id', 'user_id'],
    prefixed: {
      project_path: PATH_IN_TENANT,
      namespace_path: PATH_OF_TENANT,
      // Where people log in, a subject is their number, and groups are paths.
      groups: PATH_OF_TENANT,
      groups_direct: PATH_OF_TENANT,
      sub: /^(?:project_path:[^*:/]+\/|\d+$)/,
    },
  },
  {
    signs: everybody('HCP Terraform', 'app.terraform.io'),
    issuer: 'app.terraform.io',
    bind: 'terraform_organization_id, or a sub that begins with "organization:NAME:"',
    whole: [
      ...['terraform_organization_id', 'terraform_organization_name', 'terraform_project_id'],
      ...['terraform_workspace_id'],
    ],
    prefixed: { terraform_full_workspace: /^organization:[^*:]+:/, sub: /^organization:[^*:]+:/ },
  },
  {
    signs: everybody('Buildkite', 'agent.buildkite.com'),
    issuer: 'agent.buildkite.com',
    bind: 'organization_slug or organization_id',
    whole: ['organization_id', 'organization_slug', 'pipeline_id'],
    prefixed: { sub: /^organization:[^*:]+:/ },
  },
  {
    signs: everybody('Google', 'accounts.google.com'),
    issuer: 'accounts.google.com',
    keySet: /^https:\/\/www\.googleapis\.com\/oauth2\//,
    bind: 'sub, email or hd, or /google/compute_engine/project_id of an instance',
    whole: [
      ...['azp', 'email', 'hd', 'sub'],
      ...['/google/compute_engine/instance_id', '/google/compute_engine/project_id'],
    ],
    prefixed: {},
  },
  {
    signs: 'Microsoft Entra signs at "common" and "organizations" for the accounts of every tenant',
    issuer: 'login.microsoftonline.com/common',
    others: /^login\.microsoftonline\.com\/(?:common|consumers|organizations)(?:\/v2\.0)?$/,
    // The keys are the same whichever tenant the URL names.
    keySet: /^https:\/\/login\.microsoftonline\.com\//,
    bind: 'tid, or bind the issuer of your tenant',
    whole: ['groups', 'oid', 'sub', 'tid'],
    prefixed: {},
  },
  {
    signs: 'Azure DevOps signs with the same keys for every organization',
    issuer: 'vstoken.dev.azure.com',
    bind: 'a sub that begins with "sc://ORGANIZATION/", or bind the issuer of your organization',
    whole: [],
    prefixed: { sub: /^sc:\/\/[^*/]+\// },
  },
  {
    signs: everybody('Vercel', 'oidc.vercel.com'),
    issuer: 'oidc.vercel.com',
    bind: 'owner_id or project_id, or a sub that begins with "owner:TEAM:"; or use the issuer of your team',
    whole: ['owner', 'owner_id', 'project_id'],
    prefixed: { sub: /^owner:[^*:]+:/ },
  },
];

function everybody(name: string, issuer: string): string {
  return `${name} signs tokens for every customer with the issuer "https://${issuer}"`;
}

/** Whether a bound leaves in tokens of named tenants alone; true where that is not known. */
export function bindsTenant(issuer: SharedIssuer, { claim, values }: Pick<Bound, 'claim' | 'values'>): boolean {
  // A pointer to a claim that is in no other is its name.
  const name = claim.replace(/^\/(?=[^/]+$)/, '');
  const prefix = Object.hasOwn(issuer.prefixed, name) ? issuer.prefixed[name] : undefined;
  if (!prefix && !issuer.whole.includes(name)) return false;
  return values.every((value) => !isKnown(value) || (prefix ? prefix.test(value) : /^[^*]+$/.test(value)));
}

/** The shared issuer whose tokens a login takes: by its `iss`, or by its keys where any `iss` will do. */
export function sharedIssuerOf({ issuers, keySets, globs }: Trust): SharedIssuer | undefined {
  return sharedIssuers.find(
    ({ issuer, others, keySet }) =>
      issuers.some((one) => {
        const written = withoutScheme(one);
        if (written === issuer || others?.test(written) === true) return true;
        return globs && one.endsWith('*') && `https://${issuer}`.startsWith(one.slice(0, -1));
      }) ||
      (issuers.length === 0 &&
        keySets.some((one) => keySet?.test(one) === true || one.startsWith(`https://${issuer}/`))),
  );
}

/** An issuer without its scheme and a slash at its end, which nobody means by itself. */
function withoutScheme(issuer: string): string {
  return issuer.replace(/^https?:\/\//, '').replace(/\/$/, '');
}
