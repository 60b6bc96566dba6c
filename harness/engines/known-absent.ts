import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../internal/atomic-file.js';
import { makeFolder, proxySettings } from '../binaries/index.js';

/** It is asked again after this long: the machine may be on another network by then. */
const DAY_MS = 24 * 3_600_000;

/** Which server could not be had from any quick source, and what it was asked of. */
export interface Absence {
  readonly product: string;
  readonly version: string;
  readonly cacheDir: string;
  readonly releasesUrl: string;
  readonly image: string;
  /** As DOCKER_HOST has it; undefined where no Docker answered. */
  readonly dockerHost: string | undefined;
}

/**
 * Whether {@link rememberAbsent} was told within a day that this server can't be had in seconds. Without it, a machine
 * behind a firewall would wait for time-outs at every start.
 */
export async function isKnownAbsent(absence: Absence): Promise<boolean> {
  try {
    const since = Number(await readFile(memoPath(absence), 'utf8'));
    const age = Date.now() - since;
    return age >= 0 && age < DAY_MS;
  } catch {
    return false;
  }
}

/** Remembers that a server can't be had in seconds. Where the cache can't be written, nothing is kept and nothing fails. */
export async function rememberAbsent(absence: Absence): Promise<void> {
  try {
    await makeFolder(join(absence.cacheDir, 'checks'));
    await writeFileAtomically(memoPath(absence), String(Date.now()), { mode: 0o644 });
  } catch {
    // It is looked for again.
  }
}

function memoPath({ cacheDir, product, version, releasesUrl, image, dockerHost }: Absence): string {
  const asked = JSON.stringify([product, version, releasesUrl, image, dockerHost, ...proxySettings()]);
  return join(cacheDir, 'checks', `absent-${createHash('sha256').update(asked).digest('hex').slice(0, 32)}`);
}
