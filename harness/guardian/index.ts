export { runGuarded, spawnGuarded } from './child-process.js';
export { guard, makeTemporaryFolder, removeRun, type TemporaryFolder, temporaryFolderError } from './guardian.js';
