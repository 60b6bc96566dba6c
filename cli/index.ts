#!/usr/bin/env node
import { createRequire } from 'node:module';
import type { Command } from './run.js';
import { run } from './run.js';

const { version } = createRequire(import.meta.url)('vaultproof/package.json') as { version: string };

const descriptions = {
  demo: 'The main job on the bundled example: start, apply, log in, read, refuse',
  up: 'The same environment, left running until Ctrl-C or for as long as a command runs',
  login: 'Logs in to a Vault with a JWT and explains a refusal',
  engines: 'Puts an executable of Vault or Consul into the cache',
  doctor: 'What was found, what will be used, and why',
};

const load = (command: unknown): Command => command as Command;

await run(
  {
    version,
    root: {
      meta: { name: 'vaultproof', version, description: 'Proves who gets into Vault and Consul' },
      subCommands: Object.fromEntries(
        Object.entries(descriptions).map(([name, description]) => [name, { meta: { name, description } }]),
      ),
    },
    commands: {
      demo: async () => load((await import('./demo.js')).demo),
      up: async () => load((await import('./up.js')).up),
      login: async () => load((await import('./login.js')).login),
      engines: async () => load((await import('./engines.js')).engines),
      doctor: async () => load((await import('./doctor.js')).doctor),
    },
  },
  process.argv.slice(2),
);
