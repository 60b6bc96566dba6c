export {
  type ConsulKeyFields,
  type KeyShapes,
  keyShapes,
  privateJwk,
  privatePem,
  publicPem,
  type VaultKeyFields,
} from './export-key.js';
export { importPublicKey, importSigningKey } from './import-key.js';
export {
  type ImportedPublicKey,
  type ImportedPublicKeys,
  importPublicKeys,
  keySetWarnings,
} from './import-public-keys.js';
export {
  type FolderKey,
  type ReadKeyFolderOptions,
  readKey,
  readKeyFolder,
  rotateKey,
  type WriteKeyOptions,
  writeKey,
} from './key-folder.js';
export { openSharedKeys, type SharedKeys, type SharedKeysOptions } from './shared-keys.js';
export { type SharedSecret, secretBytes, secretFromEnv, sharedSecret } from './shared-secret.js';
export { type TransitKeyOptions, type TransitRequest, transitKey } from './transit-key.js';
