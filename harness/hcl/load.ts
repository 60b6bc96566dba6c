import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { type Block, isFolder, type ModuleConfiguration, readFolder } from './configuration.js';
import { placeOf } from './error-location.js';
import type { EvaluationContext } from './evaluation-context.js';
import { refuseInvalidStateBlocks } from './state-blocks.js';
import { refuseInvalidBlocks } from './validate.js';

/** A module with those that it calls. */
export interface LoadedModule {
  readonly configuration: ModuleConfiguration;
  /** The root module's folder. */
  readonly root: string;
  readonly modules: ReadonlyMap<string, CalledModule>;
  /** The names of modules that are ignored, and so not read. */
  readonly ignored: readonly string[];
}

/** A module and the block that calls it. */
export interface CalledModule {
  readonly block: Block;
  readonly module: LoadedModule;
}

/**
 * Reads the modules that a configuration calls, all of which are folders.
 * @throws VaultproofError `module_not_local`, `dependency_cycle` for a module that calls itself, `expression_invalid`
 * for a block that Terraform refuses whatever its values are, and what readFolder throws
 */
export async function loadModules(
  configuration: ModuleConfiguration,
  { isIgnored, isLenient }: Pick<EvaluationContext, 'isIgnored' | 'isLenient'>,
): Promise<LoadedModule> {
  const { folder: root, base } = configuration;
  const read = new Map<string, Promise<ModuleConfiguration>>();
  const load = async (module: ModuleConfiguration, callers: readonly string[]): Promise<LoadedModule> => {
    refuseInvalidBlocks(module);
    refuseInvalidStateBlocks(module);
    const modules = new Map<string, CalledModule>();
    const ignored: string[] = [];
    for (const [name, block] of module.modules) {
      if (isIgnored(`module.${name}`) || (isLenient && !isLocal(block))) {
        ignored.push(name);
        continue;
      }
      const folder = await folderOf(name, block, module);
      const path = [...callers, folder];
      if (callers.includes(folder)) {
        throw new VaultproofError('dependency_cycle', `a module calls itself: ${path.join(' -> ')}: break the cycle`, {
          details: { cycle: path },
        });
      }
      const called = read.get(folder) ?? readFolder(folder, base);
      read.set(folder, called);
      modules.set(name, { block, module: await load(await called, path) });
    }
    return { configuration: module, root, modules, ignored };
  };
  return load(configuration, configuration.modules.size === 0 ? [] : [await realpath(root)]);
}

function isLocal({ body }: Block): boolean {
  return typeof body['source'] === 'string' && /^\.\.?(?:\/|$)/.test(body['source']);
}

async function folderOf(name: string, block: Block, { folder }: ModuleConfiguration): Promise<string> {
  const source = block.body['source'];
  const place = placeOf({ file: block.file, address: `module.${name}`, header: `module "${name}"` });
  if (typeof source !== 'string' || !isLocal(block)) {
    throw new VaultproofError(
      'module_not_local',
      `${place}: the module "${name}" comes from "${String(source)}", and only local folders are read: pass it over with ignore: ['module.${name}'], copy it into a folder, or apply it with terraform`,
      { details: { module: name, source: String(source) } },
    );
  }
  const path = resolve(folder, source);
  if (isFolder(path)) return realpath(path);
  throw new VaultproofError(
    'configuration_not_found',
    `${place}: the module "${name}" is not at "${source}": correct its source`,
    {
      details: { module: name, source },
    },
  );
}
