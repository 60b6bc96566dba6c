import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Compiles the command line as `npm run build` does, without a check of types: a command starts four times faster than
 * from its source.
 * @returns the path of its entry
 */
export async function buildCli(folder: string, signal: AbortSignal): Promise<string> {
  const options = { cwd: root, preferLocal: true, cancelSignal: signal } as const;
  const compile = ['-p', 'tsconfig.build.json', '--noCheck', '--declaration', 'false', '--outDir', folder];
  await execa('tsc', compile, options);
  await execa('tsx', ['scripts/copy-assets.ts', folder], options);
  return join(folder, 'cli/index.js');
}
