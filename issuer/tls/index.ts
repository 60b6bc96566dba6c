export { checkTlsIdentity, generateTlsIdentity, type TlsIdentity, type TlsIdentityOptions } from './tls-identity.js';
