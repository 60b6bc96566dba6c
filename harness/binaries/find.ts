import { join } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { isRunnable, readCache } from './cache.js';
import { checkExecutable } from './check-executable.js';
import { commands, type Product } from './products.js';
import { type ExecutableOptions, pathVariables, type Settings, searchPath, settingsFor } from './settings.js';

/** Where an executable can come from, in the order in which the sources are asked. */
export type ExecutableSource = 'explicit' | 'path' | 'cache' | 'release' | 'wheel' | 'go-module';

/** A server executable that ran on this machine and said who it is. */
export interface Executable {
  readonly product: Product;
  /** Absolute path of the file. */
  readonly path: string;
  /** What it answers to `version`, without the "v": "1.21.1". */
  readonly version: string;
  /** `release`, `wheel` and `go-module` right after an installation; from then on the same file is `cache`. */
  readonly source: ExecutableSource;
}

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
  if (settings.explicit !== undefined) return explicitExecutable([product], settings, settings.explicit);
  for await (const finding of lookAround(settings)) {
    if (finding.executable !== undefined) return finding.executable;
  }
  return undefined;
}

/**
 * The executable that the option `executable` or the variable names, be it a Vault or an OpenBao; undefined where
 * neither names one. Throws as {@link findExecutable} does.
 */
export async function namedVault(options?: ExecutableOptions): Promise<Executable | undefined> {
  const settings = settingsFor('vault', options);
  return settings.explicit && explicitExecutable(['vault', 'openbao'], settings, settings.explicit);
}

async function explicitExecutable(
  expected: readonly [Product, ...Product[]],
  settings: Settings,
  { path, from }: NonNullable<Settings['explicit']>,
): Promise<Executable> {
  const { product, version } = await checkExecutable(expected, path, { ...settings, from });
  return { product, path, version, source: 'explicit' };
}

/** What the option `executable` and the variable name, as a finding. */
export async function explicitFinding(settings: Settings): Promise<Finding> {
  const { explicit, product } = settings;
  if (explicit === undefined) {
    const detail = `neither the option executable nor ${pathVariables[product]} is set`;
    return { source: 'explicit', status: 'absent', detail };
  }
  return explicitExecutable([product], settings, explicit).then(found, (error: unknown) => {
    if (!(error instanceof VaultproofError)) throw error;
    const status = error.code === 'executable_not_found' ? 'absent' : 'unusable';
    return { source: 'explicit', status, detail: error.message };
  });
}

/** Looks at PATH, one finding for each executable of that name, and then at the cache; the caller stops when content. */
export async function* lookAround(settings: Settings): AsyncGenerator<Finding> {
  const { product, version } = settings;
  let none = true;
  for (const folder of searchPath()) {
    const path = join(folder, commands[product]);
    if (!(await isRunnable(path))) continue;
    none = false;
    yield await pathFinding(settings, path);
  }
  if (none) {
    yield { source: 'path', status: 'absent', detail: `no executable "${commands[product]}" in any folder of PATH` };
  }

  const entry = await readCache(settings);
  yield entry.status === 'found'
    ? found({ product, path: entry.path, version, source: 'cache' })
    : { source: 'cache', status: entry.status, detail: entry.reason };
}

async function pathFinding(settings: Settings, path: string): Promise<Finding> {
  const { product, version: wanted } = settings;
  try {
    const { version } = await checkExecutable([product], path, { ...settings, from: 'PATH' });
    if (settings.exact && version !== wanted) {
      return { source: 'path', status: 'unusable', detail: `"${path}" is ${version}, and ${wanted} is wanted` };
    }
    return found({ product, path, version, source: 'path' });
  } catch (error) {
    if (!(error instanceof VaultproofError)) throw error;
    return { source: 'path', status: 'unusable', detail: error.message };
  }
}

/** The finding for an executable that would be used. */
function found(executable: Executable): Finding {
  const { source, path, version } = executable;
  return { source, status: 'found', detail: `"${path}", version ${version}`, executable };
}
