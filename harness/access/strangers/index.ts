export { type BoundCoverage, boundCoverage } from './bound-coverage.js';
export { type Stranger, strangers } from './strangers.js';
