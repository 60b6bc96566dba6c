import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { VaultproofError } from '../../errors/index.js';
import { isRunnable } from './is-runnable.js';
import { runVersion } from './run-version.js';
import { recallVersion, rememberVersion } from './version-memo.js';
import { floorVersions, isOlder, type Product } from './versions.js';

/** What a check needs to know besides the path. */
export interface CheckContext {
  /** Where answers are remembered. */
  readonly cacheDir: string;
  /** Who named the path, for messages: "PATH", "VAULTPROOF_VAULT_PATH", ... */
  readonly from: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The version of the executable at `path`, once it is known to be a runnable `product`, no older than the floor.
 *
 * @throws VaultproofError `executable_not_found`, `executable_not_runnable`, `executable_wrong_product` or
 *   `executable_too_old`
 */
export async function checkExecutable(product: Product, path: string, context: CheckContext): Promise<string> {
  const stamp = {
    realPath: await realPathOf(product, path, context),
    stats: await statsOf(product, path, context),
  };
  const remembered = await recallVersion(context.cacheDir, stamp);
  const identity = remembered ?? (await runVersion(path, product, context.signal));
  if (remembered === undefined) await rememberVersion(context.cacheDir, stamp, identity);

  if (identity.product !== product) {
    throw new VaultproofError(
      'executable_wrong_product',
      `"${path}" (from ${context.from}) is ${identity.product} ${identity.version}: point to a ${product} executable`,
      { details: { path, expected: product, found: identity.product, version: identity.version } },
    );
  }
  if (isOlder(identity.version, floorVersions[product])) {
    throw new VaultproofError(
      'executable_too_old',
      `"${path}" (from ${context.from}) is ${product} ${identity.version}: use ${floorVersions[product]} or newer`,
      { details: { path, version: identity.version, floor: floorVersions[product] } },
    );
  }
  return identity.version;
}

async function realPathOf(product: Product, path: string, { from }: CheckContext): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw new VaultproofError(
      'executable_not_found',
      `there is no ${product} executable at "${path}" (from ${from}): correct the path, or leave it out`,
      { details: { path, from }, cause },
    );
  }
}

async function statsOf(product: Product, path: string, { from }: CheckContext): Promise<Stats> {
  const stats = await stat(path);
  const runnable = stats.isFile() && (await isRunnable(path));
  if (!runnable) {
    const problem = stats.isFile() ? 'may not be executed' : 'is not a file';
    throw new VaultproofError(
      'executable_not_runnable',
      `"${path}" (from ${from}) ${problem}: point to a ${product} executable, or run chmod +x on it`,
      { details: { path, from } },
    );
  }
  return stats;
}
