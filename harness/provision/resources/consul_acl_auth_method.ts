import { z } from 'zod';
import { jsonObject, parseObject, text, textMap } from '../arguments.js';
import { atLeastOne, conflicts } from '../conflicts.js';
import { consulDuration } from '../consul-duration.js';
import { resourceType } from '../resource-type.js';

const schema = z
  .strictObject({
    name: text,
    type: text,
    config_json: jsonObject.optional(),
    config: textMap.optional(),
    display_name: text.default(''),
    description: text.default(''),
    max_token_ttl: consulDuration.default('0s'),
    token_locality: text.default(''),
  })
  .superRefine(conflicts(['config', 'config_json']))
  .superRefine(atLeastOne('config', 'config_json'));

const body = (attributes: z.output<typeof schema>): object => ({
  Name: attributes.name,
  Type: attributes.type,
  DisplayName: attributes.display_name,
  Description: attributes.description,
  MaxTokenTTL: attributes.max_token_ttl,
  TokenLocality: attributes.token_locality,
  Config: attributes.config_json === undefined ? attributes.config : parseObject(attributes.config_json),
});

/** @see https://developer.hashicorp.com/consul/api-docs/acl/auth-methods */
export const consulAclAuthMethod = resourceType({
  type: 'consul_acl_auth_method',
  schema,
  computed: ['id'],
  forceNew: ['name', 'type'],
  // The provider never changes what `config` made: it takes back what Consul has as `config_json`.
  kept: ['config_json'],
  create: async (request, attributes) => {
    await request('PUT', 'acl/auth-method', body(attributes));
    const { name, config_json = JSON.stringify(attributes.config) } = attributes;
    return { id: `auth-method-${name}`, config_json };
  },
  update: async (request, attributes) => {
    await request('PUT', `acl/auth-method/${encodeURIComponent(attributes.name)}`, body(attributes));
    return undefined;
  },
  remove: async (request, { attributes: { name } }) => {
    await request('DELETE', `acl/auth-method/${encodeURIComponent(name)}`);
  },
});
