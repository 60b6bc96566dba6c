import { z } from 'zod';
import { isRecord } from '../../../internal/json.js';
import { goJson, text } from '../arguments.js';
import { ALIAS_FIELDS, aliasArguments, fieldsOf, lookUpIdentity } from '../identity-lookup.js';
import { dataSource } from '../resource-type.js';

const FIELDS = [
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
export const vaultIdentityEntityDataSource = dataSource({
  type: 'vault_identity_entity',
  schema: z.strictObject({ entity_id: text.optional(), entity_name: text.optional(), ...aliasArguments }),
  computed: ['id', 'entity_id', 'entity_name', 'data_json', 'aliases', ...FIELDS],
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
      ...fieldsOf(FIELDS, entity),
    };
  },
});
