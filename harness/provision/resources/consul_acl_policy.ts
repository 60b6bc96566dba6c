import { z } from 'zod';
import { text, textSet } from '../arguments.js';
import { isAsDeclared } from '../lost-answer.js';
import { ifThere } from '../request-wrappers.js';
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
  find: async (request, { attributes, computed: { id } }) => {
    const { name, rules, description } = attributes;
    const at = id === undefined ? `acl/policy/name/${encodeURIComponent(name)}` : `acl/policy/${String(id)}`;
    const found = await ifThere(request('GET', at));
    const isIt = found && (id !== undefined || isAsDeclared(found, { Description: description, Rules: rules }));
    return isIt ? { attributes, computed: { id: found['ID'] } } : undefined;
  },
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
