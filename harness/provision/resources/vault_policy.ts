import { z } from 'zod';
import { resourceType, type ServerRequest } from '../resource-type.js';

const write = async (request: ServerRequest, { name, policy }: { name: string; policy: string }): Promise<void> => {
  await request('PUT', `sys/policies/acl/${name}`, { policy });
};

/** @see https://developer.hashicorp.com/vault/api-docs/system/policies */
export const vaultPolicy = resourceType({
  type: 'vault_policy',
  schema: z.strictObject({ name: z.string(), policy: z.string() }),
  computed: ['id'],
  identity: ({ name }) => `sys/policies/acl/${name}`,
  create: async (request, attributes) => {
    await write(request, attributes);
    return { id: attributes.name };
  },
  update: write,
  remove: async (request, { name }) => {
    await request('DELETE', `sys/policies/acl/${name}`);
  },
});
