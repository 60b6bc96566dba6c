import { z } from 'zod';
import { text } from '../arguments.js';
import { resourceType } from '../resource-type.js';

/** @see https://developer.hashicorp.com/vault/api-docs/secret/identity/group-alias */
export const vaultIdentityGroupAlias = resourceType({
  type: 'vault_identity_group_alias',
  schema: z.strictObject({ name: text, mount_accessor: text, canonical_id: text }),
  computed: ['id'],
  forceNew: [],
  create: async (request, attributes) => {
    const { data } = await request('POST', 'identity/group-alias', attributes);
    return { id: (data as { readonly id: string }).id };
  },
  update: async (request, attributes, { computed }) => {
    await request('POST', `identity/group-alias/id/${String(computed['id'])}`, attributes);
    return undefined;
  },
  remove: async (request, { computed }) => {
    await request('DELETE', `identity/group-alias/id/${String(computed['id'])}`);
  },
});
