import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultproofError } from '../../../errors/index.js';
import { goEnvironment } from '../environment.js';
import type { Workplace } from '../install-into-cache.js';
import { hostPlatform } from '../platform.js';
import type { Settings } from '../settings.js';
import type { Product } from '../versions.js';
import { buildProgress } from './build-progress.js';
import { runTied } from './run-tied.js';

/** How a build is done. */
export interface GoBuild {
  /** Folder with the go.mod and go.sum; it is copied, and not written to. */
  readonly folder: string;
  /** Version of the Go client, for the progress line. */
  readonly goVersion: string;
  /** Milliseconds between two progress lines; 5,000 by default. */
  readonly progressMs?: number | undefined;
}

/** The package that is built, by product. */
const mainPackages: Record<Product, string> = {
  vault: 'github.com/hashicorp/vault',
  openbao: '',
  consul: 'github.com/hashicorp/consul',
};

/**
 * Builds a server with the plain Go client into `workplace.target`, statically linked and without symbols. Go checks
 * what it downloads against the go.sum of `build.folder`. Takes about a quarter of an hour on two cores for Vault.
 *
 * @throws VaultproofError `build_failed` with the end of Go's output
 */
export async function buildModule(settings: Settings, workplace: Workplace, build: GoBuild): Promise<void> {
  const { product, version } = settings;
  const folder = join(workplace.scratch, 'module');
  await cp(build.folder, folder, { recursive: true });
  const { os, arch } = hostPlatform();
  const output: string[] = [];
  using progress = buildProgress(settings, build.goVersion, build.progressMs);
  const exitCode = await runTied({
    file: 'go',
    args: [
      ...['build', '-mod=readonly', '-v', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w'],
      ...['-o', workplace.target, mainPackages[product]],
    ],
    cwd: folder,
    env: {
      ...goEnvironment(),
      // Go's own work folder, so that it goes with ours when the build is killed.
      GOTMPDIR: workplace.scratch,
      ...{ CGO_ENABLED: '0', GO111MODULE: 'on', GOWORK: 'off', GOOS: os, GOARCH: arch },
    },
    signal: workplace.signal,
    onLine: (line) => {
      progress.read(line);
      output.push(line);
      if (output.length > 20) output.shift();
    },
  });
  if (exitCode === 0) return;
  throw new VaultproofError(
    'build_failed',
    `building ${product} ${version} from Go modules failed (${exitCode === undefined ? 'killed' : `exit code ${exitCode}`}): ` +
      `correct what Go says, or put a ${product} executable on PATH\n${output.join('\n')}`,
    { details: { product, version, exitCode, output: output.join('\n') } },
  );
}
