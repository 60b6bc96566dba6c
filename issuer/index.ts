export {
  type IssuerOptions,
  type SignOptions,
  type StartedIssuer,
  startIssuer,
  type Verifier,
} from './issuer.js';
export { generateSigningKey, type SigningAlgorithm, type SigningKey, signingAlgorithms } from './signing-key.js';
export type { TokenClaims } from './tokens.js';
