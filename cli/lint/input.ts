import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { appAt, type CdktfApp, PROJECT_FILE } from '../cdktf-app.js';

/** Terraform reads files of this kind; `cdktf synth` writes `cdk.tf.json`. */
const ENDING = '.tf.json';
/** Copies of what is elsewhere, and packages. */
const PASSED_OVER = new Set(['.terraform', 'node_modules', '.git']);

/** A root module in HCL: all of it, or what one of its files declares, with the modules that it calls there. */
export interface HclSource {
  readonly folder: string;
  /** The name of the file alone that findings are wanted of. */
  readonly only?: string;
}

/** What could not be looked at, and why. */
export interface FailedSource {
  /** The file that was named, or the folder. */
  readonly file: string;
  readonly error: VaultproofError;
}

/** @throws what is not an error of a configuration */
export function failedSource(file: string, error: unknown): FailedSource {
  if (error instanceof VaultproofError) return { file, error };
  throw error;
}

/** A cdktf app, and the file of it that findings are in. */
export interface AppSource {
  readonly file: string;
  readonly app: CdktfApp;
}

/** What is linted: apps, JSON documents, and root modules in HCL. */
export interface LintInput {
  readonly apps: readonly AppSource[];
  /** `-` stands for standard input. */
  readonly files: readonly string[];
  readonly configurations: readonly HclSource[];
}

/**
 * What arguments name: each app and each file as it is named, and of each folder all files below it that end in `.tf.json`, and all
 * folders with `*.tf`.
 * @param named `-` for standard input
 * @throws VaultproofError `configuration_not_found` for what does not exist, and for a folder without one
 * @throws UsageError for a `cdktf.json` that has no app
 */
export async function lintInput(named: readonly string[]): Promise<LintInput> {
  const files = new Set<string>();
  const configurations = new Map<string, HclSource>();
  const apps: AppSource[] = [];
  for (const name of named) {
    const app = await appAt(name);
    if (app) {
      apps.push({ file: (await isDirectory(name)) ? join(name, PROJECT_FILE) : name, app });
      continue;
    }
    const isFolder = name !== '-' && (await isDirectory(name));
    if (!isFolder && name.endsWith('.tf')) configurations.set(name, { folder: dirname(name), only: basename(name) });
    for (const file of isFolder ? await below(name) : name.endsWith('.tf') ? [] : [name]) {
      if (file.endsWith('.tf')) configurations.set(dirname(file), { folder: dirname(file) });
      else files.add(file);
    }
  }
  // A root module's own *.tf.json are read with it.
  const ofModules = [...files].filter((file) => configurations.has(dirname(file)));
  for (const file of ofModules) files.delete(file);
  return { apps, files: [...files], configurations: [...configurations.values()] };
}

async function isDirectory(name: string): Promise<boolean> {
  const found = await stat(name).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw new UsageError(`"${name}" can't be read (${cause.code})`);
    throw new VaultproofError('configuration_not_found', `"${name}" does not exist: correct the path`, { cause });
  });
  return found.isDirectory();
}

async function below(folder: string): Promise<string[]> {
  const found = await filesIn(folder);
  if (found.length > 0) return found;
  throw new VaultproofError(
    'configuration_not_found',
    `there is no *.tf or *${ENDING} below "${folder}": name the folder of a root module, or a cdktf.out that "cdktf synth" wrote`,
  );
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return PASSED_OVER.has(entry.name) ? [] : filesIn(path);
      return entry.name.endsWith(ENDING) || entry.name.endsWith('.tf') ? [path] : [];
    }),
  );
  return nested.flat().sort();
}
