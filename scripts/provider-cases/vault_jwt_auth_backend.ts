import { type Blocks, life, type ProviderCase, tuned } from './provider-case.js';
import { CA_PEM, OTHER_PUBLIC_KEY, PUBLIC_KEY } from './public-keys.js';

const keys = { jwt_validation_pubkeys: [PUBLIC_KEY] };
const url = '{{issuer}}/jwks';
const read = ['sys/auth/jwt', 'sys/auth/jwt/tune', 'auth/jwt/config'];
const oidc = {
  type: 'oidc',
  oidc_discovery_url: '{{issuer}}',
  oidc_client_id: 'vault',
  oidc_client_secret: '{{secret}}',
};

const declared = (attributes: Blocks): Blocks => ({ resource: { vault_jwt_auth_backend: { it: attributes } } });
const withKeys = (more: Blocks = {}): Blocks => declared({ ...keys, ...more });
const withUrl = (more: Blocks = {}): Blocks => declared({ jwks_url: url, ...more });
const withDiscovery = (more: Blocks = {}): Blocks => declared({ oidc_discovery_url: '{{issuer}}', ...more });
const withOidc = (more: Blocks = {}): Blocks => declared({ ...oidc, ...more });

const tune = {
  default_lease_ttl: '1h',
  max_lease_ttl: '2h',
  audit_non_hmac_request_keys: ['a', 'b'],
  audit_non_hmac_response_keys: ['c'],
  listing_visibility: 'unauth',
  passthrough_request_headers: ['X-One'],
  allowed_response_headers: ['X-Two'],
  token_type: 'batch',
};

export const vaultJwtAuthBackend: readonly ProviderCase[] = [
  {
    name: 'jwt_validation_pubkeys',
    read,
    steps: [withKeys(), declared({ jwt_validation_pubkeys: [PUBLIC_KEY, OTHER_PUBLIC_KEY] })],
  },
  { name: 'jwks_url', read, steps: [withUrl(), withKeys(), withUrl()] },
  { name: 'jwks_ca_pem', read, steps: [withUrl(), withUrl({ jwks_ca_pem: CA_PEM }), withUrl()] },
  {
    name: 'jwks_pairs',
    read,
    steps: [
      declared({ jwks_pairs: [{ jwks_url: url }] }),
      declared({ jwks_pairs: [{ jwks_url: url, jwks_ca_pem: CA_PEM }, { jwks_url: `${url}?other` }] }),
      withKeys(),
    ],
  },
  { name: 'oidc_discovery_url', read, steps: [withDiscovery(), withKeys()] },
  life('oidc_discovery_ca_pem', read, withDiscovery, { oidc_discovery_ca_pem: CA_PEM }),
  life('description', read, withKeys, { description: 'one' }, { description: 'two' }),
  {
    name: 'description_from_the_start',
    read,
    steps: [withKeys({ description: 'one' }), withKeys({ description: 'two' }), withKeys()],
  },
  life('bound_issuer', read, withKeys, { bound_issuer: 'one' }, { bound_issuer: 'two' }),
  life(
    'jwt_supported_algs',
    read,
    withKeys,
    { jwt_supported_algs: ['RS256', 'ES256'] },
    { jwt_supported_algs: ['ES384'] },
  ),
  life('default_role', read, withKeys, { default_role: 'one' }, { default_role: 'two' }),
  life('namespace_in_state', read, withKeys, { namespace_in_state: false }, { namespace_in_state: true }),
  life('local', read, withKeys, { local: true }, { local: false }),
  life(
    'path',
    ['sys/auth/jwt', ...['one', 'two'].flatMap((path) => [`sys/auth/${path}`, `auth/${path}/config`])],
    withKeys,
    { path: 'one' },
    { path: 'two' },
  ),
  { name: 'path_nested', read: ['sys/auth/a/b', 'auth/a/b/config'], steps: [withKeys({ path: 'a/b' })] },
  {
    name: 'path_and_more',
    read: ['sys/auth/jwt', 'sys/auth/one', 'sys/auth/one/tune', 'auth/one/config'],
    steps: [withKeys(tuned(tune)), withKeys({ path: 'one', bound_issuer: 'one', ...tuned(tune) })],
  },
  {
    name: 'disable_remount',
    read: ['sys/auth/jwt', 'sys/auth/one', 'auth/one/config'],
    steps: [withKeys({ disable_remount: true }), withKeys({ disable_remount: true, path: 'one' })],
  },
  { name: 'type', read, steps: [withKeys({ type: 'jwt' }), withKeys({ type: 'oidc' }), withKeys()] },
  { name: 'oidc', read, steps: [withOidc(), withOidc({ oidc_client_id: 'other' }), withDiscovery({ type: 'oidc' })] },
  life('oidc_response_mode', read, withOidc, { oidc_response_mode: 'query' }, { oidc_response_mode: 'form_post' }),
  life(
    'oidc_response_types',
    read,
    withOidc,
    { oidc_response_types: ['code'] },
    { oidc_response_mode: 'form_post', oidc_response_types: ['code', 'id_token'] },
  ),
  {
    name: 'oidc_client_secret_wo',
    read,
    steps: [1, 2].map((version) =>
      declared({
        type: 'oidc',
        oidc_discovery_url: '{{issuer}}',
        oidc_client_id: 'vault',
        oidc_client_secret_wo: '{{secret}}',
        oidc_client_secret_wo_version: version,
      }),
    ),
  },
  life(
    'provider_config',
    read,
    withOidc,
    { provider_config: { provider: 'azure', fetch_groups: 'true', groups_recurse_max_depth: '5' } },
    { provider_config: { provider: 'secureauth' } },
  ),
  life(
    'tune',
    read,
    withKeys,
    tuned(tune),
    tuned({ ...tune, default_lease_ttl: '30m', audit_non_hmac_request_keys: ['z'] }),
  ),
  {
    name: 'tune_in_part',
    read,
    steps: [withKeys(tuned(tune)), withKeys(tuned({ max_lease_ttl: '3h' })), withKeys({ tune: [] })],
  },
  {
    name: 'tune_one_by_one',
    read,
    steps: Object.entries(tune).map(([name, value]) => withKeys(tuned({ [name]: value }))),
  },
  {
    name: 'tune_and_bound_issuer',
    read,
    steps: [withKeys(tuned(tune)), withKeys({ ...tuned(tune), bound_issuer: 'one' })],
  },
  { name: 'tune_without_all_members', read, steps: [withKeys({ tune: [{ default_lease_ttl: '1h' }] })] },
  { name: 'nothing', read, steps: [declared({})] },
];
