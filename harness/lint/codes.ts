/**
 * Every code that a finding can carry. The list is closed: docs/lints.md has a row for each, and a test holds the two
 * together.
 */
export const lintCodes = [
  'audience-only',
  'no-tenant-bound',
  'glob-too-wide',
  'glob-never-matches',
  'comma-split',
  'empty-bound',
  'mutable-user-claim',
  'no-bound-issuer',
  'algorithms-unnamed',
  'role-type-default',
  'no-max-ttl',
  'root-policy',
  'undeclared-policy',
  'policy-unparsable',
  'policy-sudo',
  'policy-path-too-wide',
  'policy-path-never-matches',
  'kv-path-never-matches',
  'name-in-path',
  'no-bound-audiences',
  'algorithms-not-enforced',
  'leeway-not-nanoseconds',
  'no-max-token-ttl',
  'token-locality-global',
  'no-selector',
  'selector-unparsable',
  'selector-never-matches',
  'absent-claim',
  'absent-claim-in-name',
  'unmapped-claim',
  'unanchored-match',
  'mutable-claim',
  'undeclared-binding',
  'global-management',
  'acl-rules-too-wide',
  'secret-in-state',
  'secret-in-provider',
  'secret-looking-output',
  'allowance-without-reason',
  'unused-allowance',
] as const;

/** One of {@link lintCodes}. */
export type LintCode = (typeof lintCodes)[number];
