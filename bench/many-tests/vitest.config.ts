import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*-half.js'],
    globalSetup: ['global-setup.js'],
    provide: { services: { vault: { engine: 'process' } }, pool: process.env['BENCH_SIDE'] === 'pool' },
    // By hand, all declare by the same names on one Vault.
    maxWorkers: process.env['BENCH_SIDE'] === 'by-hand' ? 1 : 2,
    isolate: false,
    testTimeout: 60_000,
    // As a package that is installed: loaded by Node, not by Vite.
    server: { deps: { external: [/\/(?:harness|issuer|internal|errors|stacks|by-hand)\//] } },
  },
});
