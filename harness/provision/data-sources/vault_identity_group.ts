import { z } from 'zod';
import { isRecord } from '../../../internal/json.js';
import { goJson, text } from '../arguments.js';
import { ALIAS_FIELDS, aliasArguments, fieldsOf, lookUpIdentity } from '../identity-lookup.js';
import { dataSource } from '../resource-type.js';

const FIELDS = [
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

const OF_ALIAS = ALIAS_FIELDS.map((field) => `alias_${field}`);

/** @see https://developer.hashicorp.com/vault/api-docs/secret/identity/lookup#lookup-a-group */
export const vaultIdentityGroupDataSource = dataSource({
  type: 'vault_identity_group',
  schema: z.strictObject({ group_id: text.optional(), group_name: text.optional(), ...aliasArguments }),
  computed: ['id', 'group_id', 'group_name', 'data_json', ...FIELDS, ...OF_ALIAS],
  read: async (request, { group_id, group_name, alias_id, alias_name, alias_mount_accessor }) => {
    const by = { id: group_id, name: group_name, alias_id, alias_name, alias_mount_accessor };
    const group = await lookUpIdentity(request, 'group', by);
    const alias = isRecord(group['alias']) ? group['alias'] : {};
    return {
      id: group['id'],
      group_id: group['id'],
      group_name: group['name'],
      data_json: goJson(group),
      ...fieldsOf(FIELDS, group),
      ...Object.fromEntries(ALIAS_FIELDS.map((name) => [`alias_${name}`, alias[name]])),
    };
  },
});
