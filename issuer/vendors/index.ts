export { type CertificateAuthority, certificateAuthority } from '../tls/authority.js';
export { faultyConnections } from '../tls/tls-fault.js';
export type { VendorIssuer, VendorSetup, VendorSite } from './vendor-issuer.js';
export { type Vendors, vendors } from './vendors.js';
