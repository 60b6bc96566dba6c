export {
  type Allowance,
  type CoveredKind,
  type Finding,
  type LintCode,
  type LintCoverage,
  type LintOptions,
  lint,
  lintCodes,
  lintCoverage,
  type PassedOver,
  type Severity,
} from './lint/index.js';
