import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { SensitiveValues } from '../../internal/sensitive-values.js';
import type { Json } from '../terraform-json/document.js';
import { STACK } from './configuration.js';
import type { ReadDocument } from './document-cache.js';
import { type ReadOptions, readRoot, readTerraform } from './read-terraform.js';
import { knownDeep, toJson } from './values.js';
import { fromText } from './variables.js';

/** A document by the name that an apply keeps it by. */
export interface SourceDocument extends ReadDocument {
  /** A stack's name, or the path of the folder or the file. */
  readonly name: string;
}

/**
 * Reads whatever declares resources: a root module's folder, one `*.tf` or `*.tf.json` of it, a `cdktf.out` with all its
 * stacks, or one `cdk.tf.json`.
 * @throws VaultproofError what {@link readTerraform} throws
 */
export async function readSource(source: string, options: ReadOptions = {}): Promise<readonly SourceDocument[]> {
  const documents: SourceDocument[] = [];
  const roots = await rootsOf(source);
  for (const root of roots) {
    const { name, path } = root;
    const own = { ...options, variables: await variablesOf(root, roots, options.variables) };
    const isStack = basename(path) === STACK;
    documents.push(isStack ? await readStack(path, name, own) : { name, ...(await readTerraform(path, own)) });
  }
  return documents;
}

/** A root module: its folder, or the one file of it that counts. */
interface Root {
  readonly name: string;
  readonly path: string;
}

/** The root modules of a source, of which only a `cdktf.out` has several. HCL may have a folder `stacks`, too. */
export async function rootsOf(source: string): Promise<readonly Root[]> {
  const stacks = join(source, 'stacks');
  const names = existsSync(stacks) ? (await readdir(stacks).catch(() => [])).sort() : [];
  const found = names
    .map((name) => ({ name, path: join(stacks, name, STACK) }))
    .filter((root) => existsSync(root.path));
  return found.length > 0 ? found : [{ name: resolve(source), path: source }];
}

/**
 * The values for one of several root modules: those of the variables that it declares.
 * @throws VaultproofError `variable_invalid` for a name that none of them declares
 */
export async function variablesOf(
  root: Root,
  roots: readonly Root[],
  variables: ReadOptions['variables'] = {},
): Promise<Readonly<Record<string, unknown>>> {
  const names = Object.keys(variables);
  if (roots.length === 1 || names.length === 0) return variables;
  const declared = await Promise.all(roots.map(async ({ path }) => [...(await readRoot(path)).variables.keys()]));
  const unknown = names.find((name) => !declared.flat().includes(name));
  if (unknown !== undefined) {
    throw new VaultproofError('variable_invalid', `no stack declares the variable "${unknown}": correct its name`, {
      details: { variable: unknown },
    });
  }
  const own = declared[roots.indexOf(root)] ?? [];
  return Object.fromEntries(Object.entries(variables).filter(([name]) => own.includes(name)));
}

/**
 * What `cdktf synth` wrote is applied verbatim. Where something is ignored, what needs it has to be found, and variables and
 * conditions have to be evaluated, and imports named.
 */
async function readStack(path: string, name: string, options: ReadOptions): Promise<SourceDocument> {
  if ((options.ignore ?? []).length > 0) return { name, ...(await readTerraform(path, options)) };
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new VaultproofError('configuration_not_found', `there is no "${path}": run "cdktf synth"`, {
      details: { path },
      cause,
    });
  });
  const json = parsed(path, text);
  if (json['variable'] !== undefined || /"(?:pre|post)condition":/.test(text))
    return { name, ...(await readTerraform(path, options)) };
  return {
    name,
    json,
    addresses: new Map(),
    placeOf: () => undefined,
    passedOver: [],
    sensitive: new SensitiveValues(),
    unmatched: [],
  };
}

function parsed(path: string, text: string): Json {
  try {
    const json: unknown = JSON.parse(text);
    if (isRecord(json)) return json;
  } catch {
    // Said below.
  }
  throw new VaultproofError('syntax_invalid', `"${path}" is not a JSON object: run "cdktf synth" again`, {
    details: { path },
  });
}

/** Values by name, and the names that no root module declares. */
interface ValuesFromText {
  readonly values: Readonly<Record<string, unknown>>;
  readonly undeclared: readonly string[];
}

/**
 * Values of root variables as `terraform -var` accepts them: a string for a variable of a primitive type or without one, else
 * an expression such as `["a", "b"]`.
 * @param source what readSource accepts
 * @throws VaultproofError what reading the root modules throws, and `expression_invalid` or `syntax_invalid` for a value
 * @see https://developer.hashicorp.com/terraform/language/values/variables#variables-on-the-command-line
 */
export async function variablesFromText(
  source: string,
  texts: Readonly<Record<string, string>>,
): Promise<ValuesFromText> {
  const values: Record<string, unknown> = {};
  const named = Object.entries(texts);
  if (named.length === 0) return { values, undeclared: [] };
  for (const { path } of await rootsOf(source)) {
    const { variables } = await readRoot(path);
    for (const [name, text] of named) {
      const block = variables.get(name);
      if (block) values[name] = toJson(knownDeep(fromText(text, block, name)));
    }
  }
  return { values, undeclared: Object.keys(texts).filter((name) => !Object.hasOwn(values, name)) };
}
