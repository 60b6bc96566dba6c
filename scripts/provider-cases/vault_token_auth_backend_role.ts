import { type Blocks, life, type ProviderCase } from './provider-case.js';

const read = ['auth/token/roles/it', 'auth/token/roles/two'];
const role = (more: Blocks = {}): Blocks => ({
  resource: { vault_token_auth_backend_role: { it: { role_name: 'it', ...more } } },
  output: { id: { value: `\${vault_token_auth_backend_role.it.id}` } },
});

export const vaultTokenAuthBackendRole: readonly ProviderCase[] = [
  life('allowed_policies', read, role, { allowed_policies: ['b', 'a'] }, { allowed_policies: ['c'] }),
  life('allowed_policies_glob', read, role, { allowed_policies_glob: ['a*'] }, { allowed_policies_glob: ['b*'] }),
  life('disallowed_policies', read, role, { disallowed_policies: ['b', 'a'] }, { disallowed_policies: ['c'] }),
  life(
    'disallowed_policies_glob',
    read,
    role,
    { disallowed_policies_glob: ['a*'] },
    { disallowed_policies_glob: ['b*'] },
  ),
  life('allowed_entity_aliases', read, role, { allowed_entity_aliases: ['a'] }, { allowed_entity_aliases: ['b'] }),
  life('orphan', read, role, { orphan: true }, { orphan: false }),
  life('renewable', read, role, { renewable: false }, { renewable: true }),
  life('path_suffix', read, role, { path_suffix: 'one' }, { path_suffix: 'two' }),
  life('token_ttl', read, role, { token_ttl: 60, token_max_ttl: 120 }, { token_ttl: 90 }),
  life('token_period', read, role, { token_period: 60 }, { token_period: 120 }),
  life('token_explicit_max_ttl', read, role, { token_explicit_max_ttl: 60 }, { token_explicit_max_ttl: 120 }),
  life('token_bound_cidrs', read, role, { token_bound_cidrs: ['10.0.0.0/8'] }, { token_bound_cidrs: ['10.1.0.0/16'] }),
  life('token_type', read, role, { token_type: 'service' }, { token_type: 'default-service' }),
  life('token_num_uses', read, role, { token_num_uses: 1 }, { token_num_uses: 2 }),
  life('token_no_default_policy', read, role, { token_no_default_policy: true }),
  { name: 'alias_metadata', read, steps: [role({ alias_metadata: { a: 'b' } })] },
  { name: 'token_policies', read, steps: [role({ token_policies: ['a'] })] },
  { name: 'ttl_and_period', read, steps: [role({ token_ttl: 60, token_period: 60 })] },
  { name: 'role_name', read, steps: [role(), role({ role_name: 'two' })] },
];
