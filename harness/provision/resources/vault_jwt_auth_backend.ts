import { z } from 'zod';
import { resourceType, type ServerRequest } from '../resource-type.js';

const schema = z.strictObject({
  path: z.string().default('jwt'),
  type: z.literal('jwt').default('jwt'),
  description: z.string().default(''),
  jwks_url: z.string().optional(),
  jwks_ca_pem: z.string().optional(),
  jwt_validation_pubkeys: z.array(z.string()).optional(),
  oidc_discovery_url: z.string().optional(),
  oidc_discovery_ca_pem: z.string().optional(),
  bound_issuer: z.string().optional(),
  jwt_supported_algs: z.array(z.string()).optional(),
  default_role: z.string().optional(),
});

/** @see https://developer.hashicorp.com/vault/api-docs/auth/jwt#configure */
export const vaultJwtAuthBackend = resourceType({
  type: 'vault_jwt_auth_backend',
  schema,
  computed: ['id', 'accessor'],
  identity: ({ path }) => `sys/auth/${path}`,
  create: async (request, attributes) => {
    const { path, type, description } = attributes;
    await request('POST', `sys/auth/${path}`, { type, description });
    try {
      await configure(request, attributes);
    } catch (error) {
      // A mount without a configuration would only be in the way of the next attempt.
      await request('DELETE', `sys/auth/${path}`);
      throw error;
    }
    const { data } = await request('GET', `sys/auth/${path}`);
    return { id: path, accessor: (data as { accessor?: string } | undefined)?.accessor };
  },
  update: async (request, attributes) => {
    const { path, description } = attributes;
    await request('POST', `sys/auth/${path}/tune`, { description });
    await configure(request, attributes);
  },
  remove: async (request, { path }) => {
    await request('DELETE', `sys/auth/${path}`);
  },
});

async function configure(request: ServerRequest, attributes: z.output<typeof schema>): Promise<void> {
  const { path, type: _type, description: _description, ...config } = attributes;
  await request('POST', `auth/${path}/config`, config);
}
