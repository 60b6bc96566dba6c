import { type Blocks, life, type ProviderCase } from './provider-case.js';
import { PUBLIC_KEY } from './public-keys.js';

const read = ['auth/jwt/role/reader'];

const withBackend = (backend: Blocks, role: Blocks): Blocks => ({
  resource: {
    vault_jwt_auth_backend: { jwt: { jwt_validation_pubkeys: [PUBLIC_KEY], ...backend } },
    vault_jwt_auth_backend_role: {
      reader: {
        backend: `\${vault_jwt_auth_backend.jwt.path}`,
        role_name: 'reader',
        user_claim: 'sub',
        bound_audiences: ['one'],
        ...role,
      },
    },
  },
});
const jwt = (more: Blocks = {}): Blocks => withBackend({}, { role_type: 'jwt', ...more });
const oidc = (more: Blocks = {}): Blocks =>
  withBackend(
    {
      type: 'oidc',
      path: 'jwt',
      jwt_validation_pubkeys: null,
      oidc_discovery_url: '{{issuer}}',
      oidc_client_id: 'vault',
      oidc_client_secret: '{{secret}}',
    },
    { role_type: 'oidc', allowed_redirect_uris: ['http://127.0.0.1/one'], ...more },
  );
const argument = (name: string, first: unknown, second?: unknown): ProviderCase =>
  life(name, read, jwt, { [name]: first }, second === undefined ? undefined : { [name]: second });

export const vaultJwtAuthBackendRole: readonly ProviderCase[] = [
  {
    name: 'bound_audiences',
    read,
    steps: [jwt(), jwt({ bound_audiences: ['two', 'one'] }), jwt({ bound_audiences: [], bound_subject: 'a' })],
  },
  { name: 'user_claim', read, steps: [jwt(), jwt({ user_claim: 'email' })] },
  argument('user_claim_json_pointer', true, false),
  argument('bound_subject', 'one', 'two'),
  argument('bound_claims', { groups: 'a, b', team: 'x' }, { groups: 'c' }),
  argument('bound_claims_type', 'glob', 'string'),
  {
    name: 'disable_bound_claims_parsing',
    read,
    steps: [true, false, true].map((off) =>
      jwt({ bound_claims: { groups: ' a, b ' }, disable_bound_claims_parsing: off }),
    ),
  },
  argument('claim_mappings', { email: 'mail', '/a/b': 'ab' }, { email: 'other' }),
  argument('groups_claim', 'groups', '/roles'),
  argument('clock_skew_leeway', 5, -1),
  argument('expiration_leeway', 5, -1),
  argument('not_before_leeway', 5, -1),
  argument('verbose_oidc_logging', true, false),
  argument('max_age', 60, 90),
  argument('alias_metadata', { one: 'a' }, { two: 'b' }),
  argument('token_ttl', 60, 90),
  argument('token_max_ttl', 60, 90),
  argument('token_explicit_max_ttl', 60, 90),
  argument('token_period', 60, 90),
  argument('token_policies', ['b', 'a'], ['c']),
  argument('token_bound_cidrs', ['127.0.0.1/32', '10.0.0.0/8'], ['::1/128']),
  argument('token_no_default_policy', true, false),
  argument('token_num_uses', 3, 4),
  argument('token_type', 'batch', 'service'),
  {
    name: 'role_type',
    read,
    steps: [
      jwt(),
      jwt({ role_type: undefined }),
      jwt({ role_type: 'oidc', allowed_redirect_uris: ['http://127.0.0.1/'] }),
    ],
  },
  { name: 'role_type_absent', read, steps: [withBackend({}, {})] },
  life('oidc', read, oidc, { verbose_oidc_logging: true }),
  life('oidc_scopes', read, oidc, { oidc_scopes: ['email', 'groups'] }, { oidc_scopes: ['profile'] }),
  life(
    'allowed_redirect_uris',
    read,
    oidc,
    { allowed_redirect_uris: ['http://127.0.0.1/two', 'http://127.0.0.1/three'] },
    { allowed_redirect_uris: [] },
  ),
  life('oidc_max_age', read, oidc, { max_age: 60 }, { max_age: 0 }),
  { name: 'role_name', read: [...read, 'auth/jwt/role/other'], steps: [jwt(), jwt({ role_name: 'other' })] },
  { name: 'no_bound', read, steps: [jwt({ bound_audiences: [] })] },
  {
    name: 'everything_removed',
    read,
    steps: [
      jwt({
        bound_subject: 'a',
        bound_claims: { a: 'b' },
        bound_claims_type: 'glob',
        claim_mappings: { a: 'b' },
        groups_claim: 'groups',
        clock_skew_leeway: 1,
        expiration_leeway: 2,
        not_before_leeway: 3,
        verbose_oidc_logging: true,
        max_age: 4,
        alias_metadata: { a: 'b' },
        token_ttl: 5,
        token_max_ttl: 6,
        token_explicit_max_ttl: 7,
        token_period: 8,
        token_policies: ['a'],
        token_bound_cidrs: ['10.0.0.0/8'],
        token_no_default_policy: true,
        token_num_uses: 9,
        token_type: 'service',
        allowed_redirect_uris: ['http://127.0.0.1/'],
        oidc_scopes: ['email'],
      }),
      jwt(),
    ],
  },
  {
    name: 'backend_moved',
    read: [...read, 'auth/other/role/reader', 'sys/auth/jwt', 'sys/auth/other'],
    steps: [
      withBackend({}, { role_type: 'jwt', claim_mappings: { a: 'b' } }),
      withBackend({ path: 'other' }, { role_type: 'jwt' }),
    ],
  },
  {
    name: 'backend_with_slashes',
    read,
    steps: [
      {
        resource: {
          vault_jwt_auth_backend: { jwt: { jwt_validation_pubkeys: [PUBLIC_KEY] } },
          vault_jwt_auth_backend_role: {
            reader: {
              backend: '/jwt/',
              role_name: '/reader/',
              user_claim: 'sub',
              bound_subject: 'x',
              depends_on: ['vault_jwt_auth_backend.jwt'],
            },
          },
        },
      },
    ],
  },
  {
    name: 'converted_types',
    read,
    steps: [
      jwt({
        token_ttl: '60',
        token_no_default_policy: 'true',
        bound_claims: { number: 7, yes: true },
        bound_subject: 8,
      }),
    ],
  },
  {
    name: 'null_in_maps',
    read,
    steps: [
      jwt({
        bound_claims: { team: 'a', environment: null },
        claim_mappings: { team: 'team', environment: null },
        alias_metadata: { team: 'a', environment: null },
      }),
      jwt({ bound_claims: { team: null, environment: null } }),
    ],
  },
  { name: 'null_in_list', read, steps: [jwt({ token_policies: ['a', null] })] },
];
