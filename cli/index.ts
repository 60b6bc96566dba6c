#!/usr/bin/env node
import { createRequire } from 'node:module';
import { withAllSeeds } from './issuer-seeds.js';
import type { Command } from './run.js';
import { run } from './run.js';

const { version } = createRequire(import.meta.url)('vaultproof/package.json') as { version: string };

const descriptions = {
  demo: 'The main job on the bundled example: start, apply, log in, read, refuse',
  up: 'The same environment, left running until Ctrl-C or for as long as a command runs',
  issuer: 'The issuer alone, every dialect on, left running until Ctrl-C',
  login: 'Logs in to a Vault or a Consul with a JWT and explains a refusal',
  lint: 'Looks through Terraform JSON for logins that let in, or out, who should not be',
  users: 'The users of App Mesh in their file: hash passwords, enrol for TOTP, check',
  token: 'Mints a token with a key or a shared secret',
  verify: 'Verifies a token and says which check failed',
  key: 'Makes, converts, rotates and shows keys',
  parity: 'Applies a declaration with terraform and directly, and compares what the servers then have',
  engines: 'Puts an executable of Vault or Consul into the cache',
  add: 'Copies a stack into your infra repo, with a preset and a test',
  doctor: 'What was found, what will be used, and why',
};

const load = (command: unknown): Command => command as Command;

const argv = process.argv.slice(2);

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
      issuer: async () => load((await import('./issuer.js')).issuer),
      login: async () => load((await import('./login.js')).login),
      lint: async () => load((await import('./lint.js')).lint),
      users: async () => load((await import('./users.js')).users),
      token: async () => load((await import('./token.js')).token),
      verify: async () => load((await import('./verify.js')).verify),
      key: async () => load((await import('./key.js')).key),
      parity: async () => load((await import('./parity.js')).parity),
      engines: async () => load((await import('./engines.js')).engines),
      add: async () => load((await import('./add.js')).add),
      doctor: async () => load((await import('./doctor.js')).doctor),
    },
  },
  argv[0] === 'issuer' ? withAllSeeds(argv) : argv,
);
