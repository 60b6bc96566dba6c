import { z } from 'zod';
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

/** The last assignment to each group that has one under way. */
const underWay = new Map<string, Promise<Group>>();

/** Gives a group its policies, after whoever else does: two that read the same list would forget each other. */
async function assign(
  request: ServerRequest,
  attributes: z.output<typeof schema>,
  former: readonly string[],
): Promise<Group> {
  const { group_id: id } = attributes;
  const assigned = (): Promise<Group> => assignNow(request, attributes, former);
  const turn = (underWay.get(id) ?? Promise.resolve()).then(assigned, assigned);
  underWay.set(id, turn);
  try {
    return await turn;
  } finally {
    if (underWay.get(id) === turn) underWay.delete(id);
  }
}

/** These policies alone, or these beside what others gave it. */
async function assignNow(
  request: ServerRequest,
  { group_id, policies, exclusive }: z.output<typeof schema>,
  former: readonly string[],
): Promise<Group> {
  const path = `identity/group/id/${group_id}`;
  const { data } = await request('GET', path);
  const group = data as Group;
  const others = exclusive ? [] : (group.policies ?? []).filter((policy) => !former.includes(policy));
  await request('POST', path, { policies: [...new Set([...others, ...policies])] });
  return group;
}
