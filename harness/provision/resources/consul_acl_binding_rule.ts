import { z } from 'zod';
import { isRecord } from '../../../internal/json.js';
import { selectorTooDeep } from '../../../stacks/consul-selector.js';
import { blocks, text } from '../arguments.js';
import { isAsDeclared } from '../lost-answer.js';
import { ifThere, withHint } from '../request-wrappers.js';
import { resourceType } from '../resource-type.js';

/** Terraform would take it, and Consul be busy with it for longer than anybody waits. */
const refuseTooDeep = (selector: string, context: z.core.$RefinementCtx<string>): void => {
  const message = selectorTooDeep(selector);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
};

const schema = z.strictObject({
  auth_method: text,
  bind_type: text,
  bind_name: text,
  bind_vars: blocks(z.strictObject({ name: text.nullish() }), { max: 1 }).default([]),
  selector: text.superRefine(refuseTooDeep).default(''),
  description: text.default(''),
});

type Variables = { readonly name?: string | null | undefined };

/** Consul says where a selector is wrong, and not what it is. */
const selectorFault =
  ({ selector }: z.output<typeof schema>) =>
  (message: string): string | undefined => {
    const [, line, column] = /Selector is invalid: (\d+):(\d+)/.exec(message) ?? [];
    return column === undefined ? undefined : `the selector is "${selector}", see its line ${line}, column ${column}`;
  };

const body = (
  attributes: z.output<typeof schema>,
  variables: Variables | undefined,
): Readonly<Record<string, unknown>> => {
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
  find: async (request, { attributes, computed }, others) => {
    if (computed['id'] !== undefined) {
      const found = await ifThere(request('GET', `acl/binding-rule/${String(computed['id'])}`));
      return found && { attributes, computed };
    }
    const [variables] = attributes.bind_vars;
    const rules = await request('GET', `acl/binding-rules?authmethod=${encodeURIComponent(attributes.auth_method)}`);
    const taken = others.map(({ id }) => id);
    const found = Object.values(rules)
      .filter(isRecord)
      .find((rule) => !taken.includes(rule['ID']) && isAsDeclared(rule, body(attributes, variables)));
    return found && { attributes, computed: { id: found['ID'], has_bind_vars: variables !== undefined } };
  },
  create: async (request, attributes) => {
    const [variables] = attributes.bind_vars;
    const written = request('PUT', 'acl/binding-rule', body(attributes, variables));
    const { ID: id } = await withHint(written, selectorFault(attributes));
    return { id, has_bind_vars: variables !== undefined };
  },
  update: async (request, attributes, { computed: { id, has_bind_vars } }) => {
    // The provider never takes them back: it sends them without a name.
    const [variables = has_bind_vars ? { name: '' } : undefined] = attributes.bind_vars;
    const written = request('PUT', `acl/binding-rule/${String(id)}`, { ID: id, ...body(attributes, variables) });
    await withHint(written, selectorFault(attributes));
    return { has_bind_vars: variables !== undefined };
  },
  remove: async (request, { computed: { id } }) => {
    await request('DELETE', `acl/binding-rule/${String(id)}`);
  },
});
