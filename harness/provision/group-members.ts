import { z } from 'zod';
import { KeyedMutex } from '../../internal/mutex.js';
import { flag, text, textSet } from './arguments.js';
import { type ResourceType, resourceType, type ServerRequest } from './resource-type.js';

type Field = 'member_entity_ids' | 'member_group_ids';

const schema = z.strictObject({ group_id: text, exclusive: flag.default(true), members: textSet.default([]) });

type Group = Readonly<Record<Field, readonly string[] | null | undefined>> & { readonly type: string };

const writing = new KeyedMutex();

/**
 * The resource type for members of an identity group that is declared elsewhere.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/group#update-group-by-id
 */
export function groupMembers(field: Field): ResourceType {
  const { members, ...others } = schema.shape;
  return resourceType({
    type: `vault_identity_group_${field}`,
    schema: z.strictObject({ ...others, [field]: members }),
    computed: ['id'],
    forceNew: ['group_id'],
    create: async (request, attributes) => {
      await assign(request, field, attributes, membersIn(attributes), []);
      return { id: attributes.group_id };
    },
    update: async (request, attributes, { attributes: before }) => {
      await assign(request, field, attributes, membersIn(attributes), membersIn(before));
      return undefined;
    },
    remove: async (request, { attributes }) => {
      await assign(request, field, attributes, [], membersIn(attributes));
    },
  });

  function membersIn(attributes: object): readonly string[] {
    return (attributes as Readonly<Record<Field, readonly string[]>>)[field];
  }
}

/**
 * Gives a group these members alone, or adds them to the others; one at a time, because two that read the same list would
 * forget each other. An external group has no members of its own.
 */
async function assign(
  request: ServerRequest,
  field: Field,
  { group_id: id, exclusive }: { readonly group_id: string; readonly exclusive: boolean },
  members: readonly string[],
  former: readonly string[],
): Promise<void> {
  await writing.run(`${field} ${id}`, async () => {
    const path = `identity/group/id/${id}`;
    const { data } = await request('GET', path);
    const group = data as Group;
    if (group.type === 'external') return void (await request('POST', path, {}));
    const others = exclusive ? [] : (group[field] ?? []).filter((member) => !former.includes(member));
    await request('POST', path, { [field]: [...new Set([...others, ...members])] });
  });
}
