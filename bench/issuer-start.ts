/**
 * An issuer with an ES256 key, from the call to the first byte of its key set, against the same by hand with node:http
 * and jose. Each time in a fresh process whose modules are loaded, and nothing else is warm.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measurement } from './measurement.js';

const CHILD = fileURLToPath(new URL('issuer-start-child.js', import.meta.url));

/** See the head of this file. */
export const issuerStart: Measurement = {
  name: 'issuer-start',
  prepare: async () => ({
    comparisons: [
      {
        name: 'issuer, first byte',
        baseline: 'node:http and jose',
        unit: 'ms',
        target: { of: 'ours', limit: 'at most', value: 30 },
        ours: () => start('vaultproof'),
        theirs: () => start('by-hand'),
      },
    ],
    notes: () => [],
    [Symbol.asyncDispose]: async () => {},
  }),
};

async function start(side: 'vaultproof' | 'by-hand'): Promise<number> {
  return Number((await promisify(execFile)(process.execPath, [CHILD, side])).stdout);
}
