import type { JwtAuthBackendRoleConfig } from '@cdktf/provider-vault/lib/jwt-auth-backend-role/index.js';
import type { TerraformMetaArguments } from 'cdktf';
import type { Allowances } from './allowances.js';

/**
 * Who may log in, and what the Vault token may then do: the provider's own arguments, of which `boundAudiences`,
 * `boundSubject` and `boundClaims` say who. Defaults: `userClaim` "sub", `tokenTtl` 900 s or `tokenMaxTtl` if that is less,
 * `tokenMaxTtl` 3600 s or `tokenTtl` if that is more.
 * A Community Vault drops `aliasMetadata` without a word, and the plan is then never empty.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/jwt_auth_backend_role
 */
export interface VaultJwtRole
  extends Omit<
    JwtAuthBackendRoleConfig,
    | keyof TerraformMetaArguments
    | 'id'
    | 'backend'
    | 'roleType'
    | 'userClaim'
    | 'boundClaims'
    | 'disableBoundClaimsParsing'
  > {
  /** The claim that names the identity; default `sub`. */
  readonly userClaim?: string;
  /** By claim, the value that it must have, or the values of which it must have one. */
  readonly boundClaims?: Readonly<Record<string, string | readonly string[]>>;
  /** The policies of the Vault token; those that the stack declares are made before the role. */
  readonly tokenPolicies: string[];
  readonly allow?: Allowances;
}

/**
 * Hands a role on.
 * @throws TypeError for one that lets everybody in whom the issuer knows, unless that has a reason, and for one with the
 * policy `root`, whose logins Vault refuses
 */
export function refuseEverybody(role: VaultJwtRole): VaultJwtRole {
  const { roleName, boundSubject = '', boundClaims = {}, tokenPolicies, allow = {} } = role;
  if (tokenPolicies.some((policy) => policy.toLowerCase() === 'root')) {
    throw new TypeError(`Vault refuses every login of the role "${roleName}", for its policy "root": name another`);
  }
  // Vault takes an empty subject for none, and nobody has an empty claim.
  for (const [claim, value] of Object.entries(boundClaims)) {
    if (value === undefined || value.length === 0 || (typeof value !== 'string' && value.includes(''))) {
      throw new TypeError(`the role "${roleName}" binds "${claim}" to nothing: name a value or leave it out`);
    }
  }
  // Who asks for a token chooses its audience, and every token of the issuer has its name.
  const isBound = boundSubject !== '' || Object.keys(boundClaims).some((claim) => !/^\/?(?:iss|aud)$/.test(claim));
  if (isBound || allow['audience-only'] !== undefined) return role;
  throw new TypeError(
    `the role "${roleName}" lets everybody in whom the issuer knows: bind "boundSubject" or "boundClaims", or give a reason in its allow["audience-only"]`,
  );
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

/**
 * Bound claims as the provider takes them: it splits values at commas unless told not to, and takes lists in no other way.
 * @throws TypeError for a value with a comma beside a list
 */
export function claimBounds(
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
      `the role "${roleName}" binds a claim to a value with a comma and another to a list: the provider takes one or the other`,
    );
  }
  const boundClaims: Record<string, string> = {};
  for (const { claim, values } of claims) boundClaims[claim] = values.join(',');
  return { boundClaims, ...(hasComma && { disableBoundClaimsParsing: true }) };
}
