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
  { find: /^vaultproof\/lint$/, replacement: source('harness/lints.ts') },
  { find: /^vaultproof\/vitest$/, replacement: source('harness/vitest/index.ts') },
  { find: /^vaultproof\/vitest\/global-setup$/, replacement: source('harness/vitest/global-setup.ts') },
  { find: /^vaultproof\/stacks\/(.*)$/, replacement: source('stacks/$1.ts') },
];

// A worker imports the sources once for all of its files, which leave nothing behind.
const withoutServers = { isolate: false, testTimeout: UNIT_PATIENCE_MS, hookTimeout: UNIT_PATIENCE_MS };

// Obtaining the servers begins at once, and only these tests, which come last, wait for it.
const withServers = {
  globalSetup: ['test/support/global-setup.ts'],
  setupFiles: ['test/support/wait-until-prepared.ts'],
  testTimeout: PATIENCE_MS,
  hookTimeout: PATIENCE_MS,
};

/** In a browser, which loses its connections when a network interface comes or goes, as with each container. */
const inBrowser = 'test/integration/issuer/page/**/*.test.ts';

/** With another Docker engine than the others: testcontainers keeps to one for as long as its process lives. */
const otherDocker = ['docker-remote', 'registry-login', 'faults/docker-absent'].map(
  (name) => `test/integration/${name}.test.ts`,
);

export default defineConfig({
  test: {
    // Servers mostly wait: more workers than a small machine has cores keep it busy.
    maxWorkers: 4,
    experimental: { fsModuleCache: true },
    projects: [
      { resolve: { alias }, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...withoutServers } },
      { resolve: { alias }, test: { name: 'synth', include: ['test/synth/**/*.test.ts'], ...withoutServers } },
      {
        resolve: { alias },
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: [inBrowser, ...otherDocker],
          isolate: false,
          sequence: { groupOrder: 1 },
          ...withServers,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'integration-browser',
          include: [inBrowser],
          isolate: false,
          sequence: { groupOrder: 2 },
          ...withServers,
        },
      },
      {
        resolve: { alias },
        test: { name: 'integration-docker', include: otherDocker, sequence: { groupOrder: 1 }, ...withServers },
      },
    ],
  },
});
