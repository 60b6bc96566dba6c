import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What the build and the package are made of. */
const sources = ['cli', 'errors', 'harness', 'internal', 'issuer', 'stacks', 'scripts', 'docs', 'LICENSE', 'README.md'];

/** A fresh folder for what all tests of a file share. */
export function workFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'vaultproof-copied-out-'));
}

/** Runs a command as a user would, without what vitest and npm left in the environment. */
export function run(cwd: string, command: string) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:VITEST|NODE_ENV|NODE_OPTIONS|TEST$|npm_|INIT_CWD)/.test(name),
  );
  return execa(command, { cwd, env: Object.fromEntries(inherited), extendEnv: false, shell: true, preferLocal: true });
}

/** Why nothing can be installed from npm's registry; undefined where it can. */
export async function registryMissing(folder: string): Promise<string | undefined> {
  const { failed } = await execa('npm', ['view', 'cdktf@0.21.0', 'version', '--fetch-retries=0'], {
    cwd: folder,
    reject: false,
    timeout: 20_000,
  });
  return failed ? 'needs the npm registry, which does not answer' : undefined;
}

/** Builds and packs this checkout, elsewhere: its own `dist/` may be old. @returns the tarball's path */
export async function packVaultproof(folder: string): Promise<string> {
  const copy = join(folder, 'vaultproof');
  await mkdir(copy);
  const configs = ['package.json', 'tsconfig.json', 'tsconfig.build.json'];
  await Promise.all(
    [...sources, ...configs].map((name) => cp(join(root, name), join(copy, name), { recursive: true })),
  );
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  await run(copy, 'npm run --silent build');
  const { stdout } = await run(copy, 'npm pack --silent --ignore-scripts');
  return join(copy, stdout.trim());
}

/** CDKTF's own TypeScript project, as `cdktf init` makes it: CommonJS, run by ts-node. */
export async function stockTemplate(folder: string): Promise<string> {
  await run(folder, 'npm pack --silent @cdktf/cli-core@0.21.0 && tar -xzf cdktf-cli-core-0.21.0.tgz');
  return join(folder, 'package', 'templates', 'typescript');
}

/** Changes a project's package.json. */
export async function editManifest(project: string, changes: Readonly<Record<string, unknown>>): Promise<void> {
  const path = join(project, 'package.json');
  const manifest: unknown = existsSync(path) ? JSON.parse(await readFile(path, 'utf8')) : {};
  await writeFile(path, JSON.stringify({ ...(manifest as object), ...changes }, null, 2));
}
