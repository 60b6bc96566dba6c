import type { JwtAuthBackendRoleConfig } from '@cdktf/provider-vault/lib/jwt-auth-backend-role/index.js';
import { type TerraformMetaArguments, Token } from 'cdktf';
import { type Allowances, escaped } from './checks.js';
import { type KnownOptions, refuseUnknown } from './known-options.js';

/**
 * Who may log in, and what the Vault token may then do: the provider's own arguments, of which `boundAudiences`,
 * `boundSubject` and `boundClaims` say who. Defaults: `userClaim` "sub", `tokenTtl` 900 s or `tokenMaxTtl` if that is less,
 * `tokenMaxTtl` 3600 s or `tokenTtl` if that is more.
 * A Community Vault drops `aliasMetadata` without a word, and the plan is then never empty.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/jwt_auth_backend_role
 */
export interface VaultJwtRole
  extends ReadonlyLists<
    Omit<
      JwtAuthBackendRoleConfig,
      | keyof TerraformMetaArguments
      | 'id'
      | 'backend'
      | 'roleType'
      | 'userClaim'
      | 'boundClaims'
      | 'tokenPolicies'
      | 'disableBoundClaimsParsing'
    >
  > {
  /** The claim that names the identity; default `sub`. */
  readonly userClaim?: string;
  /** By claim, the value that it must have, or the values of which it must have one. */
  readonly boundClaims?: Readonly<Record<string, string | readonly string[]>>;
  /** The policies of the Vault token; those that the stack declares are made before the role. */
  readonly tokenPolicies: readonly string[];
  readonly allow?: Allowances;
}

/** The arguments of a role. */
export const roleArguments: KnownOptions<VaultJwtRole> = {
  roleName: true,
  userClaim: true,
  userClaimJsonPointer: true,
  boundSubject: true,
  boundAudiences: true,
  boundClaims: true,
  boundClaimsType: true,
  claimMappings: true,
  groupsClaim: true,
  aliasMetadata: true,
  tokenPolicies: true,
  tokenNoDefaultPolicy: true,
  tokenTtl: true,
  tokenMaxTtl: true,
  tokenExplicitMaxTtl: true,
  tokenPeriod: true,
  tokenNumUses: true,
  tokenBoundCidrs: true,
  tokenType: true,
  clockSkewLeeway: true,
  expirationLeeway: true,
  notBeforeLeeway: true,
  maxAge: true,
  namespace: true,
  allowedRedirectUris: true,
  oidcScopes: true,
  verboseOidcLogging: true,
  allow: true,
};

/** Arguments of the provider whose lists may be read-only, as those of a constant are. */
export type ReadonlyLists<Config> = {
  readonly [Name in keyof Config]: string[] extends Config[Name]
    ? Exclude<Config[Name], string[]> | readonly string[]
    : Config[Name];
};

/**
 * Hands a role on.
 * @throws TypeError for what {@link checkArguments} refuses, and for a role that accepts every subject of the issuer, unless that
 * has a reason
 */
export function checkRole(role: VaultJwtRole): VaultJwtRole {
  checkArguments(role, roleArguments);
  if (bindsSubject(role) || role.allow?.['audience-only'] !== undefined) return role;
  throw new TypeError(
    `the role "${role.roleName}" accepts every subject of this issuer: set "boundSubject" or "boundClaims", or give a reason in its allow["audience-only"]`,
  );
}

/** Whether a role is for some subjects: a caller chooses the audience of a token, and every token of the issuer has its name. */
export function bindsSubject({ boundSubject = '', boundClaims = {} }: VaultJwtRole): boolean {
  return boundSubject !== '' || Object.keys(boundClaims).some((claim) => !/^\/?(?:iss|aud)$/.test(claim));
}

/**
 * Checks the arguments of a role.
 * @throws TypeError for an unknown argument, a value that Vault refuses or keeps in another way, and the policy `root`, with which
 * Vault refuses every login
 */
