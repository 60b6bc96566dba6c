import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { VaultproofError } from '../../../errors/index.js';
import { flag, ifAny, text, textMap, textSet } from '../arguments.js';
import { isAsDeclared } from '../lost-answer.js';
import { ifThere } from '../request-wrappers.js';
import { resourceType } from '../resource-type.js';

const schema = z.strictObject({
  name: text.optional(),
  type: text.default('internal'),
  metadata: textMap.default({}),
  policies: textSet.default([]),
  external_policies: flag.default(false),
  member_entity_ids: textSet.default([]),
  external_member_entity_ids: flag.default(false),
  member_group_ids: textSet.default([]),
  external_member_group_ids: flag.default(false),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/secret/identity/group */
export const vaultIdentityGroup = resourceType({
  type: 'vault_identity_group',
  schema,
  computed: ['id', 'name'],
  forceNew: ['type'],
  kept: ['name'],
  ignored: (attributes) => {
    const names = ['policies', 'member_entity_ids', 'member_group_ids'];
    return names.filter((name) => !Object.hasOwn(managed(attributes), name));
  },
  find: async (request, { attributes, computed: { id } }) => {
    const { name, type } = attributes;
    if (id === undefined && name === undefined) return undefined;
    const at = id === undefined ? `identity/group/name/${name}` : `identity/group/id/${String(id)}`;
    const there = await ifThere(request('GET', at));
    const found = there?.['data'] as { readonly id: string; readonly name: string } | undefined;
    const isIt = found && (id !== undefined || isAsDeclared(found, { type, ...managed(attributes) }));
    return isIt ? { attributes, computed: { id: found.id, name: found.name } } : undefined;
  },
  create: async (request, attributes) => {
    const { name, type, metadata } = attributes;
    const { data } = await request('POST', 'identity/group', {
      name,
      type,
      ...managed(attributes),
      metadata: ifAny(metadata),
    });
    // Vault answers with nothing when a group of that name is there.
    if (data === undefined || data === null) {
      throw new VaultproofError('already_exists', `group "${name}" already exists`, { details: { name } });
    }
    const made = data as { readonly id: string; readonly name: string };
    return { id: made.id, name: made.name };
  },
  // The provider sends an empty body where the change is only about who else decides.
  update: async (request, attributes, { attributes: before, computed }) => {
    const sent = { name: attributes.name, ...managed(attributes) };
    const names = ['external_policies', ...Object.keys(sent)] as (keyof Attributes)[];
    const isChanged = names.some((name) => !isDeepStrictEqual(attributes[name], before[name]));
    await request('POST', `identity/group/id/${String(computed['id'])}`, isChanged ? sent : {});
    return undefined;
  },
  remove: async (request, { computed }) => {
    await request('DELETE', `identity/group/id/${String(computed['id'])}`);
  },
});

/** What this resource and no other one decides; an external group has no members of its own. */
function managed(attributes: Attributes): Readonly<Record<string, unknown>> {
  const { metadata, policies, member_entity_ids, member_group_ids } = attributes;
  const isInternal = attributes.type === 'internal';
  return {
    metadata,
    ...(!attributes.external_policies && { policies }),
    ...(isInternal && !attributes.external_member_entity_ids && { member_entity_ids }),
    ...(isInternal && !attributes.external_member_group_ids && { member_group_ids }),
  };
}
