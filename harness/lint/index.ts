export { type Allowance, givenAllowances, withoutAllowed } from './allowances.js';
export { type LintCode, lintCodes } from './codes.js';
export { type CoveredKind, type LintCoverage, lintCoverage, type PassedOver } from './coverage.js';
export type { Finding, Severity } from './finding.js';
export { type LintOptions, lint } from './lint.js';
