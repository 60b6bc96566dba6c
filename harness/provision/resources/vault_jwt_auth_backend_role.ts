import { z } from 'zod';
import { boundClaimValues } from '../../terraform-json/bound-claims.js';
import { flag, integer, text, textMap, textSet, withoutSlashes } from '../arguments.js';
import { isEmpty, tokenArguments, tokenFields } from '../login-token-arguments.js';
import { resourceType, type ServerRequest } from '../resource-type.js';

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
  ...tokenArguments,
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
    await write(request, attributes, tokenFields(attributes));
    return {
      id: pathOf(attributes),
      role_type: attributes.role_type ?? 'oidc',
      bound_claims_type: attributes.bound_claims_type ?? 'string',
    };
  },
  update: async (request, attributes, { attributes: before }) => {
    await write(request, attributes, tokenFields(attributes, before));
    return undefined;
  },
  remove: async (request, { attributes }) => {
    await request('DELETE', pathOf(attributes));
  },
});

function write(
  request: ServerRequest,
  attributes: Attributes,
  token: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  return request('POST', pathOf(attributes), {
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
    ...token,
  });
}

function boundClaims({ bound_claims, disable_bound_claims_parsing: whole }: Attributes): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(bound_claims).map(([claim, values]) => [claim, boundClaimValues(values, whole)]),
  );
}

function pathOf({ backend, role_name }: Attributes): string {
  return `auth/${backend}/role/${withoutSlashes(role_name)}`;
}

function unlessEmpty<Value>(value: Value): Value | undefined {
  return isEmpty(value) ? undefined : value;
}