export function checkArguments<Role extends VaultJwtRole>(role: Role, known: KnownOptions<Role>): void {
  const { roleName, boundClaims = {}, tokenPolicies } = role;
  refuseUnknown(`role "${roleName}"`, role, known);
  requireLists(role);
  if (role.tokenType === '') throw new TypeError(`the role "${roleName}" has an empty "tokenType": leave it out`);
  if (tokenPolicies.some((policy) => policy.toLowerCase() === 'root')) {
    throw new TypeError(
      `Vault refuses every login of the role "${roleName}", because of its policy "root": choose another policy`,
    );
  }
  // Vault takes an empty subject for none, and nobody has an empty claim.
  for (const [claim, value] of Object.entries(boundClaims)) {
    if (!isText(value)) {
      throw new TypeError(
        `the role "${roleName}" binds "${claim}" to ${JSON.stringify(value)}; expected a string or a list of strings, which never equal another type`,
      );
    }
    if (value.length === 0 || (typeof value !== 'string' && value.includes(''))) {
      throw new TypeError(`the role "${roleName}" binds "${claim}" to nothing: name a value or leave it out`);
    }
  }
  refuseSpaces(role);
}

function isText(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'));
}

/** What TypeScript holds, for those who write JavaScript; and an audience that is empty lets in a token with such a one. */
function requireLists(role: VaultJwtRole): void {
  const { roleName, tokenPolicies } = role;
  if (tokenPolicies === undefined) throw new TypeError(`the role "${roleName}" has no "tokenPolicies": give a list`);
  for (const name of ['tokenPolicies', 'boundAudiences', 'tokenBoundCidrs'] as const) {
    const value: unknown = role[name];
    if (value === undefined) continue;
    if (Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '')) continue;
    throw new TypeError(
      `invalid ${name} of the role "${roleName}": ${JSON.stringify(value)}; expected a list of strings that are not empty`,
    );
  }
}

/** The provider and Vault take spaces away: what is kept is another value than what is declared, and lets others in. */
function refuseSpaces({ roleName, boundAudiences = [], boundClaims = {}, tokenBoundCidrs = [] }: VaultJwtRole): void {
  const check = (argument: string, value: unknown): void => {
    if (typeof value !== 'string' || value === value.trim()) return;
    throw new TypeError(
      `${argument} of the role "${roleName}" has spaces around ${JSON.stringify(value)}, which Vault removes: leave them out`,
    );
  };
  for (const audience of boundAudiences) check('boundAudiences', audience);
  for (const cidr of tokenBoundCidrs) check('tokenBoundCidrs', cidr);
  for (const [claim, bound] of Object.entries(boundClaims)) {
    for (const value of typeof bound === 'string' ? [bound] : bound) check(`boundClaims "${claim}"`, value);
  }
}

/** How long a token lives and can be renewed for, in seconds: no default contradicts what is given, which Vault refuses. */
export function lifetime(
  { tokenTtl, tokenMaxTtl }: Pick<VaultJwtRole, 'tokenTtl' | 'tokenMaxTtl'>,
  defaults: { readonly tokenTtl: number; readonly tokenMaxTtl: number },
): { tokenTtl: number; tokenMaxTtl: number } {
  // What Terraform fills in later is a number below 0 here, and 0 is no end.
  const { tokenTtl: ttl, tokenMaxTtl: maxTtl } = defaults;
  const isShorter = tokenMaxTtl !== undefined && tokenMaxTtl > 0 && tokenMaxTtl < ttl;
  const isLonger = tokenTtl !== undefined && tokenTtl > maxTtl;
  return {
    tokenTtl: tokenTtl ?? (isShorter ? tokenMaxTtl : ttl),
    tokenMaxTtl: tokenMaxTtl ?? (isLonger ? tokenTtl : maxTtl),
  };
}

/** The arguments of the provider, besides those that the stack decides. */
export function argumentsOf({
  boundClaims,
  userClaim = 'sub',
  allow: _allow,
  tokenPolicies: _policies,
  tokenBoundCidrs,
  boundAudiences,
  claimMappings,
  groupsClaim,
  ...role
}: VaultJwtRole): Omit<JwtAuthBackendRoleConfig, 'tokenPolicies'> {
  return {
    ...(role as Omit<JwtAuthBackendRoleConfig, 'userClaim'>),
    userClaim: escaped(userClaim),
    ...(role.boundSubject !== undefined && { boundSubject: escaped(role.boundSubject) }),
    ...(boundAudiences && { boundAudiences: boundAudiences.map(escaped) }),
    ...(claimMappings && { claimMappings: escapedPairs(claimMappings) }),
    ...(groupsClaim !== undefined && { groupsClaim: escaped(groupsClaim) }),
    // Vault keeps IPv6 addresses in lower case.
    ...(tokenBoundCidrs && { tokenBoundCidrs: tokenBoundCidrs.map((cidr) => cidr.toLowerCase()) }),
    ...claimBounds(role.roleName, boundClaims),
  };
}

