export type { Executable, ExecutableOptions, ExecutableSource } from './executable.js';
export { type Finding, findExecutable } from './find.js';
export { installExecutable, obtainExecutable } from './obtain.js';
export { surveyExecutables } from './survey.js';
export { defaultVersions, floorVersions, type Product } from './versions.js';
