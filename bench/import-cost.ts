/**
 * A fresh Node that imports the package against a fresh Node that does nothing: from spawn to exit.
 * What a login or an apply needs is imported when it is first needed, so the big dependencies must not be loaded here.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Measurement } from './measurement.js';

const run = promisify(execFile);
const ENTRY = import.meta.resolve('vaultproof');
const LAZY = ['cdktf', 'testcontainers', 'node-vault'];

/** See the head of this file. */
export const importCost: Measurement = {
  name: 'import-cost',
  prepare: async () => {
    const scripts = await loadedScripts();
    const packages = new Set(scripts.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []));
    const eager = LAZY.filter((name) => packages.has(name));
    return {
      comparisons: [
        {
          name: "import('vaultproof')",
          baseline: 'node that does nothing',
          unit: 'ms',
          ours: () => lifetime(`await import(${JSON.stringify(ENTRY)})`),
          theirs: () => lifetime(''),
        },
      ],
      notes: () => [
        eager.length === 0 ? `none of ${LAZY.join(', ')} is loaded` : `LOADED, and should not be: ${eager.join(', ')}`,
        `${scripts.length} modules are loaded, of the packages ${[...packages].sort().join(', ')}`,
      ],
      [Symbol.asyncDispose]: async () => {},
    };
  },
};

async function lifetime(script: string): Promise<number> {
  const begin = performance.now();
  await run(process.execPath, ['--input-type=module', '--eval', script]);
  return performance.now() - begin;
}

/** The URLs of the modules that a fresh Node has run after an import: V8 lists them when it reports its coverage. */
async function loadedScripts(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-modules-'));
  try {
    await run(process.execPath, ['--input-type=module', '--eval', `await import(${JSON.stringify(ENTRY)})`], {
      env: { ...process.env, NODE_V8_COVERAGE: folder },
    });
    const urls = new Set<string>();
    for (const file of await readdir(folder)) {
      const { result } = JSON.parse(await readFile(join(folder, file), 'utf8')) as {
        result: { url: string }[];
      };
      for (const { url } of result) if (url.startsWith('file:')) urls.add(url);
    }
    return [...urls];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
