import { z } from 'zod';
import { text, textMap } from '../arguments.js';
import { resourceType } from '../resource-type.js';

/** @see https://developer.hashicorp.com/vault/api-docs/secret/identity/entity-alias */
export const vaultIdentityEntityAlias = resourceType({
  type: 'vault_identity_entity_alias',
  schema: z.strictObject({
    name: text,
    mount_accessor: text,
    canonical_id: text,
    custom_metadata: textMap.default({}),
    external_id: text.default(''),
    issuer: text.default(''),
  }),
  computed: ['id'],
  forceNew: ['external_id', 'issuer'],
  create: async (request, attributes) => {
    const { data } = await request('POST', 'identity/entity-alias', attributes);
    return { id: (data as { readonly id: string }).id };
  },
  update: async (request, attributes, { computed }) => {
    await request('POST', `identity/entity-alias/id/${String(computed['id'])}`, attributes);
    return undefined;
  },
  remove: async (request, { computed }) => {
    await request('DELETE', `identity/entity-alias/id/${String(computed['id'])}`);
  },
});
