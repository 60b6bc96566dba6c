export { type LintCode, lintCodes } from './codes.js';
export { type CoveredKind, type LintCoverage, lintCoverage, type PassedOver } from './coverage.js';
export { type Allowance, givenAllowances, type LintOptions, lint, withoutAllowed } from './lint.js';
export type { Finding, Severity } from './rule.js';
