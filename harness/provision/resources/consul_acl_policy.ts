import { z } from 'zod';
import { text, textSet } from '../arguments.js';
import { resourceType } from '../resource-type.js';

const schema = z.strictObject({
  name: text,
  rules: text,
  description: text.default(''),
  datacenters: textSet.optional(),
});

const body = ({ name, rules, description, datacenters }: z.output<typeof schema>): object => ({
  Name: name,
  Rules: rules,
  Description: description,
  Datacenters: datacenters,
});

/** @see https://developer.hashicorp.com/consul/api-docs/acl/policies */
export const consulAclPolicy = resourceType({
  type: 'consul_acl_policy',
  schema,
  computed: ['id'],
  forceNew: [],
  create: async (request, attributes) => {
    const { ID: id } = await request('PUT', 'acl/policy', body(attributes));
    return { id };
  },
  update: async (request, attributes, { computed: { id } }) => {
    await request('PUT', `acl/policy/${String(id)}`, { ID: id, ...body(attributes) });
    return undefined;
  },
  remove: async (request, { computed: { id } }) => {
    await request('DELETE', `acl/policy/${String(id)}`);
  },
});
