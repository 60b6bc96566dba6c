import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { flag, integer, text, textMap, textSet, withoutSlashes } from '../arguments.js';
import { resourceType, type ServerRequest } from '../resource-type.js';

const TOKEN_ARGUMENTS = {
  token_ttl: 0,
  token_max_ttl: 0,
  token_explicit_max_ttl: 0,
  token_period: 0,
  token_num_uses: 0,
  token_policies: [],
  token_bound_cidrs: [],
  token_no_default_policy: false,
  token_type: 'default',
  alias_metadata: {},
} as const;

const schema = z.strictObject({
  backend: text.overwrite(withoutSlashes).default('jwt'),
  role_name: text,
  role_type: text.optional(),
  user_claim: text,
  user_claim_json_pointer: flag.default(false),
  bound_audiences: textSet.default([]),
  bound_subject: text.optional(),
  bound_claims: textMap.default({}),
  bound_claims_type: text.optional(),
  disable_bound_claims_parsing: flag.default(false),
  claim_mappings: textMap.optional(),
  groups_claim: text.optional(),
  clock_skew_leeway: integer.default(0),
  expiration_leeway: integer.default(0),
  not_before_leeway: integer.default(0),
  allowed_redirect_uris: textSet.optional(),
  oidc_scopes: textSet.optional(),
  verbose_oidc_logging: flag.default(false),
  max_age: integer.optional(),
  token_ttl: integer.optional(),
  token_max_ttl: integer.optional(),
  token_explicit_max_ttl: integer.optional(),
  token_period: integer.optional(),
  token_policies: textSet.optional(),
  token_bound_cidrs: textSet.optional(),
  token_no_default_policy: flag.optional(),
  token_num_uses: integer.optional(),
  token_type: text.default('default'),
  alias_metadata: textMap.optional(),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/auth/jwt#create-update-role */
export const vaultJwtAuthBackendRole = resourceType({
  type: 'vault_jwt_auth_backend_role',
  schema,
  computed: ['id'],
  forceNew: ['backend', 'role_name', 'role_type'],
  kept: ['role_type', 'bound_claims_type'],
  path: pathOf,
  create: async (request, attributes) => {
    await write(request, attributes, (_name, value) => !isEmpty(value));
    return {
      id: pathOf(attributes),
      role_type: attributes.role_type ?? 'oidc',
      bound_claims_type: attributes.bound_claims_type ?? 'string',
    };
  },
  // Vault keeps what is not sent, and the provider sends a token argument when it changed.
  update: async (request, attributes, { attributes: before }) => {
    await write(request, attributes, (name, value) => !isDeepStrictEqual(value, before[name] ?? TOKEN_ARGUMENTS[name]));
    return undefined;
  },
  remove: async (request, { attributes }) => {
    await request('DELETE', pathOf(attributes));
  },
});

type TokenArgument = keyof typeof TOKEN_ARGUMENTS;

const TOKEN_ARGUMENT_NAMES = Object.keys(TOKEN_ARGUMENTS) as TokenArgument[];

function write(
  request: ServerRequest,
  attributes: Attributes,
  isSent: (name: TokenArgument, value: unknown) => boolean,
): Promise<unknown> {
  const body: Record<string, unknown> = {
    bound_audiences: attributes.bound_audiences,
    user_claim: attributes.user_claim,
    user_claim_json_pointer: attributes.user_claim_json_pointer,
    bound_subject: attributes.bound_subject ?? '',
    bound_claims: boundClaims(attributes),
    bound_claims_type: attributes.bound_claims_type,
    groups_claim: attributes.groups_claim ?? '',
    clock_skew_leeway: attributes.clock_skew_leeway,
    expiration_leeway: attributes.expiration_leeway,
    not_before_leeway: attributes.not_before_leeway,
    verbose_oidc_logging: attributes.verbose_oidc_logging,
    // The provider never takes these back.
    role_type: unlessEmpty(attributes.role_type),
    claim_mappings: unlessEmpty(attributes.claim_mappings),
    oidc_scopes: unlessEmpty(attributes.oidc_scopes),
    allowed_redirect_uris: unlessEmpty(attributes.allowed_redirect_uris),
    max_age: unlessEmpty(attributes.max_age),
  };
  for (const name of TOKEN_ARGUMENT_NAMES) {
    const value = attributes[name] ?? TOKEN_ARGUMENTS[name];
    if (isSent(name, value)) body[name] = value;
  }
  return request('POST', pathOf(attributes), body);
}

/** The provider splits at commas by default, so that a value means the same here and there. */
function boundClaims({ bound_claims, disable_bound_claims_parsing: whole }: Attributes): Record<string, string[]> {
  const claims = Object.entries(bound_claims).map(([claim, values]) => [
    claim,
    (whole ? [values] : values.split(',')).map((value) => value.trim()),
  ]);
  return Object.fromEntries(claims) as Record<string, string[]>;
}

function pathOf({ backend, role_name }: Attributes): string {
  return `auth/${backend}/role/${withoutSlashes(role_name)}`;
}

function unlessEmpty<Value>(value: Value): Value | undefined {
  return isEmpty(value) ? undefined : value;
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === '' || value === 0;
}
