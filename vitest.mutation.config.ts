import { defineConfig } from 'vitest/config';
import { alias } from './vitest.config.js';

// The tests of the files that stryker.config.json names, which are quick: a mutant runs those that reach it.
export default defineConfig({
  resolve: { alias },
  test: {
    include: [
      'test/unit/issuer/tokens/*.test.ts',
      'test/unit/issuer/keys/{key-life,key-ring}.test.ts',
      'test/unit/login/*.test.ts',
      'test/unit/lint/{consul-binding-rules,glob-too-wide,role-rules}.test.ts',
      'test/synth/consul-selector*.test.ts',
    ],
    isolate: false,
    testTimeout: 60_000,
  },
});
