import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../errors/index.js';
import type { NamedConfiguration } from '../harness/index.js';

/** What `cdktf synth` writes for a stack. */
export const STACK_FILE = 'cdk.tf.json';

/**
 * The stacks that are in a folder, or were synthesised into one like `cdktf.out`.
 * @throws UsageError for a folder without a stack
 */
export async function readStacks(folder: string): Promise<NamedConfiguration[]> {
  const own = await stat(join(folder, STACK_FILE)).catch(() => undefined);
  if (own) return [await readStackFile(join(folder, STACK_FILE))];
  const names = await stackNames(folder);
  if (names.length === 0)
    throw new UsageError(
      `there is no *.tf or ${STACK_FILE} in "${folder}", nor a ${STACK_FILE} in a folder of its "stacks"`,
    );
  return Promise.all(names.map((name) => readStackFile(join(folder, 'stacks', name, STACK_FILE))));
}

/** The stacks that were synthesised into a folder. */
export async function stackNames(folder: string): Promise<string[]> {
  const stacks = join(folder, 'stacks');
  const names = (await readdir(stacks).catch((): string[] => [])).sort();
  const written = await Promise.all(names.map((name) => stat(join(stacks, name, STACK_FILE)).catch(() => undefined)));
  return names.filter((_, index) => written[index] !== undefined);
}

/** @throws UsageError for a file that is not there, or is not JSON */
export async function readStackFile(path: string): Promise<NamedConfiguration> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`there is no "${path}"`);
  });
  try {
    const name = basename(path) === STACK_FILE ? basename(dirname(path)) : basename(path, '.json');
    return { name, json: JSON.parse(text) as unknown };
  } catch {
    throw new UsageError(`"${path}" is not JSON`);
  }
}
