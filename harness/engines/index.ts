export { type ChosenEngine, chooseEngine } from './choose-engine.js';
export { decideEngine, type EngineChoice, type EngineDecision } from './decide-engine.js';
export { type DockerApi, findDocker } from './docker-api.js';
export type { Engine, EngineName, ServerCommand, ServerInstance, ServerPlace } from './engine.js';
