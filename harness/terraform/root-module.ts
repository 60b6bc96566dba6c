import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import type { RootModule } from '../hcl/index.js';
import { type Json, labelledBlocks } from '../terraform-json/document.js';
import { providerKey } from '../terraform-json/provider-namespaces.js';
import { type Configuration, keptOfProvider, readConfiguration } from './configuration.js';

const COPY = 'copy';
const VARIABLES = 'vaultproof.tfvars.json';
/** Of several overrides the last one counts, in the order of bytes. */
const OVERRIDE = '~vaultproof_override.tf.json';
const LEFT_OUT = new Set(['.git', '.terraform', '.terragrunt-cache', 'node_modules']);
/** States hold secrets, and OpenTofu's own files would count instead of those that were read. */
const LEFT_OUT_FILES = /\.tfstate(?:\.|$)|\.tofu(?:\.json)?$/;

/** Where Terraform runs a root module: in the copy of it, which stands to the copies of local modules as it does itself. */
export function workingFolder(runFolder: string, { folder, folders }: RootModule): string {
  return placeOf(runFolder, folder, folders);
}

/**
 * What has to be known of a root module and its local modules.
 * @throws VaultproofError what readConfiguration throws
 */
export function readRootConfiguration({ json, moduleResources, namespaces }: RootModule): Configuration {
  const configuration = readConfiguration(json);
  const ofModules = Object.entries(moduleResources).map(
    ([address, given]) => [address, { constructPath: address, arguments: given }] as const,
  );
  return {
    ...configuration,
    resources: new Map([...configuration.resources, ...ofModules]),
    namespaces: namespaces.relative,
  };
}

/**
 * Copies a root module and its local modules into a run's folder. An override there keeps the state in the run's folder
 * whatever backend is declared, and leaves the servers of providers to the environment, as readConfiguration does, with the
 * namespace that all of them are in.
 * @throws VaultproofError `file_outside_folder` for a symbolic link that leaves the folders
 * @see https://developer.hashicorp.com/terraform/language/files/override
 */
export async function copyRootModule(
  runFolder: string,
  module: RootModule,
  providers: Configuration['providers'],
): Promise<void> {
  await rm(join(runFolder, COPY), { recursive: true, force: true });
  const { folder, file, folders } = module;
  const isLeftOut = async (path: string, name: string): Promise<boolean> =>
    LEFT_OUT.has(name) ||
    LEFT_OUT_FILES.test(name) ||
    (file !== undefined && dirname(path) === folder && name !== file && /\.tf(?:\.json)?$/.test(name)) ||
    (await realpath(path).catch(() => undefined)) === runFolder;
  const copyTree = async (from: string): Promise<void> => {
    await mkdir(placeOf(runFolder, from, folders), { recursive: true });
    for (const entry of await readdir(from, { withFileTypes: true })) {
      const path = join(from, entry.name);
      if (await isLeftOut(path, entry.name)) continue;
      const place = placeOf(runFolder, path, folders);
      if (entry.isDirectory()) await copyTree(path);
      else if (entry.isFile()) await copyFile(path, place, constants.COPYFILE_FICLONE);
      else if (entry.isSymbolicLink()) {
        const target = placeOf(runFolder, await linkedTo(path, module), folders);
        await symlink(relative(dirname(place), target), place);
      }
    }
  };
  for (const one of folders) {
    if (!folders.some((other) => other !== one && isWithin(other, one))) await copyTree(one);
  }
  const override = {
    terraform: { backend: { local: { path: join(runFolder, 'terraform.tfstate') } } },
    ...providerOverrides(module, providers),
  };
  const target = join(workingFolder(runFolder, module), OVERRIDE);
  await writeFile(target, JSON.stringify(override), { mode: 0o600 });
  await writeFile(join(runFolder, VARIABLES), JSON.stringify(module.variables), { mode: 0o600 });
}

/** The arguments that give Terraform the values of a root module's variables. */
export function variableArguments(runFolder: string, { variableFiles }: RootModule): string[] {
  return [...variableFiles, join(runFolder, VARIABLES)].map((file) => `-var-file=${file}`);
}

/** Where the copy of a file or a folder is. The names of the root module's and the local modules' folders stay. */
function placeOf(runFolder: string, path: string, folders: readonly string[]): string {
  const [first = '', ...others] = folders;
  let common = dirname(first);
  while (!others.every((other) => isWithin(common, other))) common = dirname(common);
  return join(runFolder, COPY, relative(common, path));
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

async function linkedTo(path: string, { folder, folders }: RootModule): Promise<string> {
  const target = await realpath(path).catch(async () => resolve(dirname(path), await readlink(path)));
  if (folders.some((one) => isWithin(one, target))) return target;
  const shown = relative(folder, path);
  throw new VaultproofError(
    'file_outside_folder',
    `nothing was applied, because the symbolic link "${shown}" leads to "${relative(folder, target)}", which is not in the folder of a module: copy what it leads to into the folder`,
    { details: { file: shown } },
  );
}

/** The namespace of a provider as it counts from the one where the server is. */
function namespaceOverride(
  name: string,
  { alias, namespace }: Json,
  { base, relative: namespaces }: RootModule['namespaces'],
): Json {
  const known = namespaces.get(providerKey(name, alias));
  if (base === '' || known === undefined || namespace === undefined) return {};
  if (!/[$%]\{/.test(known)) return { namespace: known === '' ? null : known };
  return { namespace: `\${trimprefix(trim("${String(namespace)}", "/"), "${base}/")}` };
}

/** An argument that is null counts as left out, and a block without an instance replaces those that are declared. */
function providerOverrides({ json, namespaces }: RootModule, providers: Configuration['providers']): Json {
  const overrides: Record<string, Json[]> = {};
  for (const { name, body } of json['provider'] === undefined ? [] : labelledBlocks(json, 'provider')) {
    const kept = keptOfProvider(providers.get(name)?.source);
    if (kept === undefined) continue;
    const changed = Object.entries(body).filter(([argument]) => !kept.includes(argument) && argument !== 'dynamic');
    const isBlock = ([, value]: readonly [string, unknown]): boolean => isRecord(value) || Array.isArray(value);
    const dynamic = [body['dynamic']].flat().flatMap((labels) => (isRecord(labels) ? Object.keys(labels) : []));
    const removed = [...changed.filter(isBlock).map(([block]) => block), ...dynamic];
    overrides[name] = [
      ...(overrides[name] ?? []),
      {
        ...(body['alias'] !== undefined && { alias: body['alias'] }),
        ...namespaceOverride(name, body, namespaces),
        ...Object.fromEntries(changed.filter((one) => !isBlock(one)).map(([argument]) => [argument, null])),
        ...(removed.length > 0 && {
          dynamic: Object.fromEntries(removed.map((block) => [block, [{ for_each: [], content: {} }]])),
        }),
      },
    ];
  }
  return Object.keys(overrides).length === 0 ? {} : { provider: overrides };
}
