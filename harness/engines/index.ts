export type { Product, Report, Service, VaultProduct } from '../binaries/index.js';
export { decideEngine, vendorImage } from './at-hand.js';
export { chooseEngine, standInNote } from './choose-engine.js';
export { type DockerApi, findDocker } from './docker/find-docker.js';
export type {
  Engine,
  EngineName,
  Outbound,
  ServerCommand,
  ServerControl,
  ServerInstance,
  ServerPlace,
} from './engine.js';
export type { LogLines } from './log-lines.js';
export { reservePorts } from './port-block.js';
