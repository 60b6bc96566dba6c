import { isRecord } from '../../../internal/json.js';
import type { ConsulMethod } from '../consul/binding-rules.js';
import { type Block, isKnown, textOf } from '../document/document.js';
import { type Bound, claimsOf, type JwtRole } from './jwt-role.js';

/** Whose tokens a login takes, as far as that is known. */
export interface Trust {
  /** Each `iss` that it takes, or its discovery URL; none where any will do. */
  readonly issuers: readonly string[];
  /** The URLs of its key sets. */
  readonly keySets: readonly string[];
  /** Whether `*` in an issuer is a wildcard. */
  readonly globs: boolean;
}

/** Whose tokens an auth method takes, or a role of it: the issuer is bound in the auth method, or else in the role. */
export function trustOf(backend: Block | undefined, role?: JwtRole): Trust {
  if (backend === undefined) return { issuers: [], keySets: [], globs: false };
  const bound = textOf(backend, 'bound_issuer');
  const ofRole = role?.bounds.find(({ claim }) => /^\/?iss$/.test(claim));
  const discovery = textOf(backend, 'oidc_discovery_url');
  const issuers = bound === undefined ? (ofRole?.values ?? (discovery === undefined ? [] : [discovery])) : [bound];
  return { issuers, keySets: keySetsOf(backend), globs: bound === undefined && role?.globs === true };
}

/** Whose tokens an auth method of Consul takes. */
export function trustOfMethod({ config = {} }: ConsulMethod): Trust {
  const text = (name: string): string | undefined => {
    const value = config[name];
    return typeof value === 'string' && value !== '' && isKnown(value) ? value : undefined;
  };
  const issuer = text('boundissuer') ?? text('oidcdiscoveryurl');
  const keySet = text('jwksurl');
  return { issuers: issuer === undefined ? [] : [issuer], keySets: keySet === undefined ? [] : [keySet], globs: false };
}

function keySetsOf(backend: Block): string[] {
  const pairs = backend.attributes['jwks_pairs'];
  const urls = (Array.isArray(pairs) ? pairs : []).map((pair) => (isRecord(pair) ? pair['jwks_url'] : undefined));
  return [textOf(backend, 'jwks_url'), ...urls].filter((url) => typeof url === 'string');
}

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
  { name: 'Azure DevOps', url: /^https:\/\/vstoken\.dev\.azure\.com\// },
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
