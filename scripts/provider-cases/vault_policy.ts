import type { Blocks, ProviderCase } from './provider-case.js';

const read = ['sys/policies/acl/reader', 'sys/policies/acl/other', 'sys/policies/acl/mixed'];
const one = 'path "kv/*" { capabilities = ["read"] }';
const two = 'path "kv/*" { capabilities = ["list"] }\n';
const policy = (attributes: Blocks): Blocks => ({
  resource: { vault_policy: { it: { name: 'reader', policy: one, ...attributes } } },
});
const existing = [{ method: 'PUT', path: 'sys/policies/acl/reader', body: { policy: two } }];

export const vaultPolicy: readonly ProviderCase[] = [
  { name: 'policy', read, steps: [policy({}), policy({ policy: two }), policy({ policy: `path "a/$\${b}" {}` })] },
  { name: 'name', read, steps: [policy({}), policy({ name: 'other' })] },
  { name: 'name_mixed_case', read, steps: [policy({ name: 'Mixed' })] },
  { name: 'allow_overwrite', read, steps: [policy({ allow_overwrite: false }), policy({ allow_overwrite: true })] },
  { name: 'existing_overwritten', read, before: existing, steps: [policy({})] },
  { name: 'existing_kept', read, before: existing, steps: [policy({ allow_overwrite: false })] },
];
