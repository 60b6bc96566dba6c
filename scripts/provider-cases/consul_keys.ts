import type { Blocks, ProviderCase } from './provider-case.js';

const read = ['kv/app/colour', 'kv/app/size', 'kv/app/a%20b'];
const keys = (key: unknown, more: Blocks = {}): Blocks => ({
  resource: { consul_keys: { it: { key, ...more } } },
  output: Object.fromEntries(
    ['id', 'datacenter', 'var'].map((name) => [name, { value: `\${consul_keys.it.${name}}` }]),
  ),
});
const colour = { path: 'app/colour', value: 'red', delete: true };

export const consulKeys: readonly ProviderCase[] = [
  { name: 'value', read, steps: [keys([colour]), keys([{ ...colour, value: 'blue' }]), keys([])] },
  { name: 'path', read, steps: [keys([colour]), keys([{ ...colour, path: 'app/size' }])] },
  { name: 'flags', read, steps: [keys([colour]), keys([{ ...colour, flags: 7 }])] },
  { name: 'two_keys', read, steps: [keys([colour, { path: 'app/size', value: 'big', delete: true }]), keys([colour])] },
  { name: 'not_deleted', read, steps: [keys([{ path: 'app/colour', value: 'red' }]), keys([])] },
  { name: 'a_block', read, steps: [keys({ ...colour, path: 'app/a b', value: 'caf\u00e9' })] },
  { name: 'datacenter', read, steps: [keys([colour], { datacenter: 'dc1' })] },
  { name: 'datacenter_unknown', read, steps: [keys([colour], { datacenter: 'dc9' })] },
  {
    name: 'read_by_name',
    read,
    steps: [
      keys([colour]),
      keys([colour, { name: 'colour', path: 'app/colour' }, { name: 'size', path: 'app/size', default: 'big' }]),
    ],
  },
];

const lookup = (key: unknown, more: Blocks = {}): Blocks => ({
  resource: { consul_keys: { it: { key: [colour] } } },
  data: { consul_keys: { it: { depends_on: ['consul_keys.it'], key, ...more } } },
  output: {
    ...Object.fromEntries(
      ['id', 'datacenter', 'var'].map((name) => [name, { value: `\${data.consul_keys.it.${name}}` }]),
    ),
  },
});
const missing = { name: 'size', path: 'app/size' };

export const consulKeysDataSource: readonly ProviderCase[] = [
  {
    name: 'key',
    read: [],
    steps: [
      lookup([{ name: 'colour', path: 'app/colour' }, missing]),
      lookup([
        { name: 'colour', path: 'app/colour' },
        { ...missing, default: 'big' },
      ]),
    ],
  },
  { name: 'datacenter', read: [], steps: [lookup([missing], { datacenter: 'dc1' })] },
  { name: 'a_block', read: [], steps: [lookup({ name: 'colour', path: 'app/colour' })] },
  { name: 'error_on_missing_keys', read: [], steps: [lookup([missing], { error_on_missing_keys: true })] },
];
