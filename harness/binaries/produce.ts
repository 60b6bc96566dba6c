import { VaultproofError } from '../../errors/index.js';
import type { Finding } from './find.js';
import { buildModule } from './go/build-module.js';
import { requiredGo } from './go/module-folder.js';
import { goReadiness } from './go/readiness.js';
import type { Workplace } from './install-into-cache.js';
import type { Origins } from './origins.js';
import { downloadRelease } from './release/download-release.js';
import type { Settings } from './settings.js';
import { unavailable } from './unavailable.js';

/**
 * Makes an executable at `workplace.target`: the vendor's release, or a Go build where that can't be had.
 *
 * @param before what was looked at already, for the message
 * @throws VaultproofError `engine_unavailable` naming everything that was tried; `signature_untrusted`,
 *   `checksum_mismatch` or `archive_unsafe` for a release that was tampered with, which ends the attempt; `build_failed`
 */
export async function produceExecutable(
  settings: Settings,
  origins: Origins,
  workplace: Workplace,
  before: readonly Finding[],
): Promise<'release' | 'go-module'> {
  const { product, version, report } = settings;
  const failure = await tryRelease(settings, origins, workplace);
  if (failure !== undefined) {
    report(`no release of ${product} ${version}: ${failure.message}`);
    const release: Finding = { source: 'release', status: 'absent', detail: failure.message };
    const folder = origins.moduleFolder(product);
    const go = await goReadiness({ ...settings, signal: workplace.signal }, folder);
    if (go.status !== 'found') {
      const build: Finding = { source: 'go-module', status: go.status, detail: go.reason };
      throw unavailable(settings, [...before, release, build], await requiredGo(folder), failure);
    }
    await buildModule(settings, workplace, { folder, goVersion: go.version, progressMs: origins.progressMs });
  }
  report(`${product} ${version} is under the Business Source License 1.1 (BUSL-1.1): https://www.hashicorp.com/bsl`);
  return failure === undefined ? 'release' : 'go-module';
}

/** Downloads the release; returns the `download_failed` error when it can't be had, and throws any other. */
async function tryRelease(
  settings: Settings,
  origins: Origins,
  workplace: Workplace,
): Promise<VaultproofError | undefined> {
  try {
    await downloadRelease(settings, workplace, origins);
    return undefined;
  } catch (error) {
    if (error instanceof VaultproofError && error.code === 'download_failed') return error;
    throw error;
  }
}
