import { z } from 'zod';
import { VaultproofError } from '../../../errors/index.js';
import { text, textMap } from '../arguments.js';
import { isAsDeclared } from '../lost-answer.js';
import { ifThere } from '../request-wrappers.js';
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
  find: async (request, { attributes, computed: { id } }) => {
    const { name, mount_accessor, canonical_id } = attributes;
    if (id !== undefined) {
      const there = await ifThere(request('GET', `identity/entity-alias/id/${String(id)}`));
      return there?.['data'] ? { attributes, computed: { id } } : undefined;
    }
    const { data } = await request('GET', `identity/entity/id/${canonical_id}`);
    const aliases = (data as { readonly aliases?: readonly Readonly<Record<string, unknown>>[] }).aliases ?? [];
    const found = aliases.find((alias) => isAsDeclared(alias, { name, mount_accessor }));
    return found && { attributes, computed: { id: found['id'] } };
  },
  create: async (request, attributes) => {
    const { name, mount_accessor } = attributes;
    // Vault would change the alias that is there.
    const lookUp = { alias_name: name, alias_mount_accessor: mount_accessor };
    const found = await request('POST', 'identity/lookup/entity', lookUp);
    if (found['data']) {
      throw new VaultproofError('already_exists', `entity alias "${name}" already exists`, { details: { name } });
    }
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
