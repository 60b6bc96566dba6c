import { z } from 'zod';
import { blocks, text } from '../arguments.js';
import { resourceType } from '../resource-type.js';

const schema = z.strictObject({
  auth_method: text,
  bind_type: text,
  bind_name: text,
  bind_vars: blocks(z.strictObject({ name: text.nullish() })).default([]),
  selector: text.default(''),
  description: text.default(''),
});

const body = (attributes: z.output<typeof schema>): object => {
  const [variables] = attributes.bind_vars;
  return {
    AuthMethod: attributes.auth_method,
    BindType: attributes.bind_type,
    BindName: attributes.bind_name,
    Selector: attributes.selector,
    Description: attributes.description,
    ...(variables && { BindVars: { Name: variables.name ?? '' } }),
  };
};

/** @see https://developer.hashicorp.com/consul/api-docs/acl/binding-rules */
export const consulAclBindingRule = resourceType({
  type: 'consul_acl_binding_rule',
  schema,
  computed: ['id'],
  forceNew: ['auth_method', 'bind_type'],
  create: async (request, attributes) => {
    const { ID: id } = await request('PUT', 'acl/binding-rule', body(attributes));
    return { id };
  },
  update: async (request, attributes, { computed: { id } }) => {
    await request('PUT', `acl/binding-rule/${String(id)}`, { ID: id, ...body(attributes) });
    return undefined;
  },
  remove: async (request, { computed: { id } }) => {
    await request('DELETE', `acl/binding-rule/${String(id)}`);
  },
});
