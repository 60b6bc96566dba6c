export { type CertificateAuthority, certificateAuthority } from '../tls/authority.js';
export type { VendorIssuer, VendorSetup } from './vendor-issuer.js';
export { type Vendors, vendors } from './vendors.js';
