import { readCache } from './cache.js';
import type { Executable } from './find.js';
import type { Product } from './products.js';
import { type ExecutableOptions, type Settings, settingsFor } from './settings.js';
import { buildSource, type Origins, quickSources, takeFirst, unavailable, vendorOrigins } from './sources.js';

/**
 * The executable in the cache, downloaded or built first where there is none: what `vaultproof engines install` does.
 * The explicit path and PATH are not looked at. `report` is told how far it is; one process installs, however many ask.
 *
 * @throws VaultproofError `engine_unavailable` naming every source and why it had none; `signature_untrusted`,
 *   `checksum_mismatch` or `archive_unsafe` when a download was tampered with; `build_failed`; `cache_unwritable`,
 *   `cache_full`
 * @throws TypeError for malformed options
 */
export async function installExecutable(product: Product, options?: ExecutableOptions): Promise<Executable> {
  return installFrom(settingsFor(product, options), vendorOrigins);
}

/** {@link installExecutable} from other origins. */
export async function installFrom(settings: Settings, origins: Origins): Promise<Executable> {
  const { product, version, signal, report } = settings;
  signal?.throwIfAborted();
  const entry = await readCache(settings);
  if (entry.status === 'found') return { product, version, path: entry.path, source: 'cache' };
  const quick = await takeFirst(quickSources(settings, origins), report);
  if ('result' in quick) return quick.result;
  const built = await takeFirst([buildSource(settings, origins)], report);
  if ('result' in built) return built.result;
  throw await unavailable(settings, [...quick.attempts, ...built.attempts]);
}
