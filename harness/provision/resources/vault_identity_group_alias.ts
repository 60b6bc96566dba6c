import { z } from 'zod';
import { text } from '../arguments.js';
import { isAsDeclared } from '../lost-answer.js';
import { ifThere } from '../request-wrappers.js';
import { resourceType } from '../resource-type.js';

/** @see https://developer.hashicorp.com/vault/api-docs/secret/identity/group-alias */
export const vaultIdentityGroupAlias = resourceType({
  type: 'vault_identity_group_alias',
  schema: z.strictObject({ name: text, mount_accessor: text, canonical_id: text }),
  computed: ['id'],
  forceNew: [],
  find: async (request, { attributes, computed: { id } }) => {
    if (id !== undefined) {
      const there = await ifThere(request('GET', `identity/group-alias/id/${String(id)}`));
      return there?.['data'] ? { attributes, computed: { id } } : undefined;
    }
    const { name, mount_accessor, canonical_id } = attributes;
    const { data } = await request('GET', `identity/group/id/${canonical_id}`);
    const { alias = {} } = data as { readonly alias?: Readonly<Record<string, unknown>> };
    return isAsDeclared(alias, { name, mount_accessor }) ? { attributes, computed: { id: alias['id'] } } : undefined;
  },
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
