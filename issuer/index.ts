export type { AdminAccess, AdminOptions } from './admin/access.js';
export type { Clock } from './clock.js';
export type { ConsulAccess } from './consul/consul-kv.js';
export { exposedFile } from './exposed-file.js';
export { type DocumentName, type Fault, type FaultName, faultNames, namedFaults } from './faults/fault.js';
export type { CurrentFault, Faults, Fetches, InitialFaults, Publication } from './faults/publication.js';
export { hostileTokens } from './hostile/catalogue.js';
export type { HostileToken } from './hostile/hostile-token.js';
export { isLocalName } from './http/own-origin.js';
export {
  createIssuer,
  type Issuer,
  type IssuerSetup,
  type OwnClaims,
  type SignOptions,
  type TokenBuilder,
} from './issuer.js';
export {
  algorithmsFor,
  type SecretAlgorithm,
  type SigningAlgorithm,
  secretAlgorithms,
  signingAlgorithms,
} from './keys/algorithms.js';
export { secretFromEnv } from './keys/env-secret.js';
export { privateJwk, privatePem, publicPem } from './keys/export-key.js';
export { importPublicKey, importSigningKey } from './keys/import-key.js';
export { type ImportedPublicKey, type ImportedPublicKeys, importPublicKeys } from './keys/import-public-keys.js';
export {
  type FolderKey,
  type ReadKeyFolderOptions,
  readKey,
  readKeyFolder,
  rotateKey,
  type WriteKeyOptions,
  writeKey,
} from './keys/key-folder.js';
export type { KeyRing, KeyState, KeyTimes, ManagedKey, RotationOptions } from './keys/key-ring.js';
export { keySetWarnings } from './keys/key-set-warnings.js';
export { type ConsulKeyFields, type KeyShapes, keyShapes, type VaultKeyFields } from './keys/key-shapes.js';
export { type RotationSchedule, type RotationScheduleOptions, scheduleRotation } from './keys/rotation-schedule.js';
export { openSharedKeys, type SharedKeys, type SharedKeysOptions } from './keys/shared-keys.js';
export { type SharedSecret, secretBytes, sharedSecret } from './keys/shared-secret.js';
export { generateSigningKey, type KeyOptions, type SigningKey, signingKey } from './keys/signing-key.js';
export { type TransitKeyOptions, type TransitRequest, transitKey } from './keys/transit-key.js';
export { verifyingKey } from './keys/verifying-key.js';
export { pageDialect } from './page/page.js';
export { type GitHubJob, github } from './presets/github.js';
export { type GitLabJob, gitlab } from './presets/gitlab.js';
export { gitlabIdTokens } from './presets/gitlab-id-tokens.js';
export {
  type TerraformModuleTest,
  type TerraformRun,
  terraformModuleTest,
  terraformRun,
} from './presets/hcp-terraform.js';
export { type ServiceAccountToken, serviceAccount } from './presets/kubernetes.js';
export { type NomadService, type NomadTask, nomadService, nomadTask } from './presets/nomad.js';
export { type NomadTaskToken, nomadTaskToken } from './presets/nomad-task-tokens.js';
export { type JwtSvid, jwtSvid } from './presets/spiffe.js';
export { terraformRunVariables } from './presets/terraform-run-variables.js';
export { keepTokenFile, type TokenFile, type TokenFileOptions } from './presets/token-file.js';
export { type RegularFile, readRegularFile } from './regular-file.js';
export { type AppMeshOptions, appMesh, appMeshDialect } from './routes/app-mesh.js';
export { authTokenDialect } from './routes/auth-token.js';
export { type GetTokenOptions, getTokenDialect } from './routes/get-token.js';
export { type GitHubRunner, type GitHubRunningJob, githubRunner } from './routes/github-id-token.js';
export { signDialect } from './routes/sign.js';
export { type TokenEndpointOptions, tokenDialect } from './routes/token.js';
export type { TokenClient } from './routes/token-clients.js';
export {
  type Administered,
  type Dialect,
  type IssuerOptions,
  type StartedIssuer,
  startIssuer,
  type Verifier,
} from './start-issuer.js';
export { type TlsFaultName, type TlsFaults, tlsFaultNames } from './tls/tls-fault.js';
export {
  checkTlsIdentity,
  generateTlsIdentity,
  type TlsIdentity,
  type TlsIdentityOptions,
} from './tls/tls-identity.js';
export { completeClaims, type TokenClaims } from './tokens/claims.js';
export { type ClaimsTemplate, fillClaimsTemplate, type TemplateValues } from './tokens/claims-template.js';
export { type Signer, signCompact, type TokenHeader } from './tokens/compact.js';
export type { Expectations, Verdict } from './tokens/expectations.js';
export { verifyToken } from './tokens/verify.js';
export type { UserChanges } from './users/change-user-document.js';
export { type ConsulUsersOptions, openConsulUsers } from './users/consul-users.js';
export { editUserFile } from './users/edit-user-file.js';
export { fixedUsers } from './users/fixed-users.js';
export { hashPassword, type KeyKind, kindOfKey, type ScryptCost, verifyPassword } from './users/password.js';
export { type PushUsersOptions, pushUsers } from './users/push-users.js';
export { enrolTotp, type TotpEnrolment, totpCode } from './users/totp.js';
export { parseUserDocument, readUserText, type UserDocument } from './users/user-document.js';
export { openUserFile, type UserFile, type UserFileOptions } from './users/user-file.js';
export type { User, UserChange, UserFields, UserStore, UserStoreStatus } from './users/user-store.js';
