import { type Blocks, life, type ProviderCase } from './provider-case.js';

const rolePath = 'auth/approle/role/it';
const read = [rolePath, `${rolePath}/role-id`, 'auth/other/role/it', 'auth/approle/role/two'];
const backends = { approle: { type: 'approle' }, other: { type: 'approle', path: 'other' } };
const role = (more: Blocks = {}): Blocks => ({
  resource: {
    vault_auth_backend: backends,
    vault_approle_auth_backend_role: {
      it: { depends_on: ['vault_auth_backend.approle', 'vault_auth_backend.other'], role_name: 'it', ...more },
    },
  },
  output: { id: { value: `\${vault_approle_auth_backend_role.it.id}` } },
});
const named = (more: Blocks = {}): Blocks => role({ role_id: 'one', ...more });

export const vaultApproleAuthBackendRole: readonly ProviderCase[] = [
  {
    name: 'role_id',
    read,
    steps: [role({ role_id: 'one' }), role({ role_id: 'two' }), role()],
  },
  { name: 'role_id_made', read: [rolePath], steps: [role(), role({ role_id: 'one' })] },
  life('bind_secret_id', read, named, { bind_secret_id: true }, { bind_secret_id: true, token_ttl: 60 }),
  {
    name: 'bind_secret_id_off',
    read,
    steps: [named({ bind_secret_id: false, token_bound_cidrs: ['10.0.0.0/8'] }), named()],
  },
  life(
    'secret_id_bound_cidrs',
    read,
    named,
    { secret_id_bound_cidrs: ['10.0.0.0/8', '10.1.0.1/32'] },
    { secret_id_bound_cidrs: ['10.2.0.0/16'] },
  ),
  life('secret_id_num_uses', read, named, { secret_id_num_uses: 5 }, { secret_id_num_uses: 6 }),
  life('secret_id_ttl', read, named, { secret_id_ttl: 60 }, { secret_id_ttl: 120 }),
  life('token_policies', read, named, { token_policies: ['b', 'a'] }, { token_policies: ['c'] }),
  life('token_ttl', read, named, { token_ttl: 60, token_max_ttl: 120 }, { token_ttl: 90 }),
  life('token_period', read, named, { token_period: 60 }, { token_period: 120 }),
  life('token_explicit_max_ttl', read, named, { token_explicit_max_ttl: 60 }, { token_explicit_max_ttl: 120 }),
  life('token_num_uses', read, named, { token_num_uses: 1 }, { token_num_uses: 2 }),
  life('token_bound_cidrs', read, named, { token_bound_cidrs: ['10.0.0.0/8'] }, { token_bound_cidrs: ['10.1.0.0/16'] }),
  life('token_no_default_policy', read, named, { token_no_default_policy: true }, { token_no_default_policy: false }),
  life('token_type', read, named, { token_type: 'service' }, { token_type: 'batch' }),
  life('alias_metadata', read, named, { alias_metadata: { a: 'b' } }, { alias_metadata: { c: 'd' } }),
  {
    name: 'from_the_start',
    read,
    steps: [
      named({
        secret_id_num_uses: 5,
        secret_id_ttl: 60,
        secret_id_bound_cidrs: ['10.0.0.0/8'],
        token_policies: ['a'],
        token_ttl: 60,
      }),
      named(),
    ],
  },
  { name: 'backend', read, steps: [named(), named({ backend: '/other/' })] },
  { name: 'role_name', read, steps: [named(), named({ role_name: 'two' })] },
];

const secretRead = ['auth/approle/role/it/secret-id?list=true'];
const secret = (more: Blocks = {}, output?: Blocks): Blocks => ({
  resource: {
    vault_auth_backend: backends,
    vault_approle_auth_backend_role: { it: { backend: `\${vault_auth_backend.approle.path}`, role_name: 'it' } },
    vault_approle_auth_backend_role_secret_id: {
      it: { role_name: `\${vault_approle_auth_backend_role.it.role_name}`, ...more },
    },
  },
  ...(output && { output }),
});
const made = {
  id: { value: `\${vault_approle_auth_backend_role_secret_id.it.id}` },
  accessor: { value: `\${vault_approle_auth_backend_role_secret_id.it.accessor}` },
  secret_id: { value: `\${vault_approle_auth_backend_role_secret_id.it.secret_id}`, sensitive: true },
};
/** Its accessor and its token have no form that tells them from other text. */
const madeWrapped = { secret_id: made.secret_id, accessor: made.accessor };

export const vaultApproleAuthBackendRoleSecretId: readonly ProviderCase[] = [
  { name: 'made', read: secretRead, steps: [secret({}, made)] },
  { name: 'secret_id', read: secretRead, steps: [secret({ secret_id: '{{secret}}' }, made)] },
  life('cidr_list', secretRead, secret, { cidr_list: ['10.0.0.0/8', '10.1.0.1/32'] }, { cidr_list: ['10.2.0.0/16'] }),
  life(
    'metadata',
    secretRead,
    secret,
    { metadata: JSON.stringify({ a: 'b' }) },
    { metadata: JSON.stringify({ c: 'd' }) },
  ),
  { name: 'backend', read: secretRead, steps: [secret({ backend: '/approle/' })] },
  life('ttl', secretRead, secret, { ttl: 600 }, { ttl: 700 }),
  life('num_uses', secretRead, secret, { num_uses: 5 }, { num_uses: 6 }),
  { name: 'wrapping_ttl', read: secretRead, steps: [secret({ wrapping_ttl: '60s' }, madeWrapped)] },
  {
    name: 'with_wrapped_accessor',
    read: secretRead,
    steps: [
      secret({ wrapping_ttl: '60s', with_wrapped_accessor: true }, made),
      secret({ with_wrapped_accessor: true }),
    ],
  },
  { name: 'refused', read: secretRead, steps: [secret({ role_name: 'nobody' })] },
];
