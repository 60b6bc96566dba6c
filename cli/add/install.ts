import { join, relative } from 'node:path';
import { shellWord } from '../shell.js';
import type { Project } from './project.js';
import { ownManifest, packageFolder } from './sources.js';

/** The fork's version that the tests run on. */
const CDKTN = '0.24.0';

/** The last TypeScript that ts-node 10 runs with; a new stock project has a later one, and then npm installs nothing. */
const TYPESCRIPT = '5.9.3';

const { devDependencies, peerDependencies } = ownManifest;

interface Package {
  readonly name: string;
  readonly version: string | undefined;
  /** What will do, such as `^0.21.0`; default any version. */
  readonly range?: string | undefined;
  /** Where it comes from, if not from the registry. */
  readonly from?: string | undefined;
}

const add = {
  npm: { normal: 'npm install --save-exact', dev: 'npm install --save-dev --save-exact' },
  pnpm: { normal: 'pnpm add --save-exact', dev: 'pnpm add --save-dev --save-exact' },
  yarn: { normal: 'yarn add --exact', dev: 'yarn add --dev --exact' },
} as const;

/** The commands that get a project what copied files import and it lacks, or has in a version that won't do. */
export function installCommands(
  project: Project,
  { withTest, providers }: { readonly withTest: boolean; readonly providers: readonly string[] },
): string[] {
  const usual: Package[] = [
    ...providers.map((name) => ({ name, version: devDependencies[name], range: peerDependencies[name] })),
    { name: 'constructs', version: devDependencies['constructs'], range: peerDependencies['constructs'] },
  ];
  if (project.cdktf === 'cdktf') {
    usual.unshift({ name: 'cdktf', version: devDependencies['cdktf'], range: peerDependencies['cdktf'] });
  }
  const forTests: Package[] = [
    { name: 'vaultproof', version: ownManifest.version, from: ownTarball },
    { name: 'vitest', version: devDependencies['vitest'], range: peerDependencies['vitest'] },
  ];
  const { normal, dev } = add[project.packageManager];
  const forTsNode = { name: 'typescript', version: TYPESCRIPT, range: '<7' };
  const tests = lacking(project, withTest ? forTests : []);
  const commands = [
    [dev, ...(project.versionOf('ts-node') === undefined ? [] : lacking(project, [forTsNode]))],
    ...forCdktn(project),
    [normal, ...lacking(project, usual)],
    ...(tests.includes(ownTarball) ? [packCommand(packageFolder)] : []),
    [dev, ...tests],
  ];
  return commands.filter((words) => words.length > 1).map((words) => words.join(' '));
}

/** Where a project has this package, which is not on the registry yet, so that `npm ci` finds it elsewhere, too. */
const VENDOR = 'vendor';
const ownTarball = `./${VENDOR}/vaultproof-${ownManifest.version}.tgz`;

function packCommand(folder: string): string[] {
  return [`mkdir -p ${VENDOR} && npm pack --silent --ignore-scripts --pack-destination ${VENDOR}`, shellWord(folder)];
}

/** A module of a folder as a file in the project's root imports it. */
export function importPath(project: Project, folder: string, name: string): string {
  return `./${join(relative(project.root, folder), name)}${project.isEsm ? '.js' : ''}`;
}

function lacking(project: Project, packages: readonly Package[]): string[] {
  return packages
    .filter(({ name, range }) => {
      const version = project.versionOf(name);
      return version === undefined || (range !== undefined && !satisfies(version, range));
    })
    .map(({ name, version, from }) => from ?? `${name}@${version}`);
}

/** The providers ask for cdktf, and two libraries in one process don't know each other's constructs. */
function forCdktn(project: Project): string[][] {
  if (project.providersFit) return [];
  const alias = `npm:cdktn@${project.versionOf('cdktn')?.replace(/^[\^~]/, '') ?? CDKTN}`;
  if (project.packageManager !== 'npm') return [[add[project.packageManager].normal, `cdktf@${alias}`]];
  const value = project.cdktf === 'cdktn as cdktf' ? "'overrides.cdktf=$cdktf'" : `overrides.cdktf=${alias}`;
  return [['npm pkg set', value]];
}

/** Whether a version, or the least one of a declared range, is in a range of ours; one that says neither is let pass. */
function satisfies(version: string, range: string): boolean {
  const found = numbers(version);
  if (found === undefined) return true;
  return range.split(' || ').some((alternative) => satisfiesAll(found, alternative));
}

function satisfiesAll(found: readonly number[], range: string): boolean {
  return range.split(' ').every((part) => {
    const bound = numbers(part) ?? [];
    if (part.startsWith('<')) return compare(found, bound) < 0;
    if (!part.startsWith('^')) return compare(found, bound) >= 0;
    const fixed = bound[0] === 0 ? 2 : 1;
    return compare(found, bound) >= 0 && found.slice(0, fixed).join() === bound.slice(0, fixed).join();
  });
}

function numbers(version: string): number[] | undefined {
  return /\d+(?:\.\d+)*/.exec(version)?.[0].split('.').map(Number);
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
