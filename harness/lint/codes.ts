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
  'secret-in-state',
  'secret-in-provider',
  'secret-looking-output',
  'allowance-without-reason',
  'unused-allowance',
] as const;

/** One of {@link lintCodes}. */
export type LintCode = (typeof lintCodes)[number];
