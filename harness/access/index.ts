export type { ConsulResource } from '../../internal/consul-resources.js';
export type { AclGrant, HclValue, ParameterValues, VaultPolicyRule } from '../lint/index.js';
export {
  type ConsulAccessRequest,
  type ConsulAcl,
  type ConsulPolicy,
  consulAclOf,
  readConsulPolicy,
} from './consul/acl.js';
export { type ConsulBinding, type ConsulLogin, type ConsulLoginVerdict, wouldLogInToConsul } from './consul/login.js';
export type { ConsulAdmitted } from './consul/who.js';
export { type AccessDiff, accessDiff } from './diff.js';
export type { AccessDifference } from './difference.js';
export type { ConsulLoginName, LoginName, VaultLoginName } from './logins.js';
export type { Declaration } from './read/declarations.js';
export type {
  DeclaredAccess,
  DeclaredConsul,
  DeclaredConsulLogin,
  DeclaredConsulToken,
  DeclaredIdentity,
  DeclaredLogin,
  DeclaredPolicy,
  DeclaredTrust,
  OtherLogin,
} from './read/declared.js';
export { type ReadAccessOptions, readAccess } from './read/read-access.js';
export {
  type BoundCoverage,
  boundCoverage,
  type ConsulLoginProps,
  type Stranger,
  strangers,
} from './strangers/index.js';
export {
  type MergedRule,
  type VaultAccessRequest,
  type VaultAcl,
  type VaultOperation,
  type VaultRefusal,
  type VaultVerdict,
  vaultAcl,
} from './vault/acl.js';
export { wouldLogIn } from './vault/login.js';
export type {
  Claims,
  LoginIdentity,
  LoginRefusal,
  LoginVerdict,
  OidcClient,
  VaultLoginRole,
} from './vault/login-role.js';
export type { ParameterRefusal, RequestData } from './vault/parameters.js';
export { type ReadPolicyOptions, readVaultPolicy, type UndecidedRule, type VaultPolicy } from './vault/policy.js';
export type { TemplateAlias, TemplateEntity, TemplateGroup } from './vault/templates.js';
export type { Admitted, AskedCapability, AskedOfVault } from './vault/who.js';
export { type WhatCan, type WhoCan, whatCan, whoCan } from './who.js';
