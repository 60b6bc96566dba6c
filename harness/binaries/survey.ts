import { VaultproofError } from '../../errors/index.js';
import { pathVariables } from './environment.js';
import type { ExecutableOptions } from './executable.js';
import { explicitExecutable, type Finding, found, lookAround } from './find.js';
import { moduleFolder } from './go/module-folder.js';
import { goReadiness } from './go/readiness.js';
import { listedSum } from './release/download-release.js';
import { openHttpClient } from './release/http-client.js';
import { releaseFiles } from './release/release-files.js';
import { type Settings, settingsFor } from './settings.js';
import type { Product } from './versions.js';

/**
 * Every source of an executable in the order in which they are asked, PATH once for each candidate: what
 * `vaultproof doctor` shows. The first `found` is the one that would be used, unless the explicit path is `unusable`,
 * which is an error. For `release` the list of sums is asked for, for 5 s at most, and for `go-module` the Go client;
 * nothing is downloaded or built.
 *
 * @throws TypeError for malformed options
 */
export async function surveyExecutables(product: Product, options?: ExecutableOptions): Promise<readonly Finding[]> {
  const settings = settingsFor(product, options);
  const findings = [await explicitFinding(settings)];
  for await (const finding of lookAround(settings)) findings.push(finding);
  return [...findings, await releaseFinding(settings), await goFinding(settings)];
}

async function explicitFinding(settings: Settings): Promise<Finding> {
  const { explicit, product } = settings;
  if (explicit === undefined) {
    const detail = `neither the option executable nor ${pathVariables[product]} is set`;
    return { source: 'explicit', status: 'absent', detail };
  }
  return explicitExecutable(settings, explicit).then(found, (error: unknown) => {
    if (!(error instanceof VaultproofError)) throw error;
    const status = error.code === 'executable_not_found' ? 'absent' : 'unusable';
    return { source: 'explicit', status, detail: error.message };
  });
}

async function releaseFinding(settings: Settings): Promise<Finding> {
  const { archiveName, archiveUrl, sumsUrl } = releaseFiles(settings);
  try {
    await using client = await openHttpClient({ connectMs: 5_000, idleMs: 5_000 }, settings.signal);
    listedSum(await client.getWhole(sumsUrl, 2 ** 20), archiveName, sumsUrl);
    return { source: 'release', status: 'found', detail: `"${archiveUrl}" can be downloaded` };
  } catch (error) {
    if (!(error instanceof VaultproofError)) throw error;
    return { source: 'release', status: 'absent', detail: error.message };
  }
}

async function goFinding(settings: Settings): Promise<Finding> {
  const go = await goReadiness(settings, moduleFolder(settings.product));
  return go.status === 'found'
    ? {
        source: 'go-module',
        status: 'found',
        detail: `Go ${go.version} can build ${settings.product} ${settings.version}`,
      }
    : { source: 'go-module', status: go.status, detail: go.reason };
}
