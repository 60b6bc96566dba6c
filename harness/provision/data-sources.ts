import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { VaultproofError } from '../../errors/index.js';
import { isRecord, membersOf, records } from '../../internal/json.js';
import { blocks, flag, goJson, text, textList } from './arguments.js';
import { datacenterOf, keyValue } from './consul-key-value.js';
import { ALIAS_FIELDS, aliasArguments, fieldsOf, lookUpIdentity } from './identity-lookup.js';
import { type DataSource, dataSource } from './resource-type.js';

/** @see https://developer.hashicorp.com/consul/api-docs/acl/policies#read-a-policy-by-name */
const consulAclPolicy = dataSource({
  type: 'consul_acl_policy',
  schema: z.strictObject({ name: text }),
  computed: ['id', 'description', 'rules', 'datacenters'],
  read: async (request, { name }) => {
    const policy = await request('GET', `acl/policy/name/${encodeURIComponent(name)}`);
    const { ID: id, Description: description, Rules: rules, Datacenters: datacenters } = policy;
    return { id, description, rules, datacenters: datacenters ?? [] };
  },
});

/** @see https://developer.hashicorp.com/consul/api-docs/acl/roles#read-a-role-by-name */
const consulAclRole = dataSource({
  type: 'consul_acl_role',
  schema: z.strictObject({ name: text }),
  computed: ['id', 'description', 'policies', 'service_identities', 'node_identities', 'templated_policies'],
  read: async (request, { name }) => {
    const role = await request('GET', `acl/role/name/${encodeURIComponent(name)}`);
    const { ID: id, Description: description } = role;
    return {
      id,
      description,
      policies: records(role['Policies']).map(({ ID, Name }) => ({ id: ID, name: Name })),
      service_identities: records(role['ServiceIdentities']).map(({ ServiceName, Datacenters }) => ({
        service_name: ServiceName,
        datacenters: Datacenters ?? [],
      })),
      node_identities: records(role['NodeIdentities']).map(({ NodeName, Datacenter }) => ({
        node_name: NodeName,
        datacenter: Datacenter,
      })),
      templated_policies: records(role['TemplatedPolicies']).map((policy) => ({
        template_name: policy['TemplateName'],
        datacenters: policy['Datacenters'] ?? [],
        template_variables: records([policy['TemplateVariables']]).map(({ name: variable }) => ({
          name: variable ?? '',
        })),
      })),
    };
  },
});

const keyBlock = z.strictObject({ name: text, path: text, default: text.nullish() });

/** @see https://developer.hashicorp.com/consul/api-docs/kv#read-key */
const consulKeys = dataSource({
  type: 'consul_keys',
  schema: z.strictObject({
    key: blocks(keyBlock).default([]),
    datacenter: text.optional(),
    error_on_missing_keys: flag.default(false),
  }),
  computed: ['id', 'datacenter', 'var'],
  read: async (request, { key: keys, datacenter, error_on_missing_keys }) => {
    const values = await Promise.all(
      keys.map(async ({ name, path, default: otherwise }) => {
        const found = await keyValue(request, path, datacenter);
        const value = found || otherwise || '';
        if (found === undefined && value === '' && error_on_missing_keys) {
          throw new VaultproofError('request_refused', `there is no key "${path}"`, { details: { path } });
        }
        return [name, value] as const;
      }),
    );
    return { id: '-', datacenter: await datacenterOf(request, datacenter), var: Object.fromEntries(values) };
  },
});

/** @see https://developer.hashicorp.com/vault/api-docs/system/auth#read-auth-method-configuration */
const vaultAuthBackend = dataSource({
  type: 'vault_auth_backend',
  schema: z.strictObject({ path: text }),
  computed: [
    'id',
    'type',
    'description',
    'accessor',
    'default_lease_ttl_seconds',
    'max_lease_ttl_seconds',
    'listing_visibility',
    'local',
  ],
  read: async (request, { path }) => {
    const { data } = await request('GET', `sys/auth/${path}`);
    const { config, accessor, type, description, local } = data as AuthMount;
    return {
      id: path,
      type,
      description,
      accessor,
      default_lease_ttl_seconds: config.default_lease_ttl,
      max_lease_ttl_seconds: config.max_lease_ttl,
      listing_visibility: config.listing_visibility ?? '',
      local,
    };
  },
});

interface AuthMount {
  readonly accessor: string;
  readonly type: string;
  readonly description: string;
  readonly local: boolean;
  readonly config: {
    readonly default_lease_ttl: number;
    readonly max_lease_ttl: number;
    readonly listing_visibility?: string;
  };
}

const ENTITY_FIELDS = [
  'creation_time',
  'direct_group_ids',
  'disabled',
  'group_ids',
  'inherited_group_ids',
  'last_update_time',
  'merged_entity_ids',
  'metadata',
  'namespace_id',
  'policies',
] as const;

