export { type ErrorCode, errorCodes, VaultproofError } from '../errors/index.js';
export { type EngineName, findDocker } from './engines/index.js';
export { type Environment, type EnvironmentOptions, startEnvironment } from './environment.js';
