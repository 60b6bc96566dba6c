import { type Blocks, type ProviderCase, tuned } from './provider-case.js';

const read = ['sys/policies/acl/reader'];
const documented = (...rule: readonly Blocks[]): Blocks => ({
  data: { vault_policy_document: { it: { rule } } },
  resource: { vault_policy: { reader: { name: 'reader', policy: `\${data.vault_policy_document.it.hcl}` } } },
  output: {
    hcl: { value: `\${data.vault_policy_document.it.hcl}` },
    id: { value: `\${data.vault_policy_document.it.id}` },
  },
});
const simple = { path: 'kv/data/*', capabilities: ['read', 'list'] };

export const vaultPolicyDocument: readonly ProviderCase[] = [
  { name: 'rule', read, steps: [documented(simple), documented(simple, { path: 'kv/x', capabilities: ['deny'] })] },
  {
    name: 'description',
    read,
    steps: [documented({ ...simple, description: 'what "it" does' }, { ...simple, path: 'x' })],
  },
  { name: 'no_capabilities', read, steps: [documented({ path: 'x', capabilities: [] })] },
  { name: 'capability_unknown', read, steps: [documented({ path: 'x', capabilities: ['fly'] })] },
  { name: 'required_parameters', read, steps: [documented({ ...simple, required_parameters: ['a', 'b'] })] },
  {
    name: 'subscribe_event_types',
    read,
    steps: [documented({ path: 'sys/events', capabilities: ['subscribe'], subscribe_event_types: ['*'] })],
  },
  {
    name: 'parameters',
    read,
    steps: [
      documented({
        ...simple,
        allowed_parameter: [
          { key: 'b', value: ['x', 'y'] },
          { key: 'a', value: [] },
        ],
        denied_parameter: [{ key: 'c', value: ['z'] }],
      }),
    ],
  },
  {
    name: 'parameter_twice',
    read,
    steps: [
      documented({
        ...simple,
        allowed_parameter: [
          { key: 'b', value: ['x'] },
          { key: 'b', value: [] },
        ],
      }),
    ],
  },
  { name: 'wrapping_ttl', read, steps: [documented({ ...simple, min_wrapping_ttl: '1s', max_wrapping_ttl: '1h' })] },
  {
    name: 'everything',
    read,
    steps: [
      documented({
        ...simple,
        description: 'all',
        required_parameters: ['a'],
        subscribe_event_types: ['e'],
        allowed_parameter: [{ key: 'a', value: ['1'] }],
        denied_parameter: [{ key: 'b', value: [] }],
        min_wrapping_ttl: '1s',
        max_wrapping_ttl: '2s',
      }),
    ],
  },
  {
    name: 'templated',
    read,
    steps: [
      {
        resource: {
          vault_mount: { kv: { path: 'kv', type: 'kv' } },
          vault_policy: { reader: { name: 'reader', policy: `\${data.vault_policy_document.it.hcl}` } },
        },
        data: {
          vault_policy_document: {
            it: { rule: [{ path: `\${vault_mount.kv.path}/{{identity.entity.id}}/$\${x}`, capabilities: ['read'] }] },
          },
        },
      },
    ],
  },
];

export const vaultAuthBackendDataSource: readonly ProviderCase[] = [
  {
    name: 'attributes',
    read: [],
    steps: [
      {
        resource: {
          vault_auth_backend: {
            jwt: {
              type: 'jwt',
              description: 'one',
              ...tuned({ default_lease_ttl: '1h', listing_visibility: 'unauth' }),
            },
          },
        },
        data: { vault_auth_backend: { it: { path: `\${vault_auth_backend.jwt.path}` } } },
        output: Object.fromEntries(
          [
            'accessor',
            'default_lease_ttl_seconds',
            'description',
            'id',
            'listing_visibility',
            'local',
            'max_lease_ttl_seconds',
            'path',
            'type',
          ].map((name) => [name, { value: `\${data.vault_auth_backend.it.${name}}` }]),
        ),
      },
    ],
  },
];
