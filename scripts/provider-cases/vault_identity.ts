import { type Blocks, life, type ProviderCase } from './provider-case.js';

const groupPath = ['identity/group/name/readers', 'identity/group/name/other'];
const entityPath = ['identity/entity/name/vishpat', 'identity/entity/name/other'];

const group = (attributes: Blocks): Blocks => ({
  resource: { vault_identity_group: { it: { name: 'readers', ...attributes } } },
});
const internal = (more: Blocks = {}): Blocks => group(more);
const external = (more: Blocks = {}): Blocks => group({ type: 'external', ...more });
const entity = (more: Blocks = {}): Blocks => ({
  resource: { vault_identity_entity: { it: { name: 'vishpat', ...more } } },
});
const members = (more: Blocks): Blocks => ({
  resource: {
    vault_identity_entity: { one: { name: 'one' }, two: { name: 'two' } },
    vault_identity_group: { inner: { name: 'inner' }, it: { name: 'readers', ...more } },
  },
});
const one = `\${vault_identity_entity.one.id}`;
const two = `\${vault_identity_entity.two.id}`;

export const vaultIdentityGroup: readonly ProviderCase[] = [
  life('policies', groupPath, internal, { policies: ['b', 'a'] }, { policies: ['c'] }),
  life('external_group', groupPath, external, { policies: ['a'] }, { policies: ['b'] }),
  life('metadata', groupPath, internal, { metadata: { a: 'b' } }, { metadata: { c: 'd' } }),
  { name: 'metadata_from_the_start', read: groupPath, steps: [internal({ metadata: { a: 'b' } }), internal()] },
  { name: 'name', read: groupPath, steps: [internal(), internal({ name: 'other' })] },
  { name: 'type', read: groupPath, steps: [internal(), external()] },
  life(
    'external_policies',
    groupPath,
    internal,
    { external_policies: true },
    { external_policies: true, policies: ['ignored'] },
  ),
  {
    name: 'external_policies_later',
    read: groupPath,
    steps: [internal({ policies: ['a'] }), internal({ policies: ['a'], external_policies: true })],
  },
  {
    name: 'member_entity_ids',
    read: groupPath,
    steps: [members({ member_entity_ids: [one] }), members({ member_entity_ids: [one, two] }), members({})],
  },
  {
    name: 'member_group_ids',
    read: groupPath,
    steps: [members({ member_group_ids: [`\${vault_identity_group.inner.id}`] }), members({})],
  },
  {
    name: 'external_members',
    read: groupPath,
    steps: [
      members({ member_entity_ids: [one] }),
      members({ member_entity_ids: [two], external_member_entity_ids: true, external_member_group_ids: true }),
    ],
  },
];

export const vaultIdentityEntity: readonly ProviderCase[] = [
  life('policies', entityPath, entity, { policies: ['b', 'a'] }, { policies: ['c'] }),
  life('metadata', entityPath, entity, { metadata: { a: 'b' } }, { metadata: { c: 'd' } }),
  life('disabled', entityPath, entity, { disabled: true }, { disabled: false }),
  life(
    'external_policies',
    entityPath,
    entity,
    { external_policies: true },
    { external_policies: true, policies: ['ignored'] },
  ),
  {
    name: 'from_the_start',
    read: entityPath,
    steps: [entity({ policies: ['a'], metadata: { a: 'b' }, disabled: true }), entity()],
  },
  { name: 'name', read: entityPath, steps: [entity(), entity({ name: 'other' })] },
];

const aliased = (aliasType: string, canonical: string, alias: Blocks): Blocks => ({
  resource: {
    vault_auth_backend: { jwt: { type: 'jwt' }, other: { type: 'jwt', path: 'other' } },
    vault_identity_group: {
      readers: { name: 'readers', type: 'external' },
      other: { name: 'other', type: 'external' },
    },
    vault_identity_entity: { vishpat: { name: 'vishpat' }, other: { name: 'other' } },
    [aliasType]: {
      it: { name: 'one', mount_accessor: `\${vault_auth_backend.jwt.accessor}`, canonical_id: canonical, ...alias },
    },
  },
});
const groupAlias = (more: Blocks = {}): Blocks =>
  aliased('vault_identity_group_alias', `\${vault_identity_group.readers.id}`, more);
const entityAlias = (more: Blocks = {}): Blocks =>
  aliased('vault_identity_entity_alias', `\${vault_identity_entity.vishpat.id}`, more);
const elsewhere = `\${vault_auth_backend.other.accessor}`;

