import { spawnSync } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PACKAGE = join(ROOT, 'bench/results/package');

/**
 * Compiles the package and this folder to where the measurements run. Not `dist/`, which may be old or missing.
 * @returns the folder of the result: laid out as the project is, and `vaultproof` to whatever is in it
 */
export async function compilePackage(): Promise<string> {
  await rm(PACKAGE, { recursive: true, force: true });
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', join(ROOT, 'bench')], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.stderr.write('what is measured has type errors\n');
  // Read at run time, and left behind by the compiler.
  for (const file of ['guardian.sh', 'remove-run.cjs']) {
    await cp(join(ROOT, 'harness/guardian', file), join(PACKAGE, 'harness/guardian', file));
  }
  const manifest = await readFile(join(ROOT, 'package.json'), 'utf8');
  const { name, version, type, exports } = JSON.parse(manifest.replaceAll('./dist/', './')) as Record<string, unknown>;
  await writeFile(join(PACKAGE, 'package.json'), JSON.stringify({ name, version, type, exports }));
  return PACKAGE;
}
