export { expect } from 'vitest';
export { type EnvironmentFixtures, test } from './fixtures.js';
