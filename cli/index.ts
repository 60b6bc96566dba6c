#!/usr/bin/env node
import { createRequire } from 'node:module';
import { withAllSeeds } from './issuer-seeds.js';
import { run } from './run.js';

const { version } = createRequire(import.meta.url)('vaultproof/package.json') as { version: string };
const argv = process.argv.slice(2);

await run(version, argv[0] === 'issuer' ? withAllSeeds(argv) : argv);
