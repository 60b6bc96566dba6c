import { join } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { readCache } from './cache.js';
import { checkExecutable } from './check-executable.js';
import { searchPath } from './environment.js';
import type { Executable, ExecutableOptions, ExecutableSource } from './executable.js';
import { isRunnable } from './is-runnable.js';
import { type Settings, settingsFor } from './settings.js';
import { commands, type Product } from './versions.js';

/** What one source had to offer. */
export interface Finding {
  readonly source: ExecutableSource;
  /** `found`: would be used. `absent`: nothing there. `unusable`: something is there, and `detail` says what is wrong. */
  readonly status: 'found' | 'absent' | 'unusable';
  /** For people: the path and version found, or the reason why not. */
  readonly detail: string;
  /** Set where `status` is `found` and the executable is already on this machine. */
  readonly executable?: Executable;
}

/**
 * What is already at hand: the explicit path, else the first fitting one on PATH, else the cache; undefined if there
 * is none. An executable on PATH that is too old or something else is passed over. A check is remembered in the cache
 * until the file changes, so that a second look takes about a millisecond. Nothing is downloaded.
 *
 * @throws VaultproofError when an explicit path is bad: `executable_not_found`, `executable_not_runnable`,
 *   `executable_wrong_product` or `executable_too_old`
 * @throws TypeError for malformed options
 */
export async function findExecutable(product: Product, options?: ExecutableOptions): Promise<Executable | undefined> {
  const settings = settingsFor(product, options);
  settings.signal?.throwIfAborted();
  if (settings.explicit !== undefined) return explicitExecutable(settings, settings.explicit);
  for await (const finding of lookAround(settings)) {
    if (finding.executable !== undefined) return finding.executable;
  }
  return undefined;
}

/** The executable at an explicit path; throws as {@link findExecutable} does. */
export async function explicitExecutable(
  settings: Settings,
  { path, from }: NonNullable<Settings['explicit']>,
): Promise<Executable> {
  const version = await checkExecutable(settings.product, path, { ...settings, from });
  return { product: settings.product, path, version, source: 'explicit' };
}

/** Looks at PATH, one finding for each executable of that name, and then at the cache; the caller stops when content. */
export async function* lookAround(settings: Settings): AsyncGenerator<Finding> {
  const { product, cacheDir, version } = settings;
  let none = true;
  for (const folder of searchPath()) {
    const path = join(folder, commands[product]);
    if (!(await isRunnable(path))) continue;
    none = false;
    yield await pathFinding(settings, path);
  }
  if (none)
    yield { source: 'path', status: 'absent', detail: `no executable "${commands[product]}" in any folder of PATH` };

  const entry = await readCache(cacheDir, product, version);
  yield entry.status === 'found'
    ? found({ product, path: entry.path, version, source: 'cache' })
    : { source: 'cache', status: entry.status, detail: entry.reason };
}

async function pathFinding(settings: Settings, path: string): Promise<Finding> {
  const { product, version: wanted } = settings;
  try {
    const version = await checkExecutable(product, path, { ...settings, from: 'PATH' });
    if (settings.exact && version !== wanted) {
      return {
        source: 'path',
        status: 'unusable',
        detail: `"${path}" is ${version}, and ${wanted} is wanted`,
      };
    }
    return found({ product, path, version, source: 'path' });
  } catch (error) {
    if (!(error instanceof VaultproofError)) throw error;
    return { source: 'path', status: 'unusable', detail: error.message };
  }
}

/** The finding for an executable that would be used. */
export function found(executable: Executable): Finding {
  const { source, path, version } = executable;
  return { source, status: 'found', detail: `"${path}", version ${version}`, executable };
}
