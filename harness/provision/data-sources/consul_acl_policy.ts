import { z } from 'zod';
import { text } from '../arguments.js';
import { dataSource } from '../resource-type.js';

/** @see https://developer.hashicorp.com/consul/api-docs/acl/policies#read-a-policy-by-name */
export const consulAclPolicyDataSource = dataSource({
  type: 'consul_acl_policy',
  schema: z.strictObject({ name: text }),
  computed: ['id', 'description', 'rules', 'datacenters'],
  read: async (request, { name }) => {
    const policy = await request('GET', `acl/policy/name/${encodeURIComponent(name)}`);
    const { ID: id, Description: description, Rules: rules, Datacenters: datacenters } = policy;
    return { id, description, rules, datacenters: datacenters ?? [] };
  },
});
