import type { TestContext } from 'vitest';
import { isRunnable } from '../../harness/binaries/index.js';
import { findChromium } from './find-chromium.js';
import { goIsMissing } from './go-verifier.js';
import { prepared } from './prepared.js';
import { remoteDockerIsMissing } from './remote-docker.js';

/** Something that not every machine has. */
export type Requirement = 'docker' | 'docker-remote' | 'terraform' | 'chromium' | 'linux' | 'go';

/** Why it is not there; undefined where it is. */
const checks: Record<Requirement, () => Promise<string | undefined>> = {
  docker: async () => {
    const { images } = prepared();
    return 'missing' in images ? images.missing : undefined;
  },
  terraform: async () => {
    const folders = (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
    const found = await Promise.all(
      folders.flatMap((folder) => ['terraform', 'tofu'].map((name) => isRunnable(`${folder}/${name}`))),
    );
    return found.includes(true) ? undefined : 'neither terraform nor tofu is on PATH';
  },
  'docker-remote': async () => remoteDockerIsMissing(),
  go: goIsMissing,
  chromium: async () => {
    return (await findChromium()) ? undefined : 'neither chromium, chromium-browser nor google-chrome is on PATH';
  },
  linux: async () => (process.platform === 'linux' ? undefined : `this is ${process.platform}`),
};

/**
 * A hook that skips a test, with the reason, where something that it needs is missing. Names in VAULTPROOF_REQUIRE,
 * with commas between them, make that a failure instead.
 *
 * @example
 * beforeEach(requires('docker'));
 */
export function requires(...requirements: readonly Requirement[]): (context: TestContext) => Promise<void> {
  return async ({ skip }) => {
    for (const requirement of requirements) {
      const reason = await checks[requirement]();
      if (reason === undefined) continue;
      if (isDemanded(requirement)) throw new Error(`VAULTPROOF_REQUIRE asks for ${requirement}: ${reason}`);
      skip(`needs ${requirement}: ${reason}`);
    }
  };
}

/**
 * Whether VAULTPROOF_REQUIRE names it; a Python with packages is looked for by the tests that need one, and a Vault that
 * has everything by `requiresOfVault`.
 */
export function isDemanded(requirement: Requirement | 'python' | 'vault'): boolean {
  return (process.env['VAULTPROOF_REQUIRE'] ?? '').split(',').some((name) => name.trim() === requirement);
}
