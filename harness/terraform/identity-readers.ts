import { dataOf, type FieldReader, type Values } from './field-reader.js';

const entity: FieldReader = {
  read: async (read, { id }) => dataOf(await read(`identity/entity/id/${String(id)}`)),
  declared: withoutExternal,
};

const group: FieldReader = {
  read: async (read, { id }) => dataOf(await read(`identity/group/id/${String(id)}`)),
  declared: withoutExternal,
  defaults: { type: 'internal' },
  chosen: ['name'],
};

const entityAlias: FieldReader = {
  read: async (read, { id }) => dataOf(await read(`identity/entity-alias/id/${String(id)}`)),
};

const groupAlias: FieldReader = {
  read: async (read, { id }) => dataOf(await read(`identity/group-alias/id/${String(id)}`)),
};

/** What a resource of its own gives to a group: all that the group has, or a part of it. */
function ofGroup(field: 'member_entity_ids' | 'member_group_ids' | 'policies'): FieldReader {
  return {
    read: async (read, values) => {
      const { [field]: found } = dataOf(await read(`identity/group/id/${String(values['group_id'])}`));
      const wanted = values[field];
      const isPart = values['exclusive'] === false && Array.isArray(found) && Array.isArray(wanted);
      return { [field]: isPart ? found.filter((one) => wanted.includes(one)) : found };
    },
    ignored: ['group_id', 'group_name', 'exclusive'],
  };
}

/** Without what other resources declare of an entity or a group. */
function withoutExternal(values: Values): Values {
  const external = Object.keys(values).filter((name) => name.startsWith('external_'));
  const elsewhere = external.filter((name) => values[name] === true).map((name) => name.replace('external_', ''));
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => !external.includes(name) && !elsewhere.includes(name)),
  );
}

/** How the resource types of Vault's identities are read back, by name. */
export const identityReaders: Readonly<Record<string, FieldReader>> = {
  vault_identity_entity: entity,
  vault_identity_entity_alias: entityAlias,
  vault_identity_group: group,
  vault_identity_group_alias: groupAlias,
  vault_identity_group_member_entity_ids: ofGroup('member_entity_ids'),
  vault_identity_group_member_group_ids: ofGroup('member_group_ids'),
  vault_identity_group_policies: ofGroup('policies'),
};
