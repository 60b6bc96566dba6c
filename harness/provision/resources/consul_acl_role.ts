import { z } from 'zod';
import { VaultproofError } from '../../../errors/index.js';
import { text, textSet } from '../arguments.js';
import { consulIdentities, consulIdentityBlocks } from '../consul-identities.js';
import { isAsDeclared } from '../lost-answer.js';
import { ifThere } from '../request-wrappers.js';
import { resourceType, type ServerRequest } from '../resource-type.js';

const schema = z.strictObject({
  name: text,
  description: text.default(''),
  policies: textSet.default([]),
  ...consulIdentityBlocks,
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/consul/api-docs/acl/roles */
export const consulAclRole = resourceType({
  type: 'consul_acl_role',
  schema,
  computed: ['id'],
  forceNew: [],
  find: async (request, { attributes, computed: { id } }) => {
    const { name, description } = attributes;
    const at = id === undefined ? `acl/role/name/${encodeURIComponent(name)}` : `acl/role/${String(id)}`;
    const found = await ifThere(request('GET', at));
    const isIt = found && (id !== undefined || isAsDeclared(found, { Description: description }));
    return isIt ? { attributes, computed: { id: found['ID'] } } : undefined;
  },
  create: async (request, attributes) => {
    const { ID: id } = await request('PUT', 'acl/role', await body(request, attributes));
    return { id };
  },
  update: async (request, attributes, { computed: { id } }) => {
    await request('PUT', `acl/role/${String(id)}`, { ID: id, ...(await body(request, attributes)) });
    return undefined;
  },
  remove: async (request, { computed: { id } }) => {
    await request('DELETE', `acl/role/${String(id)}`);
  },
});

async function body(request: ServerRequest, attributes: Attributes): Promise<object> {
  return {
    Name: attributes.name,
    Description: attributes.description,
    Policies: await Promise.all(attributes.policies.map((policy) => policyLink(request, policy))),
    ...consulIdentities(attributes),
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A policy is named by its ID or its name. */
async function policyLink(request: ServerRequest, policy: string): Promise<{ ID: string } | { Name: string }> {
  if (UUID.test(policy) && (await exists(request, `acl/policy/${policy}`))) return { ID: policy };
  if (await exists(request, `acl/policy/name/${encodeURIComponent(policy)}`)) return { Name: policy };
  throw new VaultproofError('request_refused', `there is no policy "${policy}"`, { details: { policy } });
}

async function exists(request: ServerRequest, path: string): Promise<boolean> {
  return (await ifThere(request('GET', path))) !== undefined;
}
