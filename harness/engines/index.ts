export { type ChosenEngine, chooseEngine, type EngineChoice, imageFor } from './choose-engine.js';
export { type DockerApi, findDocker } from './docker-api.js';
export type { Engine, EngineName, ServerCommand, ServerInstance, ServerPlace } from './engine.js';
