import { type Blocks, life, type ProviderCase } from './provider-case.js';

const read = ['sys/mounts/kv', 'sys/mounts/kv/tune'];
const mount = (attributes: Blocks): Blocks => ({
  resource: { vault_mount: { it: { path: 'kv', type: 'kv', ...attributes } } },
});
const kv = (more: Blocks = {}): Blocks => mount(more);
const argument = (name: string, first: unknown, second: unknown): ProviderCase =>
  life(name, read, kv, { [name]: first }, { [name]: second });

export const vaultMount: readonly ProviderCase[] = [
  { name: 'description', read, steps: [kv({ description: 'one' }), kv({ description: 'two' }), kv()] },
  argument('options', { version: '1' }, { version: '2' }),
  {
    name: 'options_removed',
    read: [...read, 'kv/config'],
    steps: [kv({ options: { version: '2' } }), kv({ description: 'x' })],
  },
  argument('default_lease_ttl_seconds', 60, 90),
  argument('max_lease_ttl_seconds', 60, 90),
  {
    name: 'ttl_from_the_start',
    read,
    steps: [kv({ default_lease_ttl_seconds: 60, max_lease_ttl_seconds: 90 }), kv({ description: 'x' })],
  },
  argument('audit_non_hmac_request_keys', ['a', 'b'], ['c']),
  argument('audit_non_hmac_response_keys', ['a', 'b'], ['c']),
  argument('listing_visibility', 'unauth', 'hidden'),
  argument('passthrough_request_headers', ['X-One', 'X-Two'], ['X-Three']),
  argument('allowed_response_headers', ['X-One', 'X-Two'], ['X-Three']),
  argument('delegated_auth_accessors', ['auth_token_1'], ['auth_token_2']),
  {
    name: 'from_the_start',
    read,
    steps: [
      kv({
        audit_non_hmac_request_keys: ['a'],
        audit_non_hmac_response_keys: ['b'],
        listing_visibility: 'unauth',
        passthrough_request_headers: ['X-One'],
        allowed_response_headers: ['X-Two'],
        delegated_auth_accessors: ['auth_token_1'],
        allowed_managed_keys: ['k'],
      }),
      kv(),
    ],
  },
  argument('allowed_managed_keys', ['a'], ['b']),
  argument('identity_token_key', 'default', 'other'),
  argument('local', true, false),
  argument('seal_wrap', true, false),
  argument('external_entropy_access', true, false),
  argument('force_no_cache', true, false),
  {
    name: 'force_no_cache_from_the_start',
    read,
    steps: [kv({ force_no_cache: true }), kv({ force_no_cache: true, description: 'x' })],
  },
  { name: 'plugin_version', read, steps: [kv({ plugin_version: 'v0.0.1' })] },
  {
    name: 'path',
    read: [...read, 'sys/mounts/other'],
    steps: [kv(), mount({ path: 'other', description: 'moved' }), mount({ path: 'a/b' })],
  },
  { name: 'type', read, steps: [kv(), mount({ type: 'transit' }), mount({ type: 'kv-v2' })] },
  {
    name: 'kv_v2',
    read: [...read, 'kv/config'],
    steps: [mount({ type: 'kv-v2' }), mount({ type: 'kv-v2', description: 'x' })],
  },
];
