import { VaultproofError } from '../../errors/index.js';
import { pathVariables } from './environment.js';
import type { Finding } from './find.js';
import type { Settings } from './settings.js';
import { defaultVersions, floorVersions } from './versions.js';

/**
 * The `engine_unavailable` error for an executable that no source had: its message names every finding and what would
 * help, and its details hold `attempts`, the findings as `{ source, status, detail }`.
 *
 * @param go the oldest Go that could build it: "1.25.3"
 */
export function unavailable(
  settings: Settings,
  findings: readonly Finding[],
  go: string,
  cause: unknown,
): VaultproofError {
  const { product, version, exact, releasesUrl } = settings;
  const attempts = findings.map(({ source, status, detail }) => ({ source, status, detail }));
  const remedies = [
    `put ${product} ${exact ? version : `${floorVersions[product]} or newer`} on PATH`,
    `set ${pathVariables[product]} to one`,
    `let "${releasesUrl}" be reached, or set VAULTPROOF_RELEASES_URL to a mirror`,
    ...(version === defaultVersions[product] ? [`install Go ${go} or newer`] : []),
  ];
  return new VaultproofError(
    'engine_unavailable',
    [
      `no ${product} executable could be had:`,
      ...attempts.map(({ source, detail }) => `  ${source}: ${detail}`),
      'do one of these:',
      ...remedies.map((remedy) => `  ${remedy}`),
    ].join('\n'),
    { details: { product, version, attempts }, cause },
  );
}
