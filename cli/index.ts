#!/usr/bin/env node
import { withAllSeeds } from './issuer-ports.js';
import { run } from './run.js';

const argv = process.argv.slice(2);

await run(argv[0] === 'issuer' ? withAllSeeds(argv) : argv);
