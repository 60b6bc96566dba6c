export { chooseEngine } from './choose-engine.js';
export { decideEngine } from './decide-engine.js';
export { findDocker } from './docker/docker-api.js';
export type { EngineName, ServerCommand, ServerInstance } from './engine.js';
export { guard, spawnGuarded } from './guardian.js';
