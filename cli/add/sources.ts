import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, posix } from 'node:path';
import { UsageError } from '../../errors/index.js';
import { unknownName } from '../arguments.js';

/** What the package says of itself. */
export interface PackageManifest {
  readonly version: string;
  readonly license: string;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const manifestPath = createRequire(import.meta.url).resolve('vaultproof/package.json');
const folder = join(dirname(manifestPath), 'stacks');

/** This package's own package.json. */
export const ownManifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as PackageManifest;

/** The package that this runs from, be it a clone or installed. */
export const packageFolder = dirname(manifestPath);

/** A source of a stack, by its path below `stacks/`, with slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** The stacks that can be copied: files that declare a class of one. */
export function stackNames(): string[] {
  return filesThatSay('', /^export class \w+ extends \w*Stack\b/m);
}

/** What the files of Consul's presets begin with. */
const CONSUL = 'consul-';

/** The presets that can go with a stack: for Vault files that make a role, for Consul those that make a whole login. */
export function presetNames(stack: string): string[] {
  if (stack === 'vault-jwt') return filesThatSay('presets', /^export function \w+Role\(/m);
  if (stack !== 'consul-jwt') return [];
  return filesThatSay('presets', /^export function consul\w+\(/m).map((name) => name.slice(CONSUL.length));
}

/**
 * The files of a stack and a preset, with all that they import of ours.
 * @throws UsageError for an unknown name
 */
export function sourcesOf(stack: string, preset?: string): Source[] {
  const paths = [pathOf('stack', stack, stackNames(), '')];
  if (preset !== undefined) {
    const below = stack.startsWith(CONSUL) ? `presets/${CONSUL}` : 'presets/';
    const known = presetNames(stack);
    if (known.length === 0) throw new UsageError(`"${stack}" has no presets: leave --preset out`);
    paths.push(pathOf('preset', preset, known, below));
  }
  const sources = new Map<string, Source>();
  for (const path of paths) collect(path, sources);
  return [...sources.values()];
}

/** The packages of CDKTF's providers that sources import. */
export function providersOf(sources: readonly Source[]): string[] {
  const imported = sources.flatMap(({ text }) => [...text.matchAll(/\bfrom '(@cdktf\/provider-[^/']+)/g)]);
  return [...new Set(imported.map(([, name = '']) => name))];
}

/** The name of the class that a stack's file declares. */
export function stackClass({ text }: Source): string {
  return /^export class (\w+)/m.exec(text)?.[1] ?? '';
}

function collect(path: string, sources: Map<string, Source>): void {
  if (sources.has(path)) return;
  const text = readFileSync(join(folder, path), 'utf8');
  sources.set(path, { path, text });
  for (const [, imported = ''] of text.matchAll(/\bfrom '(\.{1,2}\/[^']+)\.js'/g)) {
    collect(posix.join(posix.dirname(path), `${imported}.ts`), sources);
  }
}

function filesThatSay(below: string, words: RegExp): string[] {
  const path = join(folder, below);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith('.ts') && words.test(readFileSync(join(path, name), 'utf8')))
    .map((name) => basename(name, '.ts'))
    .sort();
}

function pathOf(kind: string, name: string, known: readonly string[], below: string): string {
  if (known.includes(name)) return `${below}${name}.ts`;
  throw new UsageError(unknownName(kind, name, known));
}
