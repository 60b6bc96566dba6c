export { secretFromEnv } from './env-secret.js';
export { privateJwk, privatePem, publicPem } from './export-key.js';
export { importPublicKey, importSigningKey } from './import-key.js';
export { type ImportedPublicKey, type ImportedPublicKeys, importPublicKeys } from './import-public-keys.js';
export {
  type FolderKey,
  type ReadKeyFolderOptions,
  readKey,
  readKeyFolder,
  rotateKey,
  type WriteKeyOptions,
  writeKey,
} from './key-folder.js';
export { keySetWarnings } from './key-set-warnings.js';
export { type ConsulKeyFields, type KeyShapes, keyShapes, type VaultKeyFields } from './key-shapes.js';
export { openSharedKeys, type SharedKeys, type SharedKeysOptions } from './shared-keys.js';
export { type SharedSecret, secretBytes, sharedSecret } from './shared-secret.js';
export { type TransitKeyOptions, type TransitRequest, transitKey } from './transit-key.js';
