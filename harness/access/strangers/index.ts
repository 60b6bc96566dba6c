export { type BoundCoverage, boundCoverage } from './bound-coverage.js';
export type { ConsulLoginProps } from './consul-login.js';
export type { Stranger } from './stranger.js';
export { strangers } from './strangers.js';
