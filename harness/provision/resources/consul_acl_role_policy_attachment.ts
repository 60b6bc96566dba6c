import { z } from 'zod';
import { VaultproofError } from '../../../errors/index.js';
import { KeyedMutex } from '../../../internal/mutex.js';
import { text } from '../arguments.js';
import { resourceType, type ServerRequest } from '../resource-type.js';

const schema = z.strictObject({ role_id: text, policy: text });

interface PolicyLink {
  readonly Name: string;
}

const writing = new KeyedMutex();

/** @see https://developer.hashicorp.com/consul/api-docs/acl/roles#update-a-role */
export const consulAclRolePolicyAttachment = resourceType({
  type: 'consul_acl_role_policy_attachment',
  schema,
  computed: ['id'],
  forceNew: ['role_id', 'policy'],
  create: async (request, { role_id, policy }) => {
    await changePolicies(request, role_id, (links) => {
      if (!links.some(({ Name: name }) => name === policy)) return [...links, { Name: policy }];
      throw new VaultproofError('already_exists', `policy "${policy}" is already attached to the role`, {
        details: { role_id, policy },
      });
    });
    return { id: `${role_id}:${policy}` };
  },
  // Every argument forces replacement.
  update: async () => undefined,
  remove: (request, { attributes: { role_id, policy } }) =>
    changePolicies(request, role_id, (links) => links.filter(({ Name: name }) => name !== policy)),
});

/** Consul writes a role as a whole: one change at a time, so that two that read the same role don't undo each other. */
async function changePolicies(
  request: ServerRequest,
  id: string,
  change: (links: readonly PolicyLink[]) => readonly PolicyLink[],
): Promise<void> {
  await writing.run(id, async () => {
    const path = `acl/role/${encodeURIComponent(id)}`;
    const role = await request('GET', path);
    const links = (role['Policies'] ?? []) as readonly PolicyLink[];
    await request('PUT', path, { ...role, Policies: change(links) });
  });
}
