import './access-matchers.js';
import './matchers.js';

export { expect } from 'vitest';
export type { AccessMatchers, AccessOperation } from './access-matchers.js';
export type { ConsulOperation } from './consul-access.js';
export { type EnvironmentFixtures, test } from './fixtures.js';
export type { LetInExpectation, LoginMatchers, RefusalExpectation } from './matchers.js';