export const vaultIdentityGroupAlias: readonly ProviderCase[] = [
  { name: 'name', read: groupPath, steps: [groupAlias(), groupAlias({ name: 'two' })] },
  { name: 'mount_accessor', read: groupPath, steps: [groupAlias(), groupAlias({ mount_accessor: elsewhere })] },
  {
    name: 'canonical_id',
    read: groupPath,
    steps: [groupAlias(), groupAlias({ canonical_id: `\${vault_identity_group.other.id}` })],
  },
];

export const vaultIdentityEntityAlias: readonly ProviderCase[] = [
  { name: 'name', read: entityPath, steps: [entityAlias(), entityAlias({ name: 'two' })] },
  { name: 'mount_accessor', read: entityPath, steps: [entityAlias(), entityAlias({ mount_accessor: elsewhere })] },
  {
    name: 'canonical_id',
    read: entityPath,
    steps: [entityAlias(), entityAlias({ canonical_id: `\${vault_identity_entity.other.id}` })],
  },
  life('custom_metadata', entityPath, entityAlias, { custom_metadata: { a: 'b' } }, { custom_metadata: { c: 'd' } }),
  life('external_id', entityPath, entityAlias, { external_id: 'one' }),
  life('issuer', entityPath, entityAlias, { issuer: 'one' }),
  {
    name: 'name_twice',
    read: entityPath,
    steps: [
      {
        resource: {
          vault_auth_backend: { jwt: { type: 'jwt' } },
          vault_identity_entity: { vishpat: { name: 'vishpat' } },
          vault_identity_entity_alias: Object.fromEntries(
            [[], ['vault_identity_entity_alias.it0']].map((depends_on, index) => [
              `it${index}`,
              {
                name: 'one',
                mount_accessor: `\${vault_auth_backend.jwt.accessor}`,
                canonical_id: `\${vault_identity_entity.vishpat.id}`,
                depends_on,
              },
            ]),
          ),
        },
      },
    ],
  },
];

const grouped = (more: Blocks): Blocks => ({
  resource: {
    vault_identity_group: {
      it: { name: 'readers', type: 'external', external_policies: true },
      other: { name: 'other', external_policies: true },
    },
    vault_identity_group_policies: { it: { group_id: `\${vault_identity_group.it.id}`, ...more } },
  },
});

export const vaultIdentityGroupPolicies: readonly ProviderCase[] = [
  { name: 'policies', read: groupPath, steps: [grouped({ policies: ['b', 'a'] }), grouped({ policies: ['c'] })] },
  {
    name: 'not_exclusive',
    read: groupPath,
    steps: [
      grouped({ policies: ['a'] }),
      grouped({ policies: ['a', 'b'], exclusive: false }),
      grouped({ policies: ['b'], exclusive: false }),
    ],
  },
  {
    name: 'group_id',
    read: groupPath,
    steps: [grouped({ policies: ['a'] }), grouped({ policies: ['a'], group_id: `\${vault_identity_group.other.id}` })],
  },
];

const joined = (type: string, field: string, more: Blocks): Blocks => ({
  resource: {
    vault_identity_entity: { one: { name: 'one' }, two: { name: 'two' } },
    vault_identity_group: {
      inner: { name: 'inner' },
      it: { name: 'readers', [`external_${field}`]: true },
      other: { name: 'other', [`external_${field}`]: true },
      outside: { name: 'outside', type: 'external' },
    },
    [type]: { it: { group_id: `\${vault_identity_group.it.id}`, ...more } },
  },
});
const withEntities = (more: Blocks): Blocks =>
  joined('vault_identity_group_member_entity_ids', 'member_entity_ids', more);
const withGroups = (more: Blocks): Blocks => joined('vault_identity_group_member_group_ids', 'member_group_ids', more);
const inner = `\${vault_identity_group.inner.id}`;
const otherGroup = `\${vault_identity_group.other.id}`;

