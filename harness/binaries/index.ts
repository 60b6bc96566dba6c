export { cacheError, isRunnable, makeFolder } from './files.js';
export { type Executable, findExecutable, namedVault } from './find.js';
export { withInstallLock } from './install.js';
export { installExecutable } from './obtain.js';
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
export { type Attempt, absenceOf, buildSource, quickSources, type Source, takeFirst, unavailable } from './sources.js';
export { surveyExecutables } from './survey.js';
