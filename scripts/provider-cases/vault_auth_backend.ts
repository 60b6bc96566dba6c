import { type Blocks, life, type ProviderCase, tuned } from './provider-case.js';

const read = ['sys/auth/jwt', 'sys/auth/jwt/tune'];
const declared = (attributes: Blocks): Blocks => ({
  resource: { vault_auth_backend: { it: { type: 'jwt', ...attributes } } },
});
const jwt = (more: Blocks = {}): Blocks => declared(more);
const tune = {
  default_lease_ttl: '1h',
  max_lease_ttl: '2h',
  listing_visibility: 'unauth',
  token_type: 'batch',
  audit_non_hmac_request_keys: ['a'],
};

export const vaultAuthBackend: readonly ProviderCase[] = [
  { name: 'type', read: [...read, 'sys/auth/userpass'], steps: [jwt(), declared({ type: 'userpass' })] },
  life('description', read, jwt, { description: 'one' }, { description: 'two' }),
  { name: 'description_from_the_start', read, steps: [jwt({ description: 'one' }), jwt()] },
  life('local', read, jwt, { local: true }, { local: false }),
  life('identity_token_key', read, jwt, { identity_token_key: 'default' }),
  life('tune', read, jwt, tuned(tune), tuned({ ...tune, max_lease_ttl: '3h' })),
  {
    name: 'tune_in_part',
    read,
    steps: [
      jwt(tuned(tune)),
      jwt(tuned({ token_type: 'service' })),
      jwt({ ...tuned({ token_type: 'service' }), description: 'x' }),
    ],
  },
  {
    name: 'path',
    read: [...read, 'sys/auth/one', 'sys/auth/two'],
    steps: [jwt({ path: 'one' }), jwt({ path: 'two' }), jwt()],
  },
  {
    name: 'disable_remount',
    read: [...read, 'sys/auth/one', 'sys/auth/two'],
    steps: [jwt({ path: 'one', disable_remount: true }), jwt({ path: 'two', disable_remount: true })],
  },
];