export const vaultIdentityGroupMemberEntityIds: readonly ProviderCase[] = [
  {
    name: 'member_entity_ids',
    read: groupPath,
    steps: [
      withEntities({ member_entity_ids: [one, two] }),
      withEntities({ member_entity_ids: [two] }),
      withEntities({}),
    ],
  },
  {
    name: 'not_exclusive',
    read: groupPath,
    steps: [
      withEntities({ member_entity_ids: [one] }),
      withEntities({ member_entity_ids: [one, two], exclusive: false }),
      withEntities({ member_entity_ids: [two], exclusive: false }),
    ],
  },
  {
    name: 'group_id',
    read: groupPath,
    steps: [
      withEntities({ member_entity_ids: [one] }),
      withEntities({ member_entity_ids: [one], group_id: otherGroup }),
    ],
  },
  {
    name: 'external_group',
    read: ['identity/group/name/outside'],
    steps: [withEntities({ member_entity_ids: [], group_id: `\${vault_identity_group.outside.id}` })],
  },
  {
    name: 'side_by_side',
    read: groupPath,
    steps: [
      {
        resource: {
          vault_identity_entity: { one: { name: 'one' }, two: { name: 'two' } },
          vault_identity_group: { it: { name: 'readers', external_member_entity_ids: true } },
          vault_identity_group_member_entity_ids: Object.fromEntries(
            [one, two].map((id, index) => [
              `it${index}`,
              { group_id: `\${vault_identity_group.it.id}`, member_entity_ids: [id], exclusive: false },
            ]),
          ),
        },
      },
    ],
  },
];

export const vaultIdentityGroupMemberGroupIds: readonly ProviderCase[] = [
  {
    name: 'member_group_ids',
    read: groupPath,
    steps: [
      withGroups({ member_group_ids: [inner, otherGroup] }),
      withGroups({ member_group_ids: [inner] }),
      withGroups({}),
    ],
  },
  {
    name: 'not_exclusive',
    read: groupPath,
    steps: [
      withGroups({ member_group_ids: [inner] }),
      withGroups({ member_group_ids: [inner, otherGroup], exclusive: false }),
      withGroups({ member_group_ids: [otherGroup], exclusive: false }),
    ],
  },
];

const outputs = (from: string, names: readonly string[]): Blocks => ({
  output: Object.fromEntries(names.map((name) => [name, { value: `\${${from}.${name}}` }])),
});
const groupLookup = (lookup: Blocks): Blocks => ({
  ...groupAlias(),
  data: { vault_identity_group: { it: { depends_on: ['vault_identity_group_alias.it'], ...lookup } } },
  ...outputs('data.vault_identity_group.it', [
    'id',
    'group_id',
    'group_name',
    'type',
    'policies',
    'metadata',
    'member_entity_ids',
    'member_group_ids',
    'parent_group_ids',
    'namespace_id',
    'alias_name',
    'alias_mount_path',
    'alias_mount_type',
    'alias_canonical_id',
  ]),
});
const entityLookup = (lookup: Blocks): Blocks => ({
  ...entityAlias(),
  data: { vault_identity_entity: { it: { depends_on: ['vault_identity_entity_alias.it'], ...lookup } } },
  ...outputs('data.vault_identity_entity.it', [
    'id',
    'entity_id',
    'entity_name',
    'disabled',
    'policies',
    'metadata',
    'namespace_id',
    'group_ids',
    'direct_group_ids',
    'inherited_group_ids',
    'merged_entity_ids',
    'aliases',
  ]),
});
const jwtAccessor = `\${vault_auth_backend.jwt.accessor}`;

export const vaultIdentityGroupDataSource: readonly ProviderCase[] = [
  { name: 'group_name', read: [], steps: [groupLookup({ group_name: 'readers' })] },
  { name: 'group_id', read: [], steps: [groupLookup({ group_id: `\${vault_identity_group.readers.id}` })] },
  {
    name: 'alias',
    read: [],
    steps: [
      groupLookup({ alias_id: `\${vault_identity_group_alias.it.id}` }),
      groupLookup({ alias_name: 'one', alias_mount_accessor: jwtAccessor }),
    ],
  },
  { name: 'without_an_alias', read: [], steps: [groupLookup({ group_name: 'other' })] },
  { name: 'missing', read: [], steps: [groupLookup({ group_name: 'nobody' })] },
];

export const vaultIdentityEntityDataSource: readonly ProviderCase[] = [
  { name: 'entity_name', read: [], steps: [entityLookup({ entity_name: 'vishpat' })] },
  { name: 'entity_id', read: [], steps: [entityLookup({ entity_id: `\${vault_identity_entity.vishpat.id}` })] },
  {
    name: 'alias',
    read: [],
    steps: [
      entityLookup({ alias_id: `\${vault_identity_entity_alias.it.id}` }),
      entityLookup({ alias_name: 'one', alias_mount_accessor: jwtAccessor }),
    ],
  },
  { name: 'without_an_alias', read: [], steps: [entityLookup({ entity_name: 'other' })] },
  { name: 'missing', read: [], steps: [entityLookup({ entity_name: 'nobody' })] },
];
