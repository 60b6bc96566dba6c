import type { Blocks, ProviderCase } from './provider-case.js';

const mounted = (version: string, type: string, attributes: Blocks): Blocks => ({
  resource: {
    vault_mount: { kv: { path: 'kv', type: 'kv', options: { version } } },
    [type]: { it: { depends_on: ['vault_mount.kv'], ...attributes } },
  },
});
const one = JSON.stringify({ b: 'x', a: 1 });
const spaced = '{ "a": 1,\n "b": "x" }';
const two = JSON.stringify({ c: { d: [1, null, true] }, e: '<&>' });

const v1 = (attributes: Blocks): Blocks =>
  mounted('1', 'vault_kv_secret', { path: 'kv/one', data_json: one, ...attributes });
const v2 = (attributes: Blocks): Blocks =>
  mounted('2', 'vault_kv_secret_v2', { mount: 'kv', name: 'one', ...attributes });
const backend = (attributes: Blocks): Blocks =>
  mounted('2', 'vault_kv_secret_backend_v2', { mount: 'kv', ...attributes });
const generic = (version: string, attributes: Blocks): Blocks =>
  mounted(version, 'vault_generic_secret', { path: 'kv/one', data_json: one, ...attributes });

export const vaultKvSecret: readonly ProviderCase[] = [
  { name: 'data_json', read: ['kv/one'], steps: [v1({}), v1({ data_json: spaced }), v1({ data_json: two })] },
  { name: 'path', read: ['kv/one', 'kv/a/b'], steps: [v1({}), v1({ path: 'kv/a/b' })] },
];

const readV2 = ['kv/data/one', 'kv/metadata/one'];
const metadata = { max_versions: 5, cas_required: false, delete_version_after: 3600, data: { owner: 'me' } };

export const vaultKvSecretV2: readonly ProviderCase[] = [
  {
    name: 'data_json',
    read: readV2,
    steps: [v2({ data_json: one }), v2({ data_json: spaced }), v2({ data_json: two })],
  },
  {
    name: 'data_json_wo',
    read: readV2,
    steps: [
      v2({ data_json_wo: one, data_json_wo_version: 1 }),
      v2({ data_json_wo: two, data_json_wo_version: 1 }),
      v2({ data_json_wo: two, data_json_wo_version: 2 }),
    ],
  },
  {
    name: 'data_json_wo_without_a_new_version',
    read: readV2,
    steps: [
      v2({ data_json_wo: one, data_json_wo_version: 1 }),
      v2({ data_json_wo: one, data_json_wo_version: 1, delete_all_versions: true }),
    ],
  },
  {
    name: 'cas',
    read: readV2,
    steps: [v2({ data_json: one, cas: 0 }), v2({ data_json: two, cas: 1 }), v2({ data_json: one, cas: 7 })],
  },
  {
    name: 'options',
    read: readV2,
    steps: [
      v2({ data_json: one, options: { cas: '0' } }),
      v2({ data_json: two, options: { cas: '1' } }),
      v2({ data_json: two }),
    ],
  },
  { name: 'options_refused', read: readV2, steps: [v2({ data_json: one, options: { cas: '3' } })] },
  { name: 'delete_all_versions', read: readV2, steps: [v2({ data_json: one, delete_all_versions: true })] },
  {
    name: 'delete_all_versions_later',
    read: readV2,
    steps: [v2({ data_json: one }), v2({ data_json: one, delete_all_versions: true })],
  },
  {
    name: 'disable_read',
    read: readV2,
    steps: [
      v2({ data_json: one, disable_read: true }),
      v2({ data_json: two, disable_read: true }),
      v2({ data_json: two }),
    ],
  },
  {
    name: 'custom_metadata',
    read: readV2,
    steps: [
      v2({ data_json: one }),
      v2({ data_json: one, custom_metadata: [metadata] }),
      v2({ data_json: one, custom_metadata: [{ max_versions: 6, data: { other: 'b' } }] }),
      v2({ data_json: two }),
    ],
  },
  {
    name: 'custom_metadata_from_the_start',
    read: readV2,
    steps: [v2({ data_json: one, custom_metadata: [metadata] }), v2({ data_json: two, custom_metadata: [metadata] })],
  },
  {
    name: 'custom_metadata_as_a_block',
    read: readV2,
    steps: [v2({ data_json: one, custom_metadata: { data: { owner: 'me' } } })],
  },
  {
    name: 'name',
    read: [...readV2, 'kv/data/a/b'],
    steps: [v2({ data_json: one }), v2({ data_json: one, name: 'a/b' })],
  },
];

export const vaultKvSecretBackendV2: readonly ProviderCase[] = [
  {
    name: 'max_versions',
    read: ['kv/config'],
    steps: [backend({}), backend({ max_versions: 5 }), backend({ max_versions: 6 }), backend({})],
  },
  {
    name: 'cas_required',
    read: ['kv/config'],
    steps: [backend({ cas_required: true }), backend({ cas_required: false }), backend({})],
  },
  {
    name: 'cas_required_removed',
    read: ['kv/config'],
    steps: [backend({ cas_required: true }), backend({ max_versions: 3 })],
  },
  {
    name: 'delete_version_after',
    read: ['kv/config'],
    steps: [backend({ delete_version_after: 3600 }), backend({ delete_version_after: 7200 }), backend({})],
  },
];

export const vaultGenericSecret: readonly ProviderCase[] = [
  {
    name: 'data_json',
    read: ['kv/one'],
    steps: [generic('1', {}), generic('1', { data_json: spaced }), generic('1', { data_json: two })],
  },
  { name: 'data_json_v2', read: readV2, steps: [generic('2', {}), generic('2', { data_json: two })] },
  { name: 'delete_all_versions', read: readV2, steps: [generic('2', { delete_all_versions: true })] },
  {
    name: 'disable_read',
    read: ['kv/one'],
    steps: [generic('1', { disable_read: true }), generic('1', { disable_read: true, data_json: two })],
  },
  { name: 'path', read: ['kv/one', 'kv/a/b'], steps: [generic('1', {}), generic('1', { path: 'kv/a/b' })] },
];
