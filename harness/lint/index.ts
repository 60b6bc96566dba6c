export { type LintCode, lintCodes } from './codes.js';
export { type AclGrant, aclGrants } from './consul/acl-rules.js';
export { type ConsulMethod, consulMethods } from './consul/binding-rules.js';
export { type CoveredKind, coverageWhere, type LintCoverage, lintCoverage, type PassedOver } from './coverage.js';
export {
  type Block,
  byKey,
  isEmpty,
  isKnown,
  isSet,
  type LintDocument,
  referredBy,
  resourcesOf,
  textOf,
  textsOf,
  UNKNOWN,
} from './document/document.js';
export { readDocument } from './document/read-document.js';
export { flowOf, type JwtRole, jwtRoles } from './jwt/jwt-role.js';
export { type Allowance, givenAllowances, type LintOptions, lint, withoutAllowed } from './lint.js';
export { type HclValue, PolicySyntaxError } from './policy/hcl.js';
export { type ParameterValues, type PolicyRule, parsePolicy, type VaultPolicyRule } from './policy/parse-policy.js';
export { providerArguments } from './provider-schema.js';
export type { Finding, Severity } from './rule.js';
export { SECRET_NAME_END } from './secrets.js';
