import { z } from 'zod';
import { resourceType, type ServerRequest } from '../resource-type.js';

const strings = z.array(z.string());

const schema = z.strictObject({
  backend: z.string().default('jwt'),
  role_name: z.string(),
  role_type: z.enum(['jwt', 'oidc']).optional(),
  user_claim: z.string(),
  user_claim_json_pointer: z.boolean().optional(),
  bound_audiences: strings.default([]),
  bound_subject: z.string().optional(),
  bound_claims: z.record(z.string(), z.string()).default({}),
  bound_claims_type: z.enum(['string', 'glob']).optional(),
  claim_mappings: z.record(z.string(), z.string()).optional(),
  groups_claim: z.string().optional(),
  clock_skew_leeway: z.number().optional(),
  expiration_leeway: z.number().optional(),
  not_before_leeway: z.number().optional(),
  token_ttl: z.number().optional(),
  token_max_ttl: z.number().optional(),
  token_explicit_max_ttl: z.number().optional(),
  token_period: z.number().optional(),
  token_policies: strings.optional(),
  token_bound_cidrs: strings.optional(),
  token_no_default_policy: z.boolean().optional(),
  token_num_uses: z.number().optional(),
  token_type: z.enum(['default', 'service', 'batch']).optional(),
});

type Attributes = z.output<typeof schema>;

const pathOf = ({ backend, role_name }: Attributes): string => `auth/${backend}/role/${role_name}`;

const write = async (request: ServerRequest, attributes: Attributes): Promise<void> => {
  const { backend: _backend, role_name: _name, bound_claims, ...role } = attributes;
  // The provider splits at commas too, so that a value means the same here and there.
  const claims = Object.entries(bound_claims).map(([claim, values]) => [
    claim,
    values.split(',').map((value) => value.trim()),
  ]);
  await request('POST', pathOf(attributes), { ...role, bound_claims: Object.fromEntries(claims) });
};

const remove = async (request: ServerRequest, attributes: Attributes): Promise<void> => {
  await request('DELETE', pathOf(attributes));
};

/** @see https://developer.hashicorp.com/vault/api-docs/auth/jwt#create-update-role */
export const vaultJwtAuthBackendRole = resourceType({
  type: 'vault_jwt_auth_backend_role',
  schema,
  computed: ['id'],
  identity: pathOf,
  create: async (request, attributes) => {
    await write(request, attributes);
    return { id: pathOf(attributes) };
  },
  update: async (request, attributes) => {
    // A write merges with the stored role: what is no longer declared would stay.
    await remove(request, attributes);
    await write(request, attributes);
  },
  remove,
});
