import { z } from 'zod';
import { KeyedMutex } from '../../../internal/mutex.js';
import { flag, text, textSet } from '../arguments.js';
import { resourceType, type ServerRequest } from '../resource-type.js';

const schema = z.strictObject({ group_id: text, policies: textSet, exclusive: flag.default(true) });

/** @see https://developer.hashicorp.com/vault/api-docs/secret/identity/group#update-group-by-id */
export const vaultIdentityGroupPolicies = resourceType({
  type: 'vault_identity_group_policies',
  schema,
  computed: ['id', 'group_name'],
  forceNew: [],
  create: async (request, attributes) => {
    const { name } = await assign(request, attributes, []);
    return { id: attributes.group_id, group_name: name };
  },
  update: async (request, attributes, { attributes: before }) => {
    const { name } = await assign(request, attributes, before.policies);
    return { id: attributes.group_id, group_name: name };
  },
  remove: async (request, { attributes }) => {
    await assign(request, { ...attributes, policies: [] }, attributes.policies);
  },
});

type Group = { readonly name: string; readonly policies: readonly string[] | null };

const assigning = new KeyedMutex();

/**
 * Gives a group these policies alone, or adds them to the others; one at a time, because two that read
 * the same list would forget each other.
 */
async function assign(
  request: ServerRequest,
  { group_id: id, policies, exclusive }: z.output<typeof schema>,
  former: readonly string[],
): Promise<Group> {
  return assigning.run(id, async () => {
    const path = `identity/group/id/${id}`;
    const { data } = await request('GET', path);
    const group = data as Group;
    const others = exclusive ? [] : (group.policies ?? []).filter((policy) => !former.includes(policy));
    await request('POST', path, { policies: [...new Set([...others, ...policies])] });
    return group;
  });
}
