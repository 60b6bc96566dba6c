import type { KnownOptions } from '../known-options.js';
import { lifetime, type VaultJwtRole } from '../vault-jwt-role.js';
import { type Bound, type ClaimBounds, checkBeginning } from './claim-bounds.js';

/** What every preset's role takes. */
export interface PresetRoleProps {
  readonly roleName: string;
  /** The `aud` that the job asks its token for; a value of this Vault's own keeps tokens for others out. */
  readonly audience: string | readonly string[];
  /** The policies of the Vault token. */
  readonly tokenPolicies: readonly string[];
  /** How long the Vault token lives, in seconds; default 300, or `tokenMaxTtl` if that is less. */
  readonly tokenTtl?: number;
  /** How long it can be renewed for, in seconds; default 900, or `tokenTtl` if that is more. */
  readonly tokenMaxTtl?: number;
}

/** The options of every preset's role. */
export const roleOptions: KnownOptions<PresetRoleProps> = {
  roleName: true,
  audience: true,
  tokenPolicies: true,
  tokenTtl: true,
  tokenMaxTtl: true,
};

/** Who gets in, besides the audience. */
export interface Who {
  /** The claim that names the identity, or a JSON pointer to it. */
  readonly userClaim: string;
  readonly subject?: string | undefined;
  readonly claims: ClaimBounds;
  /** What `tokenTtl` and `tokenMaxTtl` are where they are not given, if not the usual. */
  readonly tokenTtl?: number;
  readonly tokenMaxTtl?: number;
}

/**
 * A role of bounds that mean what they say.
 * @throws TypeError for a value that Terraform or Vault would read as something else, no audience, or no end
 */
export function roleFor(props: PresetRoleProps, { userClaim, subject, claims, ...defaults }: Who): VaultJwtRole {
  const { roleName, tokenPolicies } = props;
  const { tokenTtl, tokenMaxTtl } = lifetime(props, { tokenTtl: 300, tokenMaxTtl: 900, ...defaults });
  const audiences = typeof props.audience === 'string' ? [props.audience] : (props.audience ?? []);
  if (audiences.length === 0)
    throw new TypeError(`role "${roleName}" accepts tokens for any audience: add an audience`);
  for (const [name, seconds] of Object.entries({ tokenTtl, tokenMaxTtl })) {
    // Vault takes 0 for the longest time that it has.
    if (Number.isSafeInteger(seconds) && seconds > 0) continue;
    throw new TypeError(`"${name}" of role "${roleName}" must be a whole number of seconds above 0, not "${seconds}"`);
  }
  if (tokenTtl > tokenMaxTtl) {
    throw new TypeError(
      `"tokenTtl" of role "${roleName}" is greater than its "tokenMaxTtl", which Vault refuses: lower it`,
    );
  }
  const boundClaims: Record<string, string | readonly string[]> = {};
  for (const [claim, bound] of Object.entries(claims)) {
    if (bound !== undefined) boundClaims[claim] = valueFor(claim, bound);
  }
  const hasGlob = Object.values(claims).some((bound) => typeof bound === 'object' && 'below' in bound);
  return {
    roleName,
    boundAudiences: audiences.map((audience) => exact('audience', audience)),
    ...(subject === undefined ? {} : { boundSubject: exact('sub', subject) }),
    ...(Object.keys(boundClaims).length === 0 ? {} : { boundClaims }),
    ...(hasGlob ? { boundClaimsType: 'glob' } : {}),
    userClaim,
    ...(userClaim.startsWith('/') ? { userClaimJsonPointer: true } : {}),
    tokenPolicies: [...tokenPolicies],
    tokenTtl,
    tokenMaxTtl,
  };
}

function valueFor(claim: string, bound: Bound | readonly string[]): string | readonly string[] {
  if (typeof bound === 'string') return exact(claim, bound);
  if (!('below' in bound)) {
    if (bound.length === 0) throw new TypeError(`"${claim}" is bound to an empty list: name a value or leave it out`);
    return bound.map((value) => exact(claim, value));
  }
  const beginning = exact(claim, bound.below);
  checkBeginning(claim, beginning);
  return `${beginning}*`;
}

function exact(claim: string, value: string): string {
  const refuse = (why: string): never => {
    throw new TypeError(`"${claim}" can't be bound to ${JSON.stringify(value)}: ${why}`);
  };
  if (typeof value !== 'string') return refuse('a bound is a string, and a string never equals another type');
  if (value === '' || value !== value.trim()) return refuse('it is empty, or begins or ends with a space');
  if (value.includes(',')) return refuse('the provider splits a value with commas into a list');
  if (value.includes('*')) return refuse('"*" can be a literal or a wildcard: use { below: "..." }');
  if (/[$%]\{|\p{Cc}/u.test(value)) return refuse('Terraform would read it as an expression, or it is not printable');
  return value;
}
