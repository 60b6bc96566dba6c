import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { blocks, type Json, labelled } from '../terraform-json/document.js';
import { placeOf } from './error-location.js';
import { type ParsedFile, parseFile } from './parse-file.js';

/** A block with where it stands. */
export interface Block {
  readonly body: Json;
  readonly file: ParsedFile;
}

/** The kinds of resources, each by the block that declares it. */
const MODES = { managed: 'resource', data: 'data', ephemeral: 'ephemeral' } as const;
export type Mode = keyof typeof MODES;

/** A resource as it is written, before `count` and `for_each`. */
export interface ResourceBlock extends Block {
  readonly mode: Mode;
  readonly type: string;
  readonly name: string;
}

/** The file that `cdktf synth` writes of a stack. */
export const STACK = 'cdk.tf.json';

/** One module: the files of a folder taken together. */
export interface ModuleConfiguration {
  readonly folder: string;
  /** The folder that file names in messages are relative to. */
  readonly base: string;
  /** What is in the folder, sorted. */
  readonly names: readonly string[];
  /** Overrides come last. */
  readonly files: readonly ParsedFile[];
  readonly variables: ReadonlyMap<string, Block>;
  readonly locals: ReadonlyMap<string, { readonly value: unknown; readonly file: ParsedFile }>;
  readonly outputs: ReadonlyMap<string, Block>;
  readonly modules: ReadonlyMap<string, Block>;
  readonly resources: readonly ResourceBlock[];
  readonly providers: readonly (readonly [name: string, block: Block])[];
}

const ENDINGS = /\.tf(?:\.json)?$/;
const OVERRIDES = /(?:^|_)override\.tf(?:\.json)?$/;

/**
 * Reads the files of one folder, without those below it. Overrides come last and replace arguments.
 * @param base the folder that file names in messages are relative to
 * @throws VaultproofError `configuration_not_found` for a folder without one, `syntax_invalid`, `declaration_invalid` for what
 * is declared twice
 * @see https://developer.hashicorp.com/terraform/language/files
 */
export async function readFolder(folder: string, base: string): Promise<ModuleConfiguration> {
  const names = namesIn(folder);
  const found = names?.filter((name) => ENDINGS.test(name) && !name.startsWith('.') && !name.endsWith('~')) ?? [];
  if (names === undefined || found.length === 0) {
    const what = names === undefined ? 'there is no folder' : 'there is no *.tf or *.tf.json in';
    throw new VaultproofError(
      'configuration_not_found',
      `${what} "${relative(base, folder) || folder}": name the folder of a root module`,
      {
        details: { folder },
      },
    );
  }
  const ordered = [...found.filter((name) => !OVERRIDES.test(name)), ...found.filter((name) => OVERRIDES.test(name))];
  return readFiles(folder, base, names, ordered);
}

/** Reads one file as a module of its own. */
export async function readOneFile(path: string, base: string): Promise<ModuleConfiguration> {
  const folder = dirname(path);
  return readFiles(folder, base, namesIn(folder) ?? [], [basename(path)]);
}

/** Whether a path is a folder. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** A few small files are read several times as fast without threads. */
function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder).sort();
  } catch {
    return undefined;
  }
}

const kept = new Map<string, ModuleConfiguration>();
/** So many are kept for the next time. */
const MOST_KEPT = 1_000;

/** Those of files with the same names and contents are the same object. */
async function readFiles(
  folder: string,
  base: string,
  names: readonly string[],
  wanted: readonly string[],
): Promise<ModuleConfiguration> {
  const texts = wanted.map((name) => readFileSync(join(folder, name), 'utf8'));
  const key = JSON.stringify([folder, base, names, wanted]);
  const before = kept.get(key);
  if (before?.files.every(({ text }, at) => text === texts[at])) return before;
  const parsed = wanted.map((name, at) => parseFile(relative(base, join(folder, name)), texts[at] ?? ''));
  const configuration = configurationOf({ folder, base, names, files: await Promise.all(parsed) });
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, configuration);
  return configuration;
}

function configurationOf(read: Pick<ModuleConfiguration, 'folder' | 'base' | 'names' | 'files'>): ModuleConfiguration {
  const module = {
    ...read,
    variables: new Map<string, Block>(),
    locals: new Map<string, { value: unknown; file: ParsedFile }>(),
    outputs: new Map<string, Block>(),
    modules: new Map<string, Block>(),
    resources: [] as ResourceBlock[],
    providers: [] as [string, Block][],
  };
  for (const file of read.files) {
    const isOverride = OVERRIDES.test(basename(file.file));
    const add = (into: Map<string, Block>, kind: string): void => {
      for (const [name, bodies] of labelled(file.json[kind] ?? {}, `"${kind}"`)) {
        for (const body of blocks(bodies, `"${kind}.${name}"`)) {
          const before = into.get(name);
          if (before && !isOverride) throw declaredTwice(`${kind} "${name}"`, before.file, file);
          into.set(name, { body: { ...before?.body, ...body }, file });
        }
      }
    };
    add(module.variables, 'variable');
    add(module.outputs, 'output');
    add(module.modules, 'module');
    for (const body of blocks(file.json['locals'], '"locals"')) {
      for (const [name, value] of Object.entries(body)) {
        const before = module.locals.get(name);
        if (before && !isOverride) throw declaredTwice(`local "${name}"`, before.file, file, name);
        module.locals.set(name, { value, file });
      }
    }
    addResources(module.resources, file, isOverride);
    for (const [name, bodies] of labelled(file.json['provider'] ?? {}, '"provider"')) {
      for (const body of blocks(bodies, `"provider.${name}"`)) module.providers.push([name, { body, file }]);
    }
  }
  return module;
}

function addResources(resources: ResourceBlock[], file: ParsedFile, isOverride: boolean): void {
  for (const [mode, kind] of Object.entries(MODES) as [Mode, (typeof MODES)[Mode]][]) {
    for (const [type, named] of labelled(file.json[kind] ?? {}, `"${kind}"`)) {
      for (const [name, bodies] of labelled(named, `"${kind}.${type}"`)) {
        for (const body of blocks(bodies, `"${kind}.${type}.${name}"`)) {
          const at = resources.findIndex((one) => one.mode === mode && one.type === type && one.name === name);
          const before = resources[at];
          if (before && !isOverride) throw declaredTwice(headerOf(before), before.file, file);
          const merged = { mode, type, name, body: { ...before?.body, ...body }, file };
          if (before) resources[at] = merged;
          else resources.push(merged);
        }
      }
    }
  }
}

/** An address in a module: `vault_policy.reader`, `data.vault_auth_backend.ci`, `ephemeral.random_password.db`. */
export function addressIn(mode: Mode, type: string, name?: string): string {
  const bare = name === undefined ? type : `${type}.${name}`;
  return mode === 'managed' ? bare : `${mode}.${bare}`;
}

/** How its block begins: `resource "vault_policy" "reader"`. */
export function headerOf({ mode, type, name }: ResourceBlock): string {
  return `${MODES[mode]} "${type}" "${name}"`;
}

/** @param header how its block begins, where that is not what it is called in the message */
function declaredTwice(what: string, first: ParsedFile, { file }: ParsedFile, header = what): VaultproofError {
  const place = placeOf({ file: first, address: what, header });
  return new VaultproofError('declaration_invalid', `${place}: ${what} is declared again in "${file}": rename one`, {
    details: { file },
  });
}
