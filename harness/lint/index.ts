export { type Allowance, givenAllowances, withoutAllowed } from './allowances.js';
export { type LintCode, lintCodes } from './codes.js';
export type { Finding, Severity } from './finding.js';
export { type LintOptions, lint } from './lint.js';
