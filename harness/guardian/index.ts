export { runGuarded, spawnGuarded } from './child-process.js';
export { guard, makeTemporaryFolder, type TemporaryFolder, temporaryFolderError } from './guardian.js';
export { removeRun } from './remove-run.js';
