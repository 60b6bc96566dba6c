import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { cacheDirectory, cacheError, makeFolder, withInstallLock } from '../binaries/index.js';
import { makeTemporaryFolder } from '../guardian/index.js';
import { type Configuration, withoutRegistry } from './configuration.js';
import { cliConfigurationPaths, namedCacheDirectory, terraformEnvironment, userEnvironment } from './environment.js';
import type { TerraformExecutable } from './executable.js';
import { runTerraform } from './terraform-process.js';

const LOCK_FILE = '.terraform.lock.hcl';
const GRACE_MS = 10_000;

/** Folders where `init` was run, by what it was run for. They last as long as this process. */
const templates = new Map<string, Promise<string>>();

/**
 * Makes a folder ready: its providers and modules are there afterwards. `init` is run once in this process for the same
 * set of providers, in a folder of its own that is lent to every other; a configuration with modules has its own.
 * @throws VaultproofError `provider_unavailable`, `provider_version_unavailable` or `init_failed`, with Terraform's
 * words, and what the cache throws
 */
export async function initialise(folder: string, configuration: Configuration, context: InitContext): Promise<void> {
  if (configuration.hasModules) return init(folder, context);
  await rm(join(folder, '.terraform'), { recursive: true, force: true });
  await rm(join(folder, LOCK_FILE), { force: true });
  if (configuration.providers.size === 0) return;
  const template = await templateFor(configuration, context);
  await mkdir(join(folder, '.terraform'));
  await symlink(join(template, '.terraform', 'providers'), join(folder, '.terraform', 'providers'));
  await copyFile(join(template, LOCK_FILE), join(folder, LOCK_FILE));
}

/** The sources of the providers that `init` chose, also those that modules need: `hashicorp/vault`. */
export async function chosenProviders(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, LOCK_FILE), 'utf8').catch(() => '');
  return [...text.matchAll(/^provider "([^"]+)"/gm)].map(([, source = '']) => withoutRegistry(source));
}

async function templateFor(configuration: Configuration, context: InitContext): Promise<string> {
  const required = Object.fromEntries([...configuration.providers].map(([name, { block }]) => [name, block]));
  const { path, version } = context.executable;
  // Mirrors and caches may differ between two runs of one process, as tests show.
  const environment = terraformEnvironment({});
  const key = JSON.stringify([path, version, Object.entries(required).sort(), environment]);
  let template = templates.get(key);
  if (!template) {
    template = makeTemplate(required, context);
    templates.set(key, template);
    // What could not be had may be there the next time.
    template.catch(() => templates.delete(key));
  }
  return template;
}

async function makeTemplate(required: Readonly<Record<string, unknown>>, context: InitContext): Promise<string> {
  const { path, remove } = await makeTemporaryFolder('terraform');
  try {
    await writeFile(join(path, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: required } }));
    await init(path, context);
    return path;
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Runs `init` where Terraform will run.
 * @param workingFolder the copy of a root module, whose backend is made ready, too; default `folder`, which has none
 * @throws VaultproofError what {@link initialise} throws
 */
export async function init(folder: string, context: InitContext, workingFolder?: string): Promise<void> {
  const start = performance.now();
  const { exitCode, stderr } = await withPluginCache(context, (cache, signal) =>
    runTerraform({
      path: context.executable.path,
      args: ['init', '-input=false', '-no-color', ...(workingFolder === undefined ? ['-backend=false'] : [])],
      folder,
      workingFolder,
      env: { ...terraformEnvironment({}), ...cache },
      signal,
      graceMs: GRACE_MS,
    }),
  );
  context.signal.throwIfAborted();
  if (exitCode === 0) return context.report(`terraform: init took ${Math.round(performance.now() - start)} ms`);
  throw initFailure(stderr, exitCode);
}

function initFailure(stderr: string, exitCode: number | undefined): VaultproofError {
  const words = withoutFrame(stderr);
  const details = { exitCode, output: words };
  if (/no available releases match|does not match configured version constraint|no versions? matching/i.test(words)) {
    return new VaultproofError(
      'provider_version_unavailable',
      `no version of a provider fits: ${words}; correct the version in "required_providers"`,
      { details },
    );
  }
  if (/Failed to (?:query available provider packages|install provider)|Could not retrieve the list/i.test(words)) {
    return new VaultproofError(
      'provider_unavailable',
      `a provider can't be installed: ${words}; let its registry be reached, or set a mirror in the CLI configuration`,
      { details },
    );
  }
  return new VaultproofError('init_failed', `"terraform init" failed: ${words}; correct the cause`, { details });
}

/** Terraform's words on few lines, without the box that it draws around them. */
function withoutFrame(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^[╷│╵\s]+/, '').trim());
  return lines
    .filter((line) => line !== '')
    .join(' ')
    .slice(0, 2_000);
}

/** How one `init` is run. */
interface InitContext {
  readonly executable: TerraformExecutable;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs `work`, an `init`, while no other one runs on this cache: Terraform's plugin cache does not bear two at once. The
 * cache is the user's own, named by TF_PLUGIN_CACHE_DIR or the CLI configuration, else one of ours, which is for this
 * CLI configuration alone: what comes from a mirror must not be taken for what comes from the registry.
 * @param work receives the variables that say where the cache is
 * @throws VaultproofError `cache_unwritable`, `cache_full`
 * @see https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache
 */
async function withPluginCache<Result>(
  { executable, report, signal }: InitContext,
  work: (env: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const cacheDir = cacheDirectory(namedCacheDirectory());
  const folder = join(cacheDir, 'terraform');
  const configuration = await cliConfiguration(executable.product);
  const key = createHash('sha256').update(`${executable.product}\n${configuration}`).digest('hex').slice(0, 16);
  const env = userEnvironment();
  const hasOwn = Boolean(env['TF_PLUGIN_CACHE_DIR']) || /^\s*plugin_cache_dir\s*=/m.test(configuration);
  try {
    await makeFolder(hasOwn ? folder : join(folder, key));
  } catch (error) {
    throw cacheError(error, cacheDir);
  }
  const variables = {
    ...(hasOwn ? {} : { TF_PLUGIN_CACHE_DIR: join(folder, key) }),
    // Without it the cache counts only for what a lock file knows already; ours is thrown away.
    TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: 'true',
  };
  return withInstallLock(
    join(folder, 'init'),
    { what: 'installing terraform providers', report, signal },
    (lockSignal) => work(variables, lockSignal),
  );
}

async function cliConfiguration(product: TerraformExecutable['product']): Promise<string> {
  for (const path of cliConfigurationPaths(product)) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return '';
}
