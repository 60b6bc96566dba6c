import './matchers.js';

export { expect } from 'vitest';
export { type EnvironmentFixtures, test } from './fixtures.js';
export type { LetInExpectation, RefusalExpectation } from './matchers.js';
