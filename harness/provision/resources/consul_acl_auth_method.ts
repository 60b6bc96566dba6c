import { z } from 'zod';
import { atLeastOne, conflicts, durationInSeconds, jsonObject, parseObject, text, textMap } from '../arguments.js';
import { isAsDeclared } from '../lost-answer.js';
import { ifThere, withHint } from '../request-wrappers.js';
import { type Computed, resourceType } from '../resource-type.js';

const schema = z.strictObject({
  name: text,
  type: text,
  config_json: jsonObject.optional(),
  config: textMap.optional(),
  display_name: text.default(''),
  description: text.default(''),
  max_token_ttl: durationInSeconds.default('0s'),
  token_locality: text.default(''),
});

const configOf = ({ config, config_json }: z.output<typeof schema>): object =>
  config_json === undefined ? { ...config } : parseObject(config_json);

const KEY_SOURCES = ['JWTValidationPubKeys', 'JWKSURL', 'OIDCDiscoveryURL'];

/** Consul says that there must be exactly one source of keys, and not which there are. */
const sourceFault =
  (attributes: z.output<typeof schema>) =>
  (message: string): string | undefined => {
    if (!/exactly one of .* must be set/.test(message)) return undefined;
    const there = Object.keys(configOf(attributes)).filter((name) => KEY_SOURCES.includes(name));
    return there.length === 0 ? 'there is none' : `there are ${there.join(' and ')}`;
  };

const body = (attributes: z.output<typeof schema>): object => ({
  Name: attributes.name,
  Type: attributes.type,
  DisplayName: attributes.display_name,
  Description: attributes.description,
  MaxTokenTTL: attributes.max_token_ttl,
  TokenLocality: attributes.token_locality,
  Config: configOf(attributes),
});

const computedOf = ({ name, config, config_json = JSON.stringify(config) }: z.output<typeof schema>): Computed => ({
  id: `auth-method-${name}`,
  config_json,
});

/** @see https://developer.hashicorp.com/consul/api-docs/acl/auth-methods */
export const consulAclAuthMethod = resourceType({
  type: 'consul_acl_auth_method',
  schema,
  rules: [conflicts(['config', 'config_json']), atLeastOne('config', 'config_json')],
  computed: ['id'],
  forceNew: ['name', 'type'],
  // The provider never changes what `config` made: it takes back what Consul has as `config_json`.
  kept: ['config_json'],
  find: async (request, { attributes }) => {
    const { name, type } = attributes;
    const found = await ifThere(request('GET', `acl/auth-method/${encodeURIComponent(name)}`));
    return found && isAsDeclared(found, { Type: type }) ? { attributes, computed: computedOf(attributes) } : undefined;
  },
  create: async (request, attributes) => {
    await withHint(request('PUT', 'acl/auth-method', body(attributes)), sourceFault(attributes));
    return computedOf(attributes);
  },
  update: async (request, attributes) => {
    const written = request('PUT', `acl/auth-method/${encodeURIComponent(attributes.name)}`, body(attributes));
    await withHint(written, sourceFault(attributes));
    return undefined;
  },
  remove: async (request, { attributes: { name } }) => {
    await request('DELETE', `acl/auth-method/${encodeURIComponent(name)}`);
  },
});
