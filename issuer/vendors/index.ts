export {
  type AuthoritySecrets,
  type CertificateAuthority,
  certificateAuthority,
  localNames,
} from '../tls/authority.js';
export { faultyConnections } from '../tls/tls-fault.js';
export { isKnownVendor } from './jwks-uri.js';
export type { VendorIssuer, VendorSetup, VendorSite } from './vendor-issuer.js';
export { type Vendors, vendors } from './vendors.js';
