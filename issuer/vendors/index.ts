export { type CertificateAuthority, certificateAuthority } from '../tls/authority.js';
export type { VendorIssuer, VendorSetup, VendorSite } from './vendor-issuer.js';
export { type Vendors, vendors } from './vendors.js';
