import { type Blocks, life, type ProviderCase } from './provider-case.js';
import { OTHER_PUBLIC_KEY, PUBLIC_KEY } from './public-keys.js';

const backends = { kubernetes: { type: 'kubernetes' }, other: { type: 'kubernetes', path: 'other' } };
const depends_on = ['vault_auth_backend.kubernetes', 'vault_auth_backend.other'];

const CA = ['-----BEGIN CERTIFICATE-----', 'MIIB', '-----END CERTIFICATE-----'].join('\n');

const configPaths = ['auth/kubernetes/config', 'auth/other/config'];
const config = (more: Blocks = {}): Blocks => ({
  resource: {
    vault_auth_backend: backends,
    vault_kubernetes_auth_backend_config: {
      it: {
        depends_on,
        kubernetes_host: 'https://kubernetes.example:6443',
        kubernetes_ca_cert: CA,
        disable_local_ca_jwt: true,
        ...more,
      },
    },
  },
  output: { id: { value: `\${vault_kubernetes_auth_backend_config.it.id}` } },
});

export const vaultKubernetesAuthBackendConfig: readonly ProviderCase[] = [
  {
    name: 'kubernetes_host',
    read: configPaths,
    steps: [config(), config({ kubernetes_host: 'https://other.example' })],
  },
  life('kubernetes_ca_cert', configPaths, config, { kubernetes_ca_cert: `${CA}\n${CA}` }, { kubernetes_ca_cert: null }),
  life('pem_keys', configPaths, config, { pem_keys: [PUBLIC_KEY] }, { pem_keys: [OTHER_PUBLIC_KEY, PUBLIC_KEY] }),
  life('token_reviewer_jwt', configPaths, config, { token_reviewer_jwt: 'a.b.c' }, { token_reviewer_jwt: 'd.e.f' }),
  life('issuer', configPaths, config, { issuer: 'one' }, { issuer: 'two' }),
  life(
    'disable_iss_validation',
    configPaths,
    config,
    { disable_iss_validation: true },
    { disable_iss_validation: false },
  ),
  life('disable_local_ca_jwt', configPaths, config, { disable_local_ca_jwt: false }, { disable_local_ca_jwt: null }),
  life(
    'use_annotations_as_alias_metadata',
    configPaths,
    config,
    { use_annotations_as_alias_metadata: true },
    { use_annotations_as_alias_metadata: false },
  ),
  {
    name: 'local_ca',
    read: configPaths,
    steps: [config({ disable_local_ca_jwt: null }), config({ disable_local_ca_jwt: null, issuer: 'one' })],
  },
  { name: 'backend', read: configPaths, steps: [config(), config({ backend: 'other' })] },
];

const rolePaths = ['auth/kubernetes/role/it', 'auth/other/role/it', 'auth/kubernetes/role/two'];
const role = (more: Blocks = {}): Blocks => ({
  resource: {
    vault_auth_backend: backends,
    vault_kubernetes_auth_backend_role: {
      it: {
        depends_on,
        role_name: 'it',
        bound_service_account_names: ['app'],
        bound_service_account_namespaces: ['prod'],
        ...more,
      },
    },
  },
  output: { id: { value: `\${vault_kubernetes_auth_backend_role.it.id}` } },
});

export const vaultKubernetesAuthBackendRole: readonly ProviderCase[] = [
  {
    name: 'bound_service_account_names',
    read: rolePaths,
    steps: [role(), role({ bound_service_account_names: ['b', 'a'] }), role({ bound_service_account_names: ['*'] })],
  },
  {
    name: 'bound_service_account_namespaces',
    read: rolePaths,
    steps: [role(), role({ bound_service_account_namespaces: ['b', 'a'] })],
  },
  life(
    'bound_service_account_namespace_selector',
    rolePaths,
    role,
    { bound_service_account_namespace_selector: '{"matchLabels":{"stage":"prod"}}' },
    { bound_service_account_namespace_selector: '{"matchLabels":{"stage":"test"}}' },
  ),
  {
    name: 'selector_alone',
    read: rolePaths,
    steps: [
      role({
        bound_service_account_namespaces: null,
        bound_service_account_namespace_selector: '{"matchLabels":{"stage":"prod"}}',
      }),
    ],
  },
  life('audience', rolePaths, role, { audience: 'vault' }, { audience: 'other' }),
  life(
    'alias_name_source',
    rolePaths,
    role,
    { alias_name_source: 'serviceaccount_name' },
    { alias_name_source: 'serviceaccount_uid' },
  ),
  life('token_policies', rolePaths, role, { token_policies: ['b', 'a'] }, { token_policies: ['c'] }),
  life('token_ttl', rolePaths, role, { token_ttl: 60, token_max_ttl: 120 }, { token_ttl: 90 }),
  life('token_period', rolePaths, role, { token_period: 60 }, { token_period: 120 }),
  life('token_explicit_max_ttl', rolePaths, role, { token_explicit_max_ttl: 60 }, { token_explicit_max_ttl: 120 }),
  life('token_num_uses', rolePaths, role, { token_num_uses: 1 }, { token_num_uses: 2 }),
  life('token_bound_cidrs', rolePaths, role, { token_bound_cidrs: ['10.0.0.0/8'] }, { token_bound_cidrs: [] }),
  life(
    'token_no_default_policy',
    rolePaths,
    role,
    { token_no_default_policy: true },
    { token_no_default_policy: false },
  ),
  life('token_type', rolePaths, role, { token_type: 'service' }, { token_type: 'batch' }),
  life('alias_metadata', rolePaths, role, { alias_metadata: { a: 'b' } }, { alias_metadata: { c: 'd' } }),
  { name: 'backend', read: rolePaths, steps: [role(), role({ backend: 'other' })] },
  { name: 'role_name', read: rolePaths, steps: [role(), role({ role_name: 'two' })] },
  { name: 'refused', read: rolePaths, steps: [role({ bound_service_account_namespaces: null })] },
];
