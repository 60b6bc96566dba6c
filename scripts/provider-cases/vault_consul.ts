import { type Blocks, life, type ProviderCase } from './provider-case.js';

const read = ['sys/mounts/consul', 'sys/mounts/consul/tune', 'consul/config/access'];
const address = '127.0.0.1:8500';
const configured = (attributes: Blocks): Blocks => ({
  resource: { vault_consul_secret_backend: { it: { address, ...attributes } } },
});
const backend = (more: Blocks = {}): Blocks => configured({ token: '{{secret}}', ...more });
const argument = (name: string, first: unknown, second: unknown): ProviderCase =>
  life(name, read, backend, { [name]: first }, { [name]: second });

export const vaultConsulSecretBackend: readonly ProviderCase[] = [
  argument('description', 'one', 'two'),
  argument('address', '127.0.0.1:8501', '127.0.0.1:8502'),
  argument('scheme', 'https', 'http'),
  argument('token', 'one', 'two'),
  argument('ca_cert', 'one', 'two'),
  argument('client_cert', 'one', 'two'),
  argument('client_key', 'one', 'two'),
  {
    name: 'token_wo',
    read,
    steps: [
      configured({ token_wo: 'one', token_wo_version: 1 }),
      configured({ token_wo: 'two', token_wo_version: 1 }),
      configured({ token_wo: 'two', token_wo_version: 2, address: '127.0.0.1:8501' }),
    ],
  },
  {
    name: 'token_wo_without_a_new_version',
    read,
    steps: [
      configured({ token_wo: 'one', token_wo_version: 1 }),
      configured({ token_wo: 'one', token_wo_version: 1, address: '127.0.0.1:1' }),
    ],
  },
  { name: 'token_wo_without_a_version', read, steps: [configured({ token_wo: 'one', address: '127.0.0.1:1' })] },
  {
    name: 'client_key_wo',
    read,
    steps: [
      backend({ client_key_wo: 'one', client_key_wo_version: 1 }),
      backend({ client_key_wo: 'two', client_key_wo_version: 2 }),
      backend(),
    ],
  },
  {
    name: 'bootstrap',
    read,
    steps: [
      configured({ bootstrap: true, address: '{{consul}}' }),
      configured({ bootstrap: true, address: '{{consul}}', description: 'bootstrapped' }),
      configured({ bootstrap: true, address: '{{consul}}', scheme: 'https' }),
    ],
  },
  { name: 'bootstrap_with_a_token', read, steps: [backend({ bootstrap: true })] },
  { name: 'no_token', read, steps: [configured({})] },
  {
    name: 'bootstrap_failed',
    read,
    steps: [configured({ bootstrap: true, address: '127.0.0.1:1' })],
  },
  {
    name: 'path',
    read: [...read, 'sys/mounts/other', 'other/config/access'],
    steps: [backend(), backend({ path: 'other', description: 'moved' }), backend({ path: 'a/b' })],
  },
  {
    name: 'disable_remount',
    read: [...read, 'sys/mounts/other', 'other/config/access'],
    steps: [backend({ disable_remount: true }), backend({ disable_remount: true, path: 'other' })],
  },
  argument('default_lease_ttl_seconds', 60, 90),
  argument('max_lease_ttl_seconds', 60, 90),
  argument('local', true, false),
  argument('seal_wrap', true, false),
  argument('external_entropy_access', true, false),
  argument('force_no_cache', true, false),
  argument('options', { a: '1' }, { a: '2' }),
  argument('audit_non_hmac_request_keys', ['a', 'b'], ['c']),
  argument('audit_non_hmac_response_keys', ['a', 'b'], ['c']),
  argument('allowed_managed_keys', ['a'], ['b']),
  argument('passthrough_request_headers', ['X-One', 'X-Two'], ['X-Three']),
  argument('allowed_response_headers', ['X-One', 'X-Two'], ['X-Three']),
  argument('delegated_auth_accessors', ['auth_token_1'], ['auth_token_2']),
  argument('listing_visibility', 'unauth', 'hidden'),
  argument('identity_token_key', 'default', 'other'),
  { name: 'plugin_version', read, steps: [backend({ plugin_version: 'v0.0.1' })] },
];

const rolePaths = ['consul/roles/app', 'consul/roles/other'];
const role = (attributes: Blocks): Blocks => ({
  resource: {
    vault_consul_secret_backend: { it: { address, token: '{{secret}}' } },
    vault_consul_secret_backend_role: {
      it: { backend: `\${vault_consul_secret_backend.it.path}`, name: 'app', ...attributes },
    },
  },
});
const reader = (more: Blocks = {}): Blocks => role({ consul_policies: ['reader'], ...more });
const roleArgument = (name: string, first: unknown, second: unknown): ProviderCase =>
  life(name, rolePaths, reader, { [name]: first }, { [name]: second });

export const vaultConsulSecretBackendRole: readonly ProviderCase[] = [
  {
    name: 'consul_policies',
    read: rolePaths,
    steps: [reader(), role({ consul_policies: ['a', 'b'] }), role({ service_identities: ['web'] })],
  },
  {
    name: 'policies',
    read: rolePaths,
    steps: [role({ policies: ['a', 'b'] }), role({ policies: ['c'] }), role({ consul_policies: ['c'] })],
  },
  roleArgument('consul_roles', ['one', 'two'], ['three']),
  roleArgument('service_identities', ['web', 'api:dc1,dc2'], ['db']),
  roleArgument('node_identities', ['n1:dc1', 'n2:dc1'], ['n3:dc1']),
  roleArgument('ttl', 60, 90),
  roleArgument('max_ttl', 60, 90),
  roleArgument('local', true, false),
  roleArgument('consul_namespace', 'one', 'two'),
  roleArgument('partition', 'one', 'two'),
  { name: 'name', read: rolePaths, steps: [reader(), reader({ name: 'other' })] },
  {
    name: 'backend',
    read: [...rolePaths, 'more/roles/app'],
    steps: [
      reader(),
      {
        resource: {
          vault_consul_secret_backend: { it: { address, token: '{{secret}}', path: 'more' } },
          vault_consul_secret_backend_role: {
            it: {
              backend: '/more/',
              name: 'app',
              consul_policies: ['reader'],
              depends_on: ['vault_consul_secret_backend.it'],
            },
          },
        },
      },
    ],
  },
  { name: 'nothing', read: rolePaths, steps: [role({})] },
];
