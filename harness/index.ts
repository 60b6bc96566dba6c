export { type ErrorCode, type ErrorContext, errorCodes, VaultproofError } from '../errors/index.js';
export { type HttpAnswer, type HttpClient, type HttpRequest, httpClient } from '../internal/http-client.js';
export type {
  IssuerOptions,
  NetworkPeer,
  SignedIn,
  SignInClaims,
  SignInOptions,
  SigningAlgorithm,
  SigningKey,
  SignOptions,
  StartedIssuer,
  TokenClaims,
} from '../issuer/index.js';
export type { AccessDiff, AccessDifference, DeclaredAccess } from './access/index.js';
export {
  type BoundCoverage,
  boundCoverage,
  type ConsulLoginProps,
  type Stranger,
  strangers,
} from './access/strangers/index.js';
export type { VaultBody, VaultRequestOptions } from './api/vault-api.js';
export type { Capability, CapableServer } from './api/vault-capabilities.js';
export type { AppliedTerraform, ApplyTerraform, ApplyTerraformOptions } from './apply-terraform.js';
export type { EngineName, Report, VaultProduct } from './engines/index.js';
export { assembleEnvironment, type Environment, type EnvironmentParts, type ProvisionerName } from './environment.js';
export {
  type ExternalCluster,
  type ExternalVault,
  type ExternalVaultOptions,
  sweepExternal,
} from './external/index.js';
export type { PassedOverTerraform } from './hcl/index.js';
export type { RefusedRequest, VendorIssuer, VendorProxy, VendorSetup } from './impersonation/index.js';
export type { TriedBindingRule } from './login/consul-binding.js';
export type { ConsulInspection, ConsulLoginRequest } from './login/consul-login.js';
export type { SelectableValues } from './login/consul-selector-verdict.js';
export type {
  ConsulApi,
  ConsulKv,
  ConsulSession,
  ServiceRegistration,
  SessionRegistration,
} from './login/consul-session.js';
export type { ConsulToken, NodeIdentity, ServiceIdentity, TemplatedPolicy } from './login/consul-token.js';
export { LoginRefusedError, type Refusal } from './login/login-refused-error.js';
export type { OidcLoginRequest, SignInAnswer } from './login/oidc-login.js';
export type { MatchedBound, UnmetBound } from './login/role-bounds.js';
export type { VaultLoginRequest } from './login/vault-login.js';
export type { VaultInspection } from './login/vault-login-answer.js';
export type { VaultAuth, VaultLease, VaultSession } from './login/vault-session.js';
export { loginToConsul, loginToVault } from './login-to-server.js';
export {
  type ConfigurationSource,
  compareProvisioners,
  type NamedConfiguration,
  type ParityOptions,
  type ParityResult,
} from './parity.js';
export {
  connectToPool,
  createPool,
  type Declare,
  type LeaseOptions,
  type LeasingPool,
  type Pool,
  type PoolCounts,
  type PoolOptions,
  type ProvisionedPool,
} from './pool/index.js';
export { prepareServers } from './prepare-servers.js';
export { proveAccessDiff } from './proof/index.js';
export { type ApplyResult, type DirectProvisioner, directProvisioner } from './provision/direct.js';
export type { ServerRequest } from './provision/resource-type.js';
export {
  type ReadableServer,
  readConsulState,
  readVaultState,
  type ServerState,
  type StateDifference,
  stateDifferences,
} from './server-state/index.js';
export type { ServerTlsOptions } from './server-tls.js';
export type {
  AuditAuth,
  AuditEntry,
  AuditLog,
  AuditPattern,
  AuditRequest,
  AuditResponse,
  AuditWaitOptions,
} from './servers/audit-log.js';
export type { StartedConsul } from './servers/consul.js';
export type { ServerIdentity, ServerOptions, StartedServer } from './servers/server-options.js';
export type { VaultCluster, VaultNode } from './servers/vault-cluster.js';
export type { ConsulAccess, StartedVault } from './servers/vault-handle.js';
export type { VaultSeal } from './servers/vault-seal.js';
export { type ConsulOptions, startConsul } from './start-consul.js';
export { type EnvironmentOptions, startEnvironment } from './start-environment.js';
export { startVault, type VaultOptions } from './start-vault.js';
export { startVaultCluster, type VaultClusterOptions } from './start-vault-cluster.js';
export {
  type FieldDifference,
  type PlannedChange,
  Sensitive,
  type TerraformApplyResult,
  type TerraformOptions,
  type TerraformProvisioner,
  type TerraformRunOptions,
  type TerraformServer,
  terraformProvisioner,
} from './terraform/index.js';
