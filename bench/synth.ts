/**
 * What `cdktf synth` runs for the bundled stack, `tsx stacks/main.ts`, against tsx with a CDKTF app that declares
 * nothing: from spawn to exit.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measurement } from './measurement.js';

/** The repository, from where this is compiled to. */
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

const ISSUER = 'https://issuer.example';

/** See the head of this file. */
export const synth: Measurement = {
  name: 'synth',
  prepare: async () => {
    const outdir = await mkdtemp(join(tmpdir(), 'bench-synth-'));
    return {
      comparisons: [
        {
          name: 'synth of the bundled stack',
          baseline: 'tsx and an empty CDKTF app',
          unit: 'ms',
          target: 1.3,
          maxRounds: 20,
          ours: () => lifetime('stacks/main.ts', outdir),
          theirs: () => lifetime('bench/by-hand/empty-app.ts', outdir),
        },
      ],
      notes: () => [],
      [Symbol.asyncDispose]: () => rm(outdir, { recursive: true, force: true }),
    };
  },
};

async function lifetime(program: string, outdir: string): Promise<number> {
  const begin = performance.now();
  await promisify(execFile)(process.execPath, ['--import', 'tsx', program], {
    cwd: ROOT,
    env: { ...process.env, CDKTF_OUTDIR: outdir, JWKS_URL: `${ISSUER}/jwks.json`, BOUND_ISSUER: ISSUER },
  });
  return performance.now() - begin;
}
