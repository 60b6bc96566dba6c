import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { VaultproofError } from '../../errors/index.js';
import { isRecord, membersOf } from '../../internal/json.js';
import { cacheDirectory, makeFolder } from '../binaries/index.js';
import type { Json } from '../terraform-json/document.js';
import { noteBlockOrder } from './block-order.js';

/** A file of a configuration, in the shape of Terraform's JSON syntax. */
export interface ParsedFile {
  /** As messages name it. */
  readonly file: string;
  readonly text: string;
  readonly json: Json;
}

/** Changes with what a parsed file looks like, so that older entries of the cache are not taken. */
const SHAPE = 'hcl2json-0.24.0, escaped, ordered';

/** What this process has parsed, by where the cache on disk has it. */
const parsed = new Map<string, Json>();
/** So many files are kept for the next time. */
const MOST_PARSED = 1_000;

/**
 * Parses a file of Terraform's native syntax, or of its JSON syntax where its name ends in `.json`. What was parsed before
 * is taken from the cache, by its content.
 * @throws VaultproofError `syntax_invalid` with the file, the line and the column
 */
export async function parseFile(file: string, text: string): Promise<ParsedFile> {
  if (file.endsWith('.json')) return { file, text, json: parseJson(file, text) };
  const folder = join(cacheDirectory(process.env['VAULTPROOF_CACHE_DIR'] || undefined), 'hcl');
  const path = join(folder, `${createHash('sha256').update(`${SHAPE}\n${text}`).digest('hex')}.json`);
  const known = parsed.get(path) ?? (await readEntry(path));
  const json = known ?? (await parseNative(file, text));
  // A cache that can't be written costs time alone.
  if (known === undefined) await writeEntry(folder, path, JSON.stringify(json)).catch(() => undefined);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(path, json);
  return { file, text, json };
}

async function readEntry(path: string): Promise<Json | undefined> {
  const entry: unknown = await readFile(path, 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);
  return isRecord(entry) ? entry : undefined;
}

/** It appears whole. It is not forced to the disk, which takes longer than parsing: a broken entry is parsed again. */
async function writeEntry(folder: string, path: string, entry: string): Promise<void> {
  await makeFolder(folder);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, entry);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function parseJson(file: string, text: string): Json {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const at = Number(/position (\d+)/.exec(String(cause))?.[1] ?? 0);
    throw new VaultproofError('syntax_invalid', `${placeAt(file, text, at)}: this is not JSON: correct it`, {
      details: { file },
    });
  }
  if (isRecord(json)) return json;
  throw new VaultproofError('syntax_invalid', `${file}:1:1: this is not a JSON object: correct it`, {
    details: { file },
  });
}

/** `main.tf:12:3` of an offset. */
export function placeAt(file: string, text: string, at: number): string {
  const before = text.slice(0, at).split('\n');
  return `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

async function parseNative(file: string, text: string): Promise<Json> {
  const { parse } = await loadParser();
  try {
    const json = membersOf(await parse(file, withEscapes(text)));
    noteBlockOrder(text, json);
    return json;
  } catch (cause) {
    throw syntaxError(file, cause);
  }
}

/** `${"$"}{x}` as `$${x}`, which is the same: of the first the parser makes `${x}`. */
function withEscapes(text: string): string {
  return text.replaceAll(/(?<![$%])\$\{\s*"([$%])"\s*\}(?=\{)/g, '$1$1');
}

/** The parser reports as `parse config: [main.tf:2,7-3,1: Invalid expression; Expected the start of ...]`. */
function syntaxError(file: string, cause: unknown): VaultproofError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const [, line, column, words = message] =
    /:(\d+),(\d+)-[\d,]+: ([^[\]]*?)(?: [^ ]+:\d+,\d+-[\d,]+: .*)?\]?$/s.exec(message) ?? [];
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  return new VaultproofError('syntax_invalid', `${place}: ${words.replace('; ', ': ')}`, {
    details: { file, ...(line !== undefined && { line: Number(line), column: Number(column) }) },
  });
}

type Parser = Pick<typeof import('@cdktn/hcl2json'), 'parse'>;
let parser: Promise<Parser> | undefined;

/** HashiCorp's own parser as WebAssembly, which takes 100 ms to start. It leaves global names behind, which go. */
function loadParser(): Promise<Parser> {
  parser ??= startParser();
  return parser;
}

async function startParser(): Promise<Parser> {
  const before = new Set(Object.getOwnPropertyNames(globalThis));
  // Optimising 10 MB of WebAssembly takes a second, and parsing 200 files without that a tenth of it.
  setFlagsFromString('--no-wasm-dynamic-tiering');
  setFlagsFromString('--liftoff-only');
  const { parse } = await import('@cdktn/hcl2json');
  await parse('start.tf', '');
  setFlagsFromString('--no-liftoff-only');
  setFlagsFromString('--wasm-dynamic-tiering');
  for (const name of ['require', 'fs', 'path']) if (!before.has(name)) Reflect.deleteProperty(globalThis, name);
  return { parse };
}
