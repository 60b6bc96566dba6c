import type { Executable, ExecutableOptions } from './executable.js';
import { explicitExecutable, type Finding, lookAround } from './find.js';
import { installIntoCache } from './install-into-cache.js';
import { type Origins, vendorOrigins } from './origins.js';
import { produceExecutable } from './produce.js';
import { type Settings, settingsFor } from './settings.js';
import type { Product } from './versions.js';

/**
 * An executable, from the first of these that has one: the explicit path, PATH, the cache, the vendor's release
 * download, a build from Go modules. The last two fill the cache, once however many processes ask; `report` is told
 * how far they are.
 *
 * @throws VaultproofError as `findExecutable` for an explicit path; `engine_unavailable` naming every source and why it
 *   had none; `signature_untrusted`, `checksum_mismatch` or `archive_unsafe` when a download was tampered with;
 *   `build_failed`; `cache_unwritable`, `cache_full`
 * @throws TypeError for malformed options
 */
export async function obtainExecutable(product: Product, options?: ExecutableOptions): Promise<Executable> {
  const settings = settingsFor(product, options);
  settings.signal?.throwIfAborted();
  if (settings.explicit !== undefined) return explicitExecutable(settings, settings.explicit);
  const findings: Finding[] = [];
  for await (const finding of lookAround(settings)) {
    if (finding.executable !== undefined) return finding.executable;
    findings.push(finding);
  }
  return installFrom(settings, vendorOrigins, findings);
}

/**
 * The executable in the cache, downloaded or built first where there is none: what `vaultproof engines install` does.
 * The explicit path and PATH are not looked at. Throws as {@link obtainExecutable} does.
 */
export async function installExecutable(product: Product, options?: ExecutableOptions): Promise<Executable> {
  return installFrom(settingsFor(product, options), vendorOrigins);
}

/** {@link installExecutable} from other origins; `before` is what was looked at already, for the message. */
export async function installFrom(
  settings: Settings,
  origins: Origins,
  before: readonly Finding[] = [],
): Promise<Executable> {
  settings.signal?.throwIfAborted();
  return installIntoCache(settings, (workplace) => produceExecutable(settings, origins, workplace, before));
}
