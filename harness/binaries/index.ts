export { cacheError, isRunnable, makeFolder } from './cache.js';
export { type Executable, findExecutable, namedVault } from './find.js';
export { withInstallLock } from './install.js';
export {
  type Attempt,
  absenceOf,
  buildSource,
  installExecutable,
  quickSources,
  type Source,
  surveyExecutables,
  takeFirst,
  unavailable,
} from './obtain.js';
export {
  commands,
  defaultVersions,
  floorVersions,
  type Product,
  products,
  type Service,
  type VaultProduct,
} from './products.js';
export {
  cacheDirectory,
  type ExecutableOptions,
  pathVariables,
  proxySettings,
  type Report,
  settingsFor,
} from './settings.js';