function escapedPairs(pairs: Readonly<Record<string, string>>): Record<string, string> {
  const made: Record<string, string> = {};
  for (const [name, value] of Object.entries(pairs)) made[escaped(name)] = escaped(value);
  return made;
}

/**
 * Bound claims as the provider reads them: it splits values at commas by default, and accepts lists in no other way.
 * @throws TypeError for a value with a comma beside a list
 */
function claimBounds(
  roleName: string,
  bound: VaultJwtRole['boundClaims'],
): Pick<JwtAuthBackendRoleConfig, 'boundClaims' | 'disableBoundClaimsParsing'> {
  if (bound === undefined) return {};
  const claims = Object.entries(bound).map(([claim, value]) => ({
    claim,
    values: typeof value === 'string' ? [value] : value,
  }));
  const hasComma = claims.some(({ values }) => values.some((value) => value.includes(',')));
  if (hasComma && claims.some(({ values }) => values.length !== 1)) {
    throw new TypeError(
      `the role "${roleName}" binds a claim to a value with a comma and another to a list: the provider accepts only one of these`,
    );
  }
  const boundClaims: Record<string, string> = {};
  for (const { claim, values } of claims) boundClaims[escaped(claim)] = escaped(values.join(','));
  return { boundClaims, ...(hasComma && { disableBoundClaimsParsing: true }) };
}

/**
 * Hands the name of a role on.
 * @throws TypeError for one that no path of Vault's API can have
 * @see https://github.com/hashicorp/vault (sdk/framework, GenericNameRegex)
 */
export function checkRoleName(name: string): string {
  if (typeof name === 'string' && (Token.isUnresolved(name) || /^\w(?:[\w.-]*\w)?$/.test(name))) return name;
  throw new TypeError(
    `invalid role name ${JSON.stringify(name)}; expected letters, digits, "_", "-" and ".", with a letter, a digit or "_" at both ends`,
  );
}

/**
 * Hands the name of a policy or a group on.
 * @throws TypeError for an empty one, and for spaces around it, which Vault takes away
 */
export function checkName(what: string, name: string): string {
  if (typeof name === 'string' && name !== '' && name === name.trim()) return name;
  throw new TypeError(`invalid ${what} name ${JSON.stringify(name)}; expected a string without spaces around it`);
}

/**
 * Hands the path of an engine or an auth method on.
 * @throws TypeError for an empty one, and for slashes or spaces around it
 */
export function checkMountPath(what: string, path: string): string {
  if (typeof path === 'string' && path !== '' && !/^[\s/]|[\s/]$|\/\//.test(path)) return path;
  throw new TypeError(`invalid ${what} path ${JSON.stringify(path)}; expected one without slashes or spaces around it`);
}

/** The name of a policy, or its default role's, as Vault keeps it: in lower case. */
export function lowerCase(name: string): string {
  return Token.isUnresolved(name) ? name : name.toLowerCase();
}

/** Issuers whose tokens always have an `aud`. */
const WITH_AUDIENCE: readonly RegExp[] = [
  /^https:\/\/token\.actions\.(?:githubusercontent\.com|[\w-]+\.ghe\.com)(?:\/|$)/,
  /^https:\/\/gitlab\.com$/,
  /^https:\/\/app\.(?:eu\.)?terraform\.io$/,
  /^https:\/\/oidc\.circleci\.com\/org\//,
  /^https:\/\/kubernetes\.default\.svc(?:\.cluster\.local)?$/,
];

/**
 * Refuses a role that lets nobody in: since Vault 1.17 a token with an `aud` takes a role with `boundAudiences`.
 * @throws TypeError for a role without them at an issuer whose tokens always have one
 * @see https://developer.hashicorp.com/vault/docs/upgrading/upgrade-to-1.17.x
 */
export function requireVendorAudience(
  { roleName, boundAudiences = [] }: { readonly roleName: string; readonly boundAudiences?: readonly string[] },
  issuers: readonly string[],
): void {
  const vendor = issuers.find((url) => WITH_AUDIENCE.some((issuer) => issuer.test(url)));
  if (boundAudiences.length > 0 || vendor === undefined) return;
  throw new TypeError(
    `the role "${roleName}" accepts no one: tokens of "${vendor}" always have an "aud", and Vault 1.17 and later refuses them without "boundAudiences"`,
  );
}
