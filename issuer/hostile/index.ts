export { hostileTokens } from './catalogue.js';
export type { HostileToken } from './hostile-token.js';
