export { claimsFor, userLocation } from './constraints.js';
