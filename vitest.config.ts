import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// What hangs fails, and what is slow on a busy machine doesn't.
const PATIENCE_MS = 60_000;
const UNIT_PATIENCE_MS = 10_000;

export const alias = [
  { find: /^vaultproof$/, replacement: source('harness/index.ts') },
  { find: /^vaultproof\/issuer$/, replacement: source('issuer/index.ts') },
  { find: /^vaultproof\/issuer\/([a-z]+)$/, replacement: source('issuer/$1/index.ts') },
  { find: /^vaultproof\/access$/, replacement: source('harness/access/index.ts') },
  { find: /^vaultproof\/vitest$/, replacement: source('harness/vitest/index.ts') },
  { find: /^vaultproof\/vitest\/global-setup$/, replacement: source('harness/vitest/global-setup.ts') },
  { find: /^vaultproof\/stacks\/(.*)$/, replacement: source('stacks/$1.ts') },
];

// A worker imports the sources once for all of its files, which leave nothing behind.
const shared = { isolate: false };
const withoutServers = { ...shared, testTimeout: UNIT_PATIENCE_MS, hookTimeout: UNIT_PATIENCE_MS };

export default defineConfig({
  test: {
    // Servers mostly wait: more workers than a small machine has cores keep it busy.
    maxWorkers: 3,
    projects: [
      { resolve: { alias }, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...withoutServers } },
      { resolve: { alias }, test: { name: 'synth', include: ['test/synth/**/*.test.ts'], ...withoutServers } },
      {
        resolve: { alias },
        test: {
          name: 'integration',
          ...shared,
          include: ['test/integration/**/*.test.ts'],
          // Obtaining the servers begins at once, and only these tests, which come last, wait for it.
          globalSetup: ['test/support/global-setup.ts'],
          setupFiles: ['test/support/wait-until-prepared.ts'],
          sequence: { groupOrder: 1 },
          testTimeout: PATIENCE_MS,
          hookTimeout: PATIENCE_MS,
        },
      },
    ],
  },
});
