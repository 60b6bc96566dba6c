import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WrongUse } from '../../errors/index.js';

/** Terraform reads files of this kind; `cdktf synth` writes `cdk.tf.json`. */
const ENDING = '.tf.json';
/** Copies of what is elsewhere, and packages. */
const PASSED_OVER = new Set(['.terraform', 'node_modules', '.git']);

/**
 * The files that arguments name: each file as it is named, and of each folder all files below it that end in `.tf.json`.
 * @param named `-` for standard input
 * @throws WrongUse for a folder without one
 */
export async function lintedFiles(named: readonly string[]): Promise<string[]> {
  const files = new Set<string>();
  for (const name of named) {
    const isFolder = name !== '-' && (await stat(name).catch(() => undefined))?.isDirectory() === true;
    for (const file of isFolder ? await below(name) : [name]) files.add(file);
  }
  return [...files];
}

async function below(folder: string): Promise<string[]> {
  const found = await filesIn(folder);
  if (found.length > 0) return found;
  throw new WrongUse(
    `there is no *${ENDING} below "${folder}": run "cdktf synth", or give a plan as "terraform show -json" prints it`,
  );
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return PASSED_OVER.has(entry.name) ? [] : filesIn(path);
      return entry.name.endsWith(ENDING) ? [path] : [];
    }),
  );
  return nested.flat().sort();
}
