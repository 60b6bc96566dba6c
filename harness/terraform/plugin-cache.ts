import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory, cacheError, makeFolder, withInstallLock } from '../binaries/index.js';
import { cliConfigurationPaths, namedCacheDirectory, userEnvironment } from './environment.js';
import type { TerraformExecutable } from './executable.js';

/** How one `init` is run. */
export interface InitContext {
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
export async function withPluginCache<Result>(
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
  return withInstallLock(join(folder, 'init'), { what: 'terraform providers', report, signal }, (lockSignal) =>
    work(variables, lockSignal),
  );
}

async function cliConfiguration(product: TerraformExecutable['product']): Promise<string> {
  for (const path of cliConfigurationPaths(product)) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return '';
}
