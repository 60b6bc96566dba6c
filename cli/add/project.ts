import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../../errors/index.js';

/** What calls the package that stacks import: cdktf, its fork cdktn, or cdktn under cdktf's name. */
export type CdktfKind = 'cdktf' | 'cdktn' | 'cdktn as cdktf';

/** The npm project that files are copied into. */
export interface Project {
  /** The folder of its package.json. */
  readonly root: string;
  /** Whether Node takes its `.js` files for ES modules; else for CommonJS, where stock CDKTF projects are. */
  readonly isEsm: boolean;
  /** The script `test` of its package.json. */
  readonly testScript?: string | undefined;
  readonly packageManager: 'npm' | 'pnpm' | 'yarn';
  readonly cdktf: CdktfKind;
  /** Whether `@cdktf/provider-*`, which ask for cdktf, get cdktn in its place; true where the kind is cdktf. */
  readonly providersFit: boolean;
  /** The version that is installed, else the one that is declared; undefined for a package that it doesn't declare. */
  readonly versionOf: (name: string) => string | undefined;
}

interface Manifest {
  readonly type?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly overrides?: unknown;
  readonly resolutions?: unknown;
  readonly pnpm?: unknown;
}

const ALIAS = 'npm:cdktn@';

const lockFiles = { 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'yarn', 'package-lock.json': 'npm' } as const;

/**
 * The project that a folder belongs to: the nearest package.json at or above it decides.
 * @param folder need not exist yet
 * @throws UsageError when there is no package.json, or one that is no JSON object
 */
export function projectOf(folder: string): Project {
  const root = upwards(folder).find((path) => existsSync(join(path, 'package.json')));
  if (root === undefined) {
    throw new UsageError(`"${folder}" is not in an npm project: run "npm init" or "cdktf init" where it should be one`);
  }
  const manifest = readManifest(join(root, 'package.json'));
  const declared: Readonly<Record<string, string>> = { ...manifest.devDependencies, ...manifest.dependencies };
  const cdktf = kindOf(declared);
  const packageManager = packageManagerOf(root);
  return {
    root,
    isEsm: manifest.type === 'module',
    testScript: manifest.scripts?.['test'],
    packageManager,
    cdktf,
    providersFit: cdktf === 'cdktf' || providersGetCdktn(manifest, declared, packageManager),
    versionOf: (name) => (declared[name] === undefined ? undefined : (installedVersion(root, name) ?? declared[name])),
  };
}

function kindOf(declared: Readonly<Record<string, string>>): CdktfKind {
  if (declared['cdktn'] !== undefined) return 'cdktn';
  return declared['cdktf']?.startsWith(ALIAS) === true ? 'cdktn as cdktf' : 'cdktf';
}

/** npm alone refuses an alias whose version the providers don't ask for; the others say so and go on. */
function providersGetCdktn(
  { overrides, resolutions, pnpm }: Manifest,
  declared: Readonly<Record<string, string>>,
  packageManager: Project['packageManager'],
): boolean {
  if (packageManager !== 'npm' && declared['cdktf']?.startsWith(ALIAS) === true) return true;
  return /"cdktf":"(?:npm:cdktn@|\$cdktf")/.test(JSON.stringify([overrides, resolutions, pnpm]));
}

function packageManagerOf(root: string): Project['packageManager'] {
  for (const folder of upwards(root)) {
    for (const [name, manager] of Object.entries(lockFiles)) if (existsSync(join(folder, name))) return manager;
  }
  return 'npm';
}

function installedVersion(root: string, name: string): string | undefined {
  const paths = upwards(root).map((folder) => join(folder, 'node_modules', name, 'package.json'));
  const path = paths.find((candidate) => existsSync(candidate));
  return path === undefined ? undefined : (readManifest(path) as { readonly version?: string }).version;
}

function readManifest(path: string): Manifest {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof manifest === 'object' && manifest !== null) return manifest;
  } catch {}
  throw new UsageError(`"${path}" is not a JSON object: correct it first`);
}

function upwards(folder: string): string[] {
  const path = resolve(folder);
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...upwards(parent)];
}
