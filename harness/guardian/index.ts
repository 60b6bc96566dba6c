export { guard } from './guardian.js';
export { runGuarded } from './run-guarded.js';
export { spawnGuarded } from './spawn-guarded.js';
export { makeTemporaryFolder, type TemporaryFolder, temporaryFolderError } from './temporary-folder.js';
