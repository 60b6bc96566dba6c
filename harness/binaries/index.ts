export { pathVariables } from './environment.js';
export type { Executable, ExecutableOptions } from './executable.js';
export { findExecutable } from './find.js';
export { installExecutable, obtainExecutable } from './obtain.js';
export { surveyExecutables } from './survey.js';
export { defaultVersions, floorVersions, type Product } from './versions.js';
