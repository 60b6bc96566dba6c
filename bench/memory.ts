/**
 * What an environment {vault, consul, issuer} holds beyond its servers: the resident memory of the Node process and its
 * guardian shells, with the example applied, a login and a read done. Held against a Node process that did the same by
 * hand, servers excluded on both sides, each in a fresh process without a loader. The second row has that process
 * import CDKTF and synthesise the same stack, since whoever declares in TypeScript pays for that anyway.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measurement } from './measurement.js';
import type { OwnMemory } from './own-memory.js';
import { median } from './paired-rounds.js';

/** See the head of this file. */
export const memory: Measurement = {
  name: 'memory',
  prepare: async () => {
    const helpers: number[] = [];
    let executables: readonly string[] = [];
    const measure = async (program: string, args: readonly string[]): Promise<OwnMemory> => {
      const file = fileURLToPath(new URL(program, import.meta.url));
      const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', file, ...args]);
      return JSON.parse(stdout) as OwnMemory;
    };
    const ours = async (): Promise<number> => {
      const report = await measure('memory-child.js', []);
      executables = report.servers;
      helpers.push(report.helpers);
      return report.node + report.helpers;
    };
    const byHand = async (...more: string[]): Promise<number> => {
      const report = await measure('memory-by-hand-child.js', [...executables, ...more]);
      return report.node + report.helpers;
    };
    const shared = { name: 'memory of an environment', unit: 'MB', maxRounds: 10, ours } as const;
    return {
      comparisons: [
        { ...shared, baseline: 'by hand', theirs: () => byHand() },
        { ...shared, baseline: 'by hand, with cdktf', theirs: () => byHand('cdktf') },
      ],
      notes: () => [`${median(helpers).toFixed(1)} MB of vaultproof's are its guardian shells`],
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
