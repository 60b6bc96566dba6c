import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import type { Json } from '../terraform-json/document.js';
import { isFolder } from './configuration.js';
import type { TerraformDocument } from './document.js';
import { type ReadOptions, readTerraform } from './read-terraform.js';

/** A document by the name that an apply keeps it by. */
export interface SourceDocument extends TerraformDocument {
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
  for (const { name, path } of await rootsOf(source)) {
    const isStack = basename(path) === 'cdk.tf.json';
    documents.push(isStack ? await readStack(path, name, options) : { name, ...(await readTerraform(path, options)) });
  }
  return documents;
}

/** A root module: its folder, or the one file of it that counts. */
interface Root {
  readonly name: string;
  readonly path: string;
}

/** The root modules of a source, of which only a `cdktf.out` has several. */
export async function rootsOf(source: string): Promise<readonly Root[]> {
  const path = resolve(source);
  const stacks = join(path, 'stacks');
  if (await isFolder(stacks)) {
    const names = (await readdir(stacks)).sort();
    if (names.length > 0) return names.map((name) => ({ name, path: join(stacks, name, 'cdk.tf.json') }));
  }
  return [{ name: path, path }];
}

/**
 * What `cdktf synth` wrote is applied verbatim. Where something is ignored, what needs it has to be found, and variables have
 * to be evaluated.
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
  if (json['variable'] !== undefined) return { name, ...(await readTerraform(path, options)) };
  return { name, json, addresses: new Map(), placeOf: () => undefined, passedOver: [] };
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
