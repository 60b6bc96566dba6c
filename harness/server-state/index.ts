export { readConsulState } from './consul-state.js';
export { type ReadableServer, type ServerState, type StateDifference, stateDifferences } from './server-state.js';
export { readVaultState } from './vault-state.js';
