export type { NetworkPeer } from '../internal/listening.js';
export type { AdminAccess, AdminOptions } from './admin/access.js';
export type { Clock } from './clock.js';
export type { Fault, FaultName } from './faults/named-faults.js';
export type { CurrentFault, Faults, Fetches, InitialFaults, Publication } from './faults/publication.js';
export {
  createIssuer,
  type Delegate,
  type Issuer,
  type IssuerSetup,
  type OwnClaims,
  type TokenBuilder,
} from './issuer.js';
export {
  algorithmsFor,
  type SecretAlgorithm,
  type SigningAlgorithm,
  secretAlgorithms,
  signingAlgorithms,
} from './keys/algorithms.js';
export type { KeyRing, KeyState, KeyTimes, ManagedKey, RotationOptions } from './keys/key-ring.js';
export { type RotationSchedule, type RotationScheduleOptions, scheduleRotation } from './keys/rotation-schedule.js';
export { generateSigningKey, type KeyOptions, type SigningKey, signingKey, verifyingKey } from './keys/signing-key.js';
export type { SignedIn, SignInClaims, SignInOptions } from './sign-ins.js';
export {
  type Administered,
  type Dialect,
  type IssuerOptions,
  type StartedIssuer,
  startIssuer,
} from './start-issuer.js';
export type { TlsFaultName, TlsFaults } from './tls/tls-fault.js';
export type { TlsIdentity, TlsIdentityOptions } from './tls/tls-identity.js';
export type { Expectations, Verdict } from './tokens/check-claims.js';
export {
  completeClaims,
  type Signer,
  type SignOptions,
  signCompact,
  type TokenClaims,
  type TokenHeader,
} from './tokens/claims.js';
export { type ClaimsTemplate, fillClaimsTemplate, type TemplateValues } from './tokens/claims-template.js';
export { verifyToken } from './tokens/verify.js';
