import { z } from 'zod';
import { isRecord } from '../../../internal/json.js';
import { flag, text, textSet } from '../arguments.js';
import { consulIdentities, consulIdentityBlocks } from '../consul-identities.js';
import { resourceType } from '../resource-type.js';

const schema = z.strictObject({
  accessor_id: text.optional(),
  description: text.default(''),
  policies: textSet.default([]),
  roles: textSet.default([]),
  ...consulIdentityBlocks,
  local: flag.default(false),
  expiration_time: text
    .refine((time) => !Number.isNaN(Date.parse(time)), 'a time such as "2030-01-02T15:04:05Z" required')
    .optional(),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/consul/api-docs/acl/tokens */
export const consulAclToken = resourceType({
  type: 'consul_acl_token',
  schema,
  computed: ['id', 'accessor_id'],
  forceNew: ['accessor_id', 'local', 'expiration_time'],
  kept: ['accessor_id'],
  find: async (request, { attributes, computed }, others) => {
    const id = computed['accessor_id'] ?? attributes.accessor_id;
    const taken = others.map(({ accessor_id }) => accessor_id);
    const tokens = Object.values(await request('GET', 'acl/tokens')).filter(isRecord);
    const found = tokens.find((token) => {
      if (id !== undefined) return token['AccessorID'] === id;
      const isDescribed = token['Description'] === attributes.description && token['Local'] === attributes.local;
      return isDescribed && !taken.includes(token['AccessorID']) && isLinked(token, attributes);
    });
    return found && { attributes, computed: { id: found['AccessorID'], accessor_id: found['AccessorID'] } };
  },
  create: async (request, attributes) => {
    const { AccessorID: accessor_id } = await request('PUT', 'acl/token', body(attributes));
    return { id: accessor_id, accessor_id };
  },
  update: async (request, attributes, { computed: { id } }) => {
    await request('PUT', `acl/token/${String(id)}`, { ...body(attributes), AccessorID: id });
    return undefined;
  },
  remove: async (request, { computed: { id } }) => {
    await request('DELETE', `acl/token/${String(id)}`);
  },
});

function body(attributes: Attributes): Readonly<Record<string, unknown>> {
  const { accessor_id, description, policies, roles, local, expiration_time } = attributes;
  return {
    AccessorID: accessor_id,
    Description: description,
    Policies: policies.map((name) => ({ Name: name })),
    Roles: roles.map((name) => ({ Name: name })),
    ...consulIdentities(attributes),
    Local: local,
    ExpirationTime: expiration_time,
  };
}

/** Whether a token has the policies and roles that are declared. */
function isLinked(token: Readonly<Record<string, unknown>>, { policies, roles }: Attributes): boolean {
  const names = (links: unknown): string =>
    (Array.isArray(links) ? links : [])
      .map((link) => String(Object(link).Name))
      .sort()
      .join('\n');
  return names(token['Policies']) === policies.join('\n') && names(token['Roles']) === roles.join('\n');
}