/** @see https://developer.hashicorp.com/vault/api-docs/secret/identity/lookup#lookup-an-entity */
const vaultIdentityEntity = dataSource({
  type: 'vault_identity_entity',
  schema: z.strictObject({ entity_id: text.optional(), entity_name: text.optional(), ...aliasArguments }),
  computed: ['id', 'entity_id', 'entity_name', 'data_json', 'aliases', ...ENTITY_FIELDS],
  read: async (request, { entity_id, entity_name, alias_id, alias_name, alias_mount_accessor }) => {
    const by = { id: entity_id, name: entity_name, alias_id, alias_name, alias_mount_accessor };
    const entity = await lookUpIdentity(request, 'entity', by);
    const aliases = Array.isArray(entity['aliases']) ? entity['aliases'].filter(isRecord) : [];
    return {
      id: entity['id'],
      entity_id: entity['id'],
      entity_name: entity['name'],
      data_json: goJson(entity),
      aliases: aliases.map((alias) => fieldsOf(ALIAS_FIELDS, alias)),
      ...fieldsOf(ENTITY_FIELDS, entity),
    };
  },
});

const GROUP_FIELDS = [
  'creation_time',
  'last_update_time',
  'member_entity_ids',
  'member_group_ids',
  'metadata',
  'modify_index',
  'namespace_id',
  'parent_group_ids',
  'policies',
  'type',
] as const;

const GROUP_ALIAS_FIELDS = ALIAS_FIELDS.map((field) => `alias_${field}`);

/** @see https://developer.hashicorp.com/vault/api-docs/secret/identity/lookup#lookup-a-group */
const vaultIdentityGroup = dataSource({
  type: 'vault_identity_group',
  schema: z.strictObject({ group_id: text.optional(), group_name: text.optional(), ...aliasArguments }),
  computed: ['id', 'group_id', 'group_name', 'data_json', ...GROUP_FIELDS, ...GROUP_ALIAS_FIELDS],
  read: async (request, { group_id, group_name, alias_id, alias_name, alias_mount_accessor }) => {
    const by = { id: group_id, name: group_name, alias_id, alias_name, alias_mount_accessor };
    const group = await lookUpIdentity(request, 'group', by);
    const alias = membersOf(group['alias']);
    return {
      id: group['id'],
      group_id: group['id'],
      group_name: group['name'],
      data_json: goJson(group),
      ...fieldsOf(GROUP_FIELDS, group),
      ...Object.fromEntries(ALIAS_FIELDS.map((name) => [`alias_${name}`, alias[name]])),
    };
  },
});

const CAPABILITIES = ['create', 'read', 'update', 'delete', 'list', 'sudo', 'deny', 'patch', 'subscribe'] as const;

const ruleParameters = blocks(z.strictObject({ key: text, value: textList }))
  .refine((items) => new Set(items.map(({ key }) => key)).size === items.length, 'a key is repeated')
  .nullish();

const ruleBlock = z.strictObject({
  path: text.refine((path) => path !== '', 'a path that is not empty required'),
  capabilities: z.array(z.enum(CAPABILITIES)),
  description: text.nullish(),
  required_parameters: textList.nullish(),
  subscribe_event_types: textList.nullish(),
  allowed_parameter: ruleParameters,
  denied_parameter: ruleParameters,
  min_wrapping_ttl: text.nullish(),
  max_wrapping_ttl: text.nullish(),
});

/**
 * A policy in HCL from rules, byte for byte as the provider writes it.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/data-sources/policy_document
 */
const vaultPolicyDocument = dataSource({
  type: 'vault_policy_document',
  schema: z.strictObject({ rule: blocks(ruleBlock).default([]) }),
  computed: ['id', 'hcl'],
  read: async (_request, { rule }) => {
    const hcl = rule.map(renderRule).join('\n');
    return { id: String(crc32(hcl)), hcl };
  },
});

function renderRule(rule: z.output<typeof ruleBlock>): string {
  const lines = [
    ...(rule.description ? [`# ${rule.description}`] : []),
    `path "${rule.path}" {`,
    `  capabilities = ${renderList(rule.capabilities)}`,
    ...renderIfAny('required_parameters', rule.required_parameters),
    ...renderIfAny('subscribe_event_types', rule.subscribe_event_types),
    ...renderParameters('allowed_parameters', rule.allowed_parameter),
    ...renderParameters('denied_parameters', rule.denied_parameter),
    ...(rule.min_wrapping_ttl ? [`  min_wrapping_ttl = "${rule.min_wrapping_ttl}"`] : []),
    ...(rule.max_wrapping_ttl ? [`  max_wrapping_ttl = "${rule.max_wrapping_ttl}"`] : []),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function renderIfAny(name: string, items: readonly string[] | null | undefined): string[] {
  return items?.length ? [`  ${name} = ${renderList(items)}`] : [];
}

function renderParameters(name: string, items: z.output<typeof ruleParameters>): string[] {
  if (!items?.length) return [];
  const sorted = items.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return [`  ${name} = {`, ...sorted.map(({ key, value }) => `    "${key}" = ${renderList(value)}`), '  }'];
}

/** Nothing is escaped, as the provider escapes nothing. */
function renderList(items: readonly string[]): string {
  return items.length === 0 ? '[]' : `["${items.join('", "')}"]`;
}

/** Every data source that can be read without Terraform, by its name there. */
export const dataSources: ReadonlyMap<string, DataSource> = new Map(
  [
    consulAclPolicy,
    consulAclRole,
    consulKeys,
    vaultAuthBackend,
    vaultIdentityEntity,
    vaultIdentityGroup,
    vaultPolicyDocument,
  ].map((definition) => [definition.type, definition]),
);
